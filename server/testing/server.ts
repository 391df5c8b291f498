import { chmod, mkdtemp, realpath, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { startEmbedded } from "../db/embedded.ts";

/** The same server, user and password; another database. */
export function databaseAt(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

/** One statement on a connection of its own: what creates or drops databases allows no company. */
export async function onServer<Row>(url: string, statement: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
}

export interface TestServer {
  url: string;
  stop(): Promise<void>;
}

const memory = "/dev/shm";
const roomForRun = 6 * 1024 ** 3;

/**
 * In memory where there is plenty: nothing of a run outlasts it, and thousands of its commits would wait for
 * a disk. What a crash or a power cut leaves is tested on disks (`own-postgres.ts`, `loop-disk.ts`).
 */
async function placeOfRun(): Promise<string> {
  const there = await statfs(memory).catch(() => undefined);
  const room = there === undefined ? 0 : there.bavail * there.bsize;
  const isPlenty = Math.min(room, process.availableMemory()) > roomForRun;
  return isPlenty ? memory : realpath(tmpdir());
}

/** A PostgreSQL of this run's own: its data goes when the run ends, even when the run is killed. */
export async function startTestServer(): Promise<TestServer> {
  const dir = await mkdtemp(join(await placeOfRun(), "zerorace-test-"));
  // Private as it is made, which would also shut out the user that PostgreSQL runs as under root.
  await chmod(dir, 0o711);
  const server = await startEmbedded({
    dataDir: join(dir, "postgres"),
    removeAtEnd: dir,
    // A run writes gigabytes, and needs none of them again.
    settings: { max_wal_size: "512MB" },
  });
  try {
    const [row] = await onServer<{ data_directory: string }>(server.url, "show data_directory");
    if (row?.data_directory !== server.dataDir) {
      throw new Error(`Port ${server.port} is answered by somebody else's PostgreSQL.`);
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
