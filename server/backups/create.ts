import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { overSnapshot, type DumpedTable, type Snapshot } from "../db/dump.ts";
import type { Db } from "../db/open.ts";
import { endOfRows, footerLine, headerLine, openingLine, type Header, type Sum } from "./format.ts";

/** What is about processes and browsers that will be gone: who restores signs in anew. */
const leftOut = new Set(["schema_migrations", "leases", "sessions"]);

export interface Created {
  readonly path: string;
  readonly bytes: number;
  readonly header: Header;
  readonly rows: number;
}

export interface CreateOptions {
  readonly dir: string;
  readonly version: string;
  readonly sealingKey: string;
  readonly signal?: AbortSignal;
  readonly onTable?: (name: string) => void;
}

/** One consistent file of everything, while people buy. Under its name it is always whole. */
export async function createBackup(db: Db, options: CreateOptions): Promise<Created> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  return overSnapshot(db, async (all) => {
    const header: Header = {
      format: 1,
      version: options.version,
      at: all.at.toISOString(),
      serverVersion: all.serverVersion,
      sealingKey: options.sealingKey,
      migrations: all.migrations,
    };
    const path = join(options.dir, nameOf(all.at));
    const part = `${path}.part`;
    const sums: Record<string, Sum> = {};
    try {
      const { signal } = options;
      // Whoever reads it reads everything: it is for its owner alone.
      const file = createWriteStream(part, { mode: 0o600, flush: true });
      const text = textOf(all, header, sums, options);
      await pipeline(text, createGzip({ level: 4 }), file, signal ? { signal } : {});
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await flushFolder(options.dir);
    const { size } = await stat(path);
    const rows = Object.values(sums).reduce((sum, one) => sum + one.rows, 0);
    return { path, bytes: size, header, rows };
  });
}

/** Sorts by time, and stands in any file system. */
const nameOf = (at: Date): string => `zerorace-${at.toISOString().replaceAll(/[:.]/g, "-")}.sql.gz`;

async function* textOf(
  all: Snapshot,
  header: Header,
  sums: Record<string, Sum>,
  { onTable }: CreateOptions,
): AsyncGenerator<Buffer> {
  const whole = createHash("sha256");
  const said = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    whole.update(bytes);
    return bytes;
  };
  yield said(headerLine(header));
  for (const table of all.tables.filter(({ name }) => !leftOut.has(name))) {
    onTable?.(table.name);
    yield said(openingLine(table));
    for await (const chunk of rowsOf(all, table, sums)) {
      whole.update(chunk);
      yield chunk;
    }
    yield said(endOfRows);
  }
  yield Buffer.from(footerLine({ tables: sums, sha256: whole.digest("hex") }));
}

async function* rowsOf(
  all: Snapshot,
  table: DumpedTable,
  sums: Record<string, Sum>,
): AsyncGenerator<Buffer> {
  const sha256 = createHash("sha256");
  let [rows, bytes] = [0, 0];
  for await (const chunk of all.rowsOf(table) as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    bytes += chunk.length;
    rows += linesIn(chunk);
    yield chunk;
  }
  sums[table.name] = { rows, bytes, sha256: sha256.digest("hex") };
}

export function linesIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++;
  return count;
}

/** So that the name, too, outlives a power cut. */
async function flushFolder(dir: string): Promise<void> {
  const folder = await open(dir, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
