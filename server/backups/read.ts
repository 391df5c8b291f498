import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { createGunzip } from "node:zlib";
import type { DumpedTable } from "../db/dump.ts";
import { linesIn } from "./create.ts";
import {
  BackupError,
  endOfRows,
  readFooter,
  readHeader,
  readOpening,
  type Footer,
  type Header,
  type Sum,
} from "./format.ts";

export type Piece =
  | { readonly kind: "header"; readonly header: Header }
  | { readonly kind: "table"; readonly table: DumpedTable }
  /** Whole rows, each with its line break. */
  | { readonly kind: "rows"; readonly rows: Buffer }
  | { readonly kind: "end"; readonly table: DumpedTable; readonly sum: Sum }
  | { readonly kind: "footer"; readonly footer: Footer };

/** What is in a file, piece by piece, held against its own sums on the way. Throws at the first doubt. */
export async function* readBackup(path: string): AsyncGenerator<Piece> {
  const pieces = new Pieces();
  const file = createReadStream(path);
  const text = createGunzip();
  file.on("error", (error) => text.destroy(error));
  try {
    for await (const chunk of file.pipe(text)) yield* pieces.of(chunk as Buffer);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (error instanceof BackupError || code === "ENOENT" || code === "EACCES") throw error;
    throw new BackupError(`it is damaged: ${(error as Error).message}`, { cause: error });
  } finally {
    file.destroy();
  }
  pieces.close();
}

/** The first line alone. */
export async function headerOf(path: string): Promise<Header> {
  for await (const piece of readBackup(path)) if (piece.kind === "header") return piece.header;
  throw new BackupError("it is empty");
}

/** All of it is read, and nothing is changed: what it holds, or why it cannot be trusted. */
export async function verifyBackup(path: string): Promise<{ header: Header; footer: Footer }> {
  let header: Header | undefined;
  let footer: Footer | undefined;
  for await (const piece of readBackup(path)) {
    if (piece.kind === "header") header = piece.header;
    if (piece.kind === "footer") footer = piece.footer;
  }
  if (!header || !footer) throw new BackupError("it is not whole");
  return { header, footer };
}

class Pieces {
  readonly #whole = createHash("sha256");
  readonly #sums: Record<string, Sum> = {};
  #rest: Buffer = Buffer.alloc(0);
  #header: Header | undefined;
  #footer: Footer | undefined;
  #open: OpenTable | undefined;

  *of(chunk: Buffer): Generator<Piece> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const before = this.#rest.length;
      const piece = this.#open ? this.#rows(this.#open) : this.#line();
      if (piece) yield piece;
      if (!piece && this.#rest.length === before) return;
    }
  }

  close(): void {
    if (!this.#footer || this.#rest.length > 0) {
      throw new BackupError("it is cut off, or goes on after its end");
    }
  }

  /** A line that is not a row: the header, the beginning of a table, the footer. */
  #line(): Piece | undefined {
    const end = this.#rest.indexOf(10);
    if (end < 0) return undefined;
    if (this.#footer) throw new BackupError("it goes on after its end");
    const line = this.#rest.toString("utf8", 0, end);
    this.#header ??= readHeader(line);
    const footer = readFooter(line);
    if (footer) {
      this.#rest = this.#rest.subarray(end + 1);
      return this.#end(footer);
    }
    const isFirst = line.startsWith("-- ");
    const table = isFirst ? undefined : readOpening(line);
    if (!isFirst && !table) throw new BackupError("a line in it is not one of ours");
    this.#take(end + 1);
    if (!table) return { kind: "header", header: this.#header };
    this.#open = { table, sha256: createHash("sha256"), rows: 0, bytes: 0 };
    return { kind: "table", table };
  }

  #rows(open: OpenTable): Piece | undefined {
    const end = endOfRowsIn(this.#rest);
    if (end === 0) {
      this.#take(endOfRows.length);
      this.#open = undefined;
      const { table, rows, bytes } = open;
      const sum = { rows, bytes, sha256: open.sha256.digest("hex") };
      this.#sums[table.name] = sum;
      return { kind: "end", table, sum };
    }
    // Without the end in sight only whole lines are rows for certain.
    const length = end ?? this.#rest.lastIndexOf(10) + 1;
    if (length === 0) return undefined;
    const rows = this.#take(length);
    open.sha256.update(rows);
    open.rows += linesIn(rows);
    open.bytes += rows.length;
    return { kind: "rows", rows };
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#whole.update(taken);
    return taken;
  }

  #end(footer: Footer): Piece {
    const sha256 = this.#whole.digest("hex");
    for (const [name, sum] of Object.entries(footer.tables)) {
      if (!isDeepStrictEqual(this.#sums[name], sum)) {
        throw new BackupError(`the rows of ${name} are not those that were written`);
      }
    }
    if (sha256 !== footer.sha256) throw new BackupError("it was changed after it was written");
    this.#footer = footer;
    return { kind: "footer", footer };
  }
}

interface OpenTable {
  readonly table: DumpedTable;
  readonly sha256: ReturnType<typeof createHash>;
  rows: number;
  bytes: number;
}

/** Where the line stands that ends the rows; only where a line begins. */
function endOfRowsIn(buffer: Buffer): number | undefined {
  for (let at = buffer.indexOf(endOfRows); at >= 0; at = buffer.indexOf(endOfRows, at + 1)) {
    if (at === 0 || buffer[at - 1] === 10) return at;
  }
  return undefined;
}
