import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { environment } from "../../base/config.ts";
import { freePort } from "../../base/free-port.ts";
import { makeMetrics } from "../../base/metrics.ts";
import { dsqlSchema } from "../../db/dialect.ts";
import { migrate } from "../../db/migrate.ts";
import { openDb } from "../../db/open.ts";
import { dsqlAt } from "../../db/place.ts";
import { unreliable } from "../unreliable.ts";
import { Closing } from "./closing.ts";
import { startMortalPostgres } from "./engine-postgres.ts";
import type { DsqlEngine } from "./engine.ts";
import { startMortal, type Mortal } from "./mortal.ts";

const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const readyMs = 120_000;
const host = "localhost";
const region = "local";
const user = "admin";

/**
 * A local Aurora DSQL of its own, with TLS and tokens as a cluster is met: `zerorace dsql-local` in a
 * process that can be killed, before a PostgreSQL that can be killed, too.
 */
export function openDsql(dir: string): Promise<DsqlEngine> {
  return Closing.whole(async (closing) => {
    const postgres = await startMortalPostgres(dir, { max_connections: "400" });
    closing.add(() => postgres.stop());
    const identity = { accessKeyId: "VERIFY", secretAccessKey: randomBytes(20).toString("hex") };
    const cluster = await startCluster(dir, postgres.url, identity);
    closing.add(() => cluster.stop());
    const ca = await readFile(cluster.certificate, "utf8");
    const place = dsqlAt({
      hosts: [{ host, port: cluster.port, region }],
      user,
      ca,
      connectsPerSecond: 100,
      identity: () => Promise.resolve(identity),
    });
    const name = "zerorace-verify";
    const db = openDb({ place, name, poolMax: 4 }, makeMetrics());
    closing.add(() => db.close());
    await migrate(db);
    const url = `${postgres.url}?options=${encodeURIComponent(`-c search_path=${dsqlSchema}`)}`;
    const beneath = openDb({ url, name, poolMax: 4 }, makeMetrics());
    closing.add(() => beneath.close());
    // TLS hides the statements from it: what becomes of COMMITs is said to the cluster itself.
    const network = await unreliable(`tcp://127.0.0.1:${cluster.port}`, "not PostgreSQL");
    closing.add(() => network.close());
    return {
      name: "dsql",
      db,
      beneath,
      network,
      env: {
        ZERORACE_DATABASE: "dsql",
        ZERORACE_DSQL_HOSTS: `${host}:${new URL(network.url).port}`,
        ZERORACE_DSQL_REGIONS: region,
        ZERORACE_DSQL_USER: user,
        ZERORACE_DSQL_CA: cluster.certificate,
        AWS_ACCESS_KEY_ID: identity.accessKeyId,
        AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
      },
      async inject(specs) {
        for (const spec of specs) await cluster.order("inject", spec);
      },
      changeCatalog: async () => void (await db.pool.query("grant select on tenants to admin")),
      crowd: () => cluster.order("crowd/1"),
      killCluster: () => cluster.kill(),
      killPostgres: () => postgres.kill(),
      async heal() {
        await cluster.order("clear");
        await cluster.order("restore/1");
      },
      close: () => closing.close(),
    };
  });
}

interface Cluster {
  readonly port: number;
  readonly certificate: string;
  order(what: string, how?: string): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

async function startCluster(
  dir: string,
  databaseUrl: string,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): Promise<Cluster> {
  const [port, controlPort] = [await freePort(), await freePort()];
  const dataDir = join(dir, "cluster");
  const args = [
    "dsql-local",
    `--port=${port}`,
    `--control-port=${controlPort}`,
    `--database-url=${databaseUrl}`,
    `--tls=${host}`,
    "--tokens",
    `--secret=${accessKeyId}:${secretAccessKey}`,
    "--job-delay=0",
  ];
  const control = (path: string, body?: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${controlPort}/${path}`, {
      ...(body !== undefined && { method: "POST", body }),
      signal: AbortSignal.timeout(5_000),
    });
  const start = async (): Promise<Mortal> => {
    const env = { PATH: environment().PATH ?? "/usr/bin:/bin", ZERORACE_DATA_DIR: dataDir };
    const log = join(dir, "cluster.log");
    const started = await startMortal([process.execPath, cli, ...args], env, log);
    const until = performance.now() + readyMs;
    while (!(await control("status").catch(() => undefined))?.ok) {
      if (performance.now() > until) {
        await started.kill();
        throw new Error(`The local Aurora DSQL did not get ready: ${await readFile(log, "utf8")}`);
      }
      await sleep(50);
    }
    return started;
  };
  let running = await start();
  return {
    port,
    certificate: `${dataDir}-dsql-local.crt`,
    async order(what, how = "") {
      const reply = await control(what, how);
      if (!reply.ok) throw new Error(`dsql-local does not ${what}: ${await reply.text()}`);
    },
    async kill() {
      await running.kill();
      running = await start();
    },
    stop: () => running.kill(),
  };
}
