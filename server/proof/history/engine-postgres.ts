import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeMetrics } from "../../base/metrics.ts";
import { startEmbedded, type EmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb, type Db } from "../../db/open.ts";
import { unreliable, type Policy } from "../unreliable.ts";
import { Closing } from "./closing.ts";
import type { PostgresEngine } from "./engine.ts";

const readyMs = 120_000;
const pass: Policy = () => "pass";

/** A PostgreSQL of its own in this directory, with the schema, behind a network that can be bad. */
export function openPostgres(dir: string): Promise<PostgresEngine> {
  return Closing.whole(async (closing) => {
    const postgres = await startMortalPostgres(dir);
    closing.add(() => postgres.stop());
    const db = openDb({ url: postgres.url, name: "zerorace-verify", poolMax: 4 }, makeMetrics());
    closing.add(() => db.close());
    await migrate(db);
    let policy = pass;
    const network = await unreliable(postgres.url, (nth) => policy(nth));
    closing.add(() => network.close());
    return {
      name: "postgres",
      db,
      beneath: db,
      network,
      env: { ZERORACE_DATABASE_URL: network.url },
      setPolicy: (next) => (policy = next),
      killBackend: () => killBackend(db),
      killPostgres: () => postgres.kill(),
      heal: async () => void (policy = pass),
      close: () => closing.close(),
    };
  });
}

/** A PostgreSQL that is started again where it was when it was killed. */
export interface MortalPostgres {
  readonly url: string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMortalPostgres(
  dir: string,
  settings: Record<string, string> = {},
): Promise<MortalPostgres> {
  let postgres = await startEmbedded({ dataDir: join(dir, "postgres"), settings });
  return {
    url: postgres.url,
    async kill() {
      process.kill(await postmasterOf(postgres.dataDir), "SIGKILL");
      await postgres.exited;
      postgres = await startAgain(postgres, settings);
    },
    stop: () => postgres.stop(),
  };
}

async function postmasterOf(dataDir: string): Promise<number> {
  const [pid] = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n");
  return Number(pid);
}

/** Its processes take a moment to notice that they are alone, and keep a new one out until then. */
async function startAgain(
  { dataDir, port }: EmbeddedPostgres,
  settings: Record<string, string>,
): Promise<EmbeddedPostgres> {
  const until = performance.now() + readyMs;
  for (;;) {
    try {
      return await startEmbedded({ dataDir, port, settings });
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(50);
    }
  }
}

/** One connection of a server: PostgreSQL then ends all others and recovers, as it does after a crash. */
async function killBackend(db: Db): Promise<void> {
  const { rows } = await db.pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = 'zerorace-kernel' limit 1",
  );
  const pid = rows[0]?.pid;
  if (pid !== undefined) process.kill(pid, "SIGKILL");
}
