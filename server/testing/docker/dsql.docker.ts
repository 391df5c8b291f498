import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { findDifferent, inSandbox, keepBuying } from "./buyers.ts";
import { cleanClone, type Installation } from "./engine.ts";

/** A cluster on this machine: `zerorace dsql-local` with TLS and tokens, on a PostgreSQL of its own. */
const cluster = "cluster.dsql.local";
// In a volume that all of them have, and that belongs to the user they run as.
const data = "/backups/cluster";
const standIn = {
  services: {
    beneath: {
      image: "postgres:18.4-alpine",
      environment: { POSTGRES_PASSWORD: "beneath" },
      networks: ["data"],
      healthcheck: {
        test: ["CMD", "pg_isready", "-h", "127.0.0.1"],
        start_period: "120s",
        start_interval: "1s",
      },
    },
    cluster: {
      image: "zerorace:${ZERORACE_VERSION}",
      command:
        `dsql-local --host 0.0.0.0 --port 5432 --tls ${cluster} --tokens ` +
        "--database-url postgres://postgres:beneath@beneath:5432/postgres",
      environment: { ZERORACE_DATA_DIR: data },
      volumes: ["backups:/backups"],
      networks: { data: { aliases: [cluster] } },
      depends_on: { beneath: { condition: "service_healthy" } },
      healthcheck: {
        test: [
          "CMD",
          "/usr/local/bin/node",
          "-e",
          'require("net").connect(5432).on("connect", () => process.exit(0)).on("error", () => process.exit(1))',
        ],
        start_period: "120s",
        start_interval: "1s",
      },
    },
    migrate: { depends_on: { cluster: { condition: "service_healthy" } } },
  },
};

let here: Installation;
beforeAll(async () => {
  here = await cleanClone({
    COMPOSE_FILE: "docker-compose.yml:docker-compose.dsql.yml:cluster.json",
    ZERORACE_DSQL_HOSTS: `${cluster}:5432`,
    ZERORACE_DSQL_REGIONS: "local",
    ZERORACE_DSQL_CA: `${data}-dsql-local.crt`,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
  // YAML that happens to be JSON.
  await writeFile(join(here.dir, "cluster.json"), JSON.stringify(standIn));
  await here.compose("build", "--quiet");
  // As docs/how-to/aurora-dsql.md says: migrate, say which IAM role is which, start.
  await here.compose("run", "--rm", "migrate");
  const node = ["--no-deps", "--entrypoint", "/usr/local/bin/node", "migrate"];
  await here.compose("run", "--rm", "-T", ...node, "-e", grant);
  await here.compose("up", "--wait");
});
afterAll(() => here.remove());

/** What somebody types into psql with a token of the admin's; the image has no psql. */
const grant = `
const { Client } = require("/app/node_modules/pg");
const { DsqlSigner } = require("/app/node_modules/@aws-sdk/dsql-signer");
const { readFileSync } = require("fs");
const [host, port] = process.env.ZERORACE_DSQL_HOSTS.split(":");
(async () => {
  const password = await new DsqlSigner({ hostname: host, region: "local" }).getDbConnectAdminAuthToken();
  const ssl = { ca: readFileSync(process.env.ZERORACE_DSQL_CA) };
  const client = new Client({ host, port, user: "admin", password, database: "postgres", ssl });
  await client.connect();
  await client.query("AWS IAM GRANT zerorace_server TO 'arn:aws:iam::1:role/zerorace-server'");
  await client.end();
})();`;

/** A run in a world of its own, and the proof: again, when a busy machine was too slow for it. */
async function outcomeOf(...command: readonly string[]): Promise<unknown> {
  const tries = { timeout: 200_000, interval: 1_000 };
  // What does not hold says so, and is no success either.
  const said = (error: { stdout?: string }): string => error.stdout?.trim() ?? "";
  const run = (): Promise<string> => here.zerorace(...command, "--json").catch(said);
  return JSON.parse(await vi.waitUntil(run, tries)) as unknown;
}

it("comes up with no database of its own, as the role that may only serve", async () => {
  const services = (await here.compose("ps", "--services")).trim().split("\n");
  expect(services.toSorted()).toEqual(
    ["beneath", "cluster", "dynamodb", "redis", "server", "worker"].toSorted(),
  );
  const settings = await here.zerorace("config");
  expect(settings).toMatch(/ZERORACE_DATABASE +dsql/);
  expect(settings).toMatch(/ZERORACE_DSQL_USER +zerorace_server/);
});

it("sells once for a key, takes 10,000 agents for 100 units, and the books hold", async () => {
  const commit = inSandbox(here.url);
  const key = randomUUID();
  const bought = await commit(key);
  expect(bought).toMatchObject({ outcome: "COMMITTED", replayed: false });
  expect(await commit(key)).toEqual({ ...bought, replayed: true });
  const swarm = await outcomeOf("swarm", "--agents", "10000", "--units", "100");
  expect(swarm).toMatchObject({ ok: true, sold: 100 });
  expect(await outcomeOf("prove")).toMatchObject({ holds: true });
});

it("loses nothing when the server is killed while people buy", async () => {
  const commit = inSandbox(here.url);
  const traffic = keepBuying(commit);
  await expect.poll(() => traffic.answers.size, { timeout: 60_000 }).toBeGreaterThan(20);
  await here.compose("kill", "--signal", "KILL", "server");
  await here.compose("start", "server");
  const before = traffic.answers.size;
  await expect.poll(() => traffic.answers.size, { timeout: 90_000 }).toBeGreaterThan(before + 10);
  await traffic.stop();
  expect(await findDifferent(commit, traffic.answers)).toEqual([]);
  expect(await outcomeOf("prove")).toMatchObject({ holds: true });
});
