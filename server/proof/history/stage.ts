import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, realpath, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { environment } from "../../base/config.ts";
import { removeWithUs } from "../../base/end-with-us.ts";
import { freePort } from "../../base/free-port.ts";
import type { Db } from "../../db/open.ts";
import { openCaches, type Caches } from "./caches.ts";
import { Closing } from "./closing.ts";
import { openDsql } from "./engine-dsql.ts";
import { openPostgres } from "./engine-postgres.ts";
import type { Engine, EngineName } from "./engine.ts";
import { startMortal, type Mortal } from "./mortal.ts";

/** An installation of a run's own, in which everything may be killed. */
export interface Stage {
  readonly engine: Engine;
  /** Past all that is bad: to open worlds, and to look. */
  readonly db: Db;
  /** Where the servers are asked. */
  readonly urls: readonly string[];
  readonly caches: Caches;
  killServer(nth: number): Promise<void>;
  killWorker(): Promise<void>;
  close(): Promise<void>;
}

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const readyMs = 120_000;
/** A new PostgreSQL takes 42 MB, its log grows fast, and a full disk would look like a broken promise. */
const roomMinMB = 512;

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
  // The receiver of a run is on this machine, and sometimes hangs.
  ZERORACE_WEBHOOK_TARGETS: "any",
  ZERORACE_WEBHOOK_TIMEOUT_MS: "1000",
};

const engines = { postgres: openPostgres, dsql: openDsql };

export async function openStage(servers: number, engine: EngineName = "postgres"): Promise<Stage> {
  const place = await realpath(tmpdir());
  await needRoom(place);
  const dir = await mkdtemp(join(place, "zerorace-verify-"));
  removeWithUs(dir);
  // Private as it is made, which would also shut out the user that PostgreSQL runs as under root.
  await chmod(dir, 0o711);
  return Closing.whole((closing) => {
    closing.add(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }));
    return build(dir, servers, engine, closing);
  });
}

async function needRoom(place: string): Promise<void> {
  const { bavail, bsize } = await statfs(place);
  const freeMB = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMB >= roomMinMB) return;
  throw new Error(
    `An installation of its own needs ${roomMinMB} MB, and ${place} has ${freeMB} MB left: let TMPDIR name a place with more.`,
  );
}

async function build(
  dir: string,
  servers: number,
  engineName: EngineName,
  closing: Closing,
): Promise<Stage> {
  const engine = await engines[engineName](dir);
  closing.add(() => engine.close());
  const caches = await openCaches(dir, closing);
  const env = {
    ...settings,
    ZERORACE_SEALING_KEY: randomBytes(32).toString("base64"),
    ...engine.env,
    PATH: environment().PATH ?? "/usr/bin:/bin",
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
  closing.add(() => Promise.all([...running, worker].map((one) => one.kill())));
  await Promise.all(urls.map(untilReady));
  return {
    engine,
    db: engine.db,
    urls,
    caches,
    async killServer(nth) {
      await running[nth]?.kill();
      running[nth] = await start(["serve"], String(ports[nth]));
      await untilReady(urls[nth] ?? "");
    },
    async killWorker() {
      await worker.kill();
      worker = await start(["worker"]);
    },
    close: () => closing.close(),
  };
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
