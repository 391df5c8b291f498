import { chmod, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { environment } from "../../base/config.ts";
import { freePort } from "../../base/free-port.ts";
import { makeMetrics } from "../../base/metrics.ts";
import { startEmbedded } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb, type Db } from "../../db/open.ts";
import { unreliable, type Policy, type Unreliable } from "../unreliable.ts";
import { openCaches, type Caches } from "./caches.ts";
import { startMortal, type Mortal } from "./mortal.ts";

/** An installation of a run's own, in which everything may be killed. */
export interface Stage {
  /** Past all that is bad: to open worlds and to read their books. */
  readonly db: Db;
  /** Where the servers are asked. */
  readonly urls: readonly string[];
  /** Between the servers and PostgreSQL. */
  readonly network: Unreliable;
  /** Between servers, worker and Redis. */
  readonly redis: Unreliable;
  readonly caches: Caches;
  /** What becomes of COMMITs from now on. */
  setPolicy(policy: Policy): void;
  killBackend(): Promise<void>;
  /** PostgreSQL, all of it; it is started again, and has recovered when this returns. */
  killPostgres(): Promise<void>;
  killServer(nth: number): Promise<void>;
  killWorker(): Promise<void>;
  close(): Promise<void>;
}

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const readyMs = 120_000;
const pass: Policy = () => "pass";

/** Shorter than usual, so that a commit that hangs is a doubt within the time of a run. */
const settings = {
  ZERORACE_ATTEMPT_TIMEOUT_MS: "2000",
  ZERORACE_ASK_DEADLINE_MS: "5000",
  ZERORACE_RATE_PER_KEY: "0",
  ZERORACE_RATE_PER_TENANT: "0",
  ZERORACE_RATE_PER_IP: "0",
  ZERORACE_SANDBOX: "off",
  ZERORACE_METRICS_PORT: "0",
  ZERORACE_WORKER_METRICS_PORT: "0",
  ZERORACE_LOG_LEVEL: "error",
};

export async function openStage(servers: number): Promise<Stage> {
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-verify-"));
  // Private as it is made, which would also shut out the user that PostgreSQL runs as under root.
  await chmod(dir, 0o711);
  const closing: (() => Promise<unknown> | void)[] = [
    () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  ];
  const close = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one();
  };
  try {
    return await build(dir, servers, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  dir: string,
  servers: number,
  closing: (() => Promise<unknown> | void)[],
  close: () => Promise<void>,
): Promise<Stage> {
  let postgres = await startEmbedded({ dataDir: join(dir, "postgres") });
  closing.push(() => postgres.stop());
  const db = openDb({ url: postgres.url, name: "zerorace-verify", poolMax: 4 }, makeMetrics());
  closing.push(() => db.close());
  await migrate(db);
  const caches = await openCaches(dir, closing);
  let policy = pass;
  const network = await unreliable(postgres.url, (nth) => policy(nth));
  closing.push(() => network.close());
  const env = {
    ...settings,
    PATH: environment().PATH ?? "/usr/bin:/bin",
    ZERORACE_DATABASE_URL: network.url,
    ...caches.env,
  };
  const ports = await Promise.all(Array.from({ length: servers }, () => freePort()));
  const start = (args: readonly string[], port = "0"): Promise<Mortal> =>
    startMortal(
      [process.execPath, cli, ...args],
      { ...env, ZERORACE_PORT: port },
      join(dir, "servers.log"),
    );
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const running = await Promise.all(ports.map((port) => start(["serve"], String(port))));
  let worker = await start(["worker"]);
  closing.push(() => Promise.all([...running, worker].map((one) => one.kill())));
  await Promise.all(urls.map(untilReady));
  return {
    db,
    urls,
    network,
    redis: caches.redis,
    caches,
    setPolicy: (next) => (policy = next),
    killBackend: () => killBackend(db),
    async killPostgres() {
      process.kill(await postmasterOf(postgres.dataDir), "SIGKILL");
      await postgres.exited;
      postgres = await startAgain(postgres);
    },
    async killServer(nth) {
      await running[nth]?.kill();
      running[nth] = await start(["serve"], String(ports[nth]));
      await untilReady(urls[nth] ?? "");
    },
    async killWorker() {
      await worker.kill();
      worker = await start(["worker"]);
    },
    close,
  };
}

/** One connection of a server: PostgreSQL then ends all others and recovers, as it does after a crash. */
async function killBackend(db: Db): Promise<void> {
  const { rows } = await db.pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = 'zerorace-kernel' limit 1",
  );
  const pid = rows[0]?.pid;
  if (pid !== undefined) process.kill(pid, "SIGKILL");
}

async function postmasterOf(dataDir: string): Promise<number> {
  const [pid] = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n");
  return Number(pid);
}

interface Gone {
  readonly dataDir: string;
  readonly port: number;
}

/** Its processes take a moment to notice that they are alone, and keep a new one out until then. */
async function startAgain({ dataDir, port }: Gone): ReturnType<typeof startEmbedded> {
  const until = performance.now() + readyMs;
  for (;;) {
    try {
      return await startEmbedded({ dataDir, port });
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(50);
    }
  }
}

async function untilReady(url: string): Promise<void> {
  const until = performance.now() + readyMs;
  for (;;) {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(
      () => undefined,
    );
    if (ready?.status === 200) return;
    if (performance.now() > until) throw new Error(`The server at ${url} did not get ready.`);
    await sleep(50);
  }
}
