import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readConfig } from "../server/base/config.ts";
import { makeLog } from "../server/base/log.ts";
import { invariants } from "../server/proof/invariants.ts";
import { openTest } from "../server/testing/database.ts";
import { commitBodyOf, makeKey, startApi, type TestApi } from "../server/testing/api.ts";
import { makeShop } from "../server/testing/factories.ts";
import { startTestPlane, type TestPlane } from "../server/testing/plane.ts";
import { startWorker, type RunningWorker } from "../worker/main.ts";
import { alerts } from "./alerts.ts";
import { dashboards } from "./dashboards.ts";
import { findProgram, TestPrometheus } from "./prometheus.ts";

const promtool = findProgram("promtool");
const program = findProgram("prometheus");
if (!promtool || !program) {
  process.stderr.write("No Prometheus on this machine: apt-get install prometheus. Not tested.\n");
}

const files = fileURLToPath(new URL("prometheus", import.meta.url));

it.runIf(promtool)("every alert fires where it should and rests where all is well", async () => {
  const run = promisify(execFile);
  await run(promtool ?? "", ["check", "rules", "rules.yml"], { cwd: files });
  const { stdout } = await run(promtool ?? "", ["test", "rules", "rules.test.yml"], { cwd: files });
  expect(stdout).toContain("SUCCESS");
});

describe.runIf(program)("a Prometheus that scraped a server and a worker at work", () => {
  let api: TestApi;
  let dynamo: TestPlane;
  let worker: RunningWorker;
  let prometheus: TestPrometheus;
  beforeAll(async () => {
    dynamo = await startTestPlane();
    api = await startApi();
    const config = readConfig({
      ZERORACE_DYNAMODB_ENDPOINT: dynamo.endpoint,
      ZERORACE_DYNAMODB_TABLE: dynamo.plane.table,
      ZERORACE_WORKER_METRICS_PORT: "0",
    });
    // With metrics of its own, as the process it would be.
    const db = openTest(api.database.url);
    worker = await startWorker(config, db, makeLog("test", { logLevel: "silent" }));
    prometheus = await TestPrometheus.start(program ?? "", {
      "zerorace-server": api.server.metricsUrl,
      "zerorace-worker": worker.url,
    });
    await underLoad();
    return () => db.close();
  }, 180_000);
  afterAll(async () => {
    await prometheus[Symbol.asyncDispose]();
    await worker.drain();
    await api.close();
    await dynamo.close();
  });

  /** Purchases, and requests that are refused, until rates can be told and every invariant was looked at. */
  async function underLoad(): Promise<void> {
    const shop = await makeShop(api.database.db, { item: { stock: 1_000_000n } });
    const key = await makeKey(api, shop);
    const body = commitBodyOf(shop);
    const buy = async (): Promise<void> => {
      const response = await fetch(`${api.url}/v1/purchases/commit`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${key}`,
          "Content-Type": "application/json",
          "Idempotency-Key": crypto.randomUUID(),
        },
        body: JSON.stringify(body),
      });
      if (response.status !== 201) throw new Error(await response.text());
    };
    const countOf = async (expr: string): Promise<number> => {
      const [found] = await prometheus.query(`count(${expr})`).catch(() => []);
      return Number(found?.value[1] ?? 0);
    };
    const isEnough = async (): Promise<boolean> => {
      await Promise.all(Array.from({ length: 4 }, buy));
      const looked = await countOf("zerorace_invariant_violations");
      return looked === invariants.length && (await countOf(toldOf)) > 0;
    };
    await vi.waitUntil(isEnough, { timeout: 170_000, interval: 250 });
  }
  const toldOf = "rate(zerorace_projection_events_total[5m]) > 0";

  const queries = [
    ...dashboards.flatMap(({ panels }) =>
      panels.flatMap((panel) => panel.queries.map(([expr]) => [panel.title, expr] as const)),
    ),
    ...alerts.map(({ name, expr }) => [name, expr] as const),
  ];

  it.each(queries)("knows every metric of %s", async (_, expr) => {
    const described = await prometheus.described();
    for (const name of namesIn(expr)) expect(described).toContain(name.base);
    await prometheus.query(expr);
  });

  it.each(queries.slice(0, queries.length - alerts.length))(
    "shows %s, unless nothing of it has happened",
    async (_, expr) => {
      const shown = await prometheus.query(expr);
      if (shown.length > 0) return;
      const counts = await Promise.all(
        namesIn(expr).map(({ name }) => prometheus.query(`sum(${name}) > 0`)),
      );
      expect(counts.some((count) => count.length === 0)).toBe(true);
    },
  );
});

interface Name {
  readonly name: string;
  /** Without what a histogram adds for its parts. */
  readonly base: string;
}

const namesIn = (expr: string): readonly Name[] =>
  [...expr.matchAll(/\b(?:zerorace|http_server|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => ({
    name,
    base: name.replace(/_(bucket|count|sum)$/, ""),
  }));
