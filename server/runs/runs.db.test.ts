import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { environment } from "../base/config.ts";
import { freePort } from "../base/free-port.ts";
import { call, makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { makeShop, type Shop } from "../testing/factories.ts";
import { listen, type Heard, type Listener } from "../testing/listener.ts";
import { query } from "../testing/look.ts";
import type { RunFrame } from "./wire.ts";

const run = promisify(execFile);
const scopes = ["runs:read", "runs:write", "purchases:read"];

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(async () => {
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, scopes);
});
afterAll(() => api.close());

const start = async (body: object, idempotencyKey: string = crypto.randomUUID()): Promise<Reply> =>
  post(api, "/v1/runs", body, { key, idempotencyKey });
const show = async (id: unknown): Promise<Reply["body"]> => {
  const headers = { Authorization: `Bearer ${key}` };
  return (await call(`${api.url}/v1/runs/${String(id)}`, { headers })).body;
};
const watch = async (id: unknown): Promise<Listener> =>
  listen(`${api.url}/v1/stream?topics=runs,run:${String(id)}`, { Authorization: `Bearer ${key}` });
const untilState = async (id: unknown, state: string): Promise<Reply["body"]> => {
  await expect.poll(async () => (await show(id)).state, { timeout: 60_000 }).toBe(state);
  return show(id);
};
const framesIn = ({ heard }: Listener): Record<string, unknown>[] =>
  heard
    .filter(({ name }) => name === "run")
    .map(({ data }) => data.frame as Record<string, unknown>);
/** A late comer needs nothing else, and it stays small. */
function expectPictures({ arrivalCells, waitCells, buyers, latency, log, ...frame }: RunFrame) {
  expect(arrivalCells).toMatch(/^[sd]{2000}$/);
  expect(waitCells).toMatch(/^[1-9]{2000}$/);
  expect(new Set(buyers.agents).size).toBe(100);
  expect(buyers.afterMs).toEqual(buyers.afterMs.toSorted((a, b) => a - b));
  expect(buyers.waitMs).toHaveLength(100);
  expect(buyers.waitMs.every((ms, at) => ms <= (buyers.afterMs[at] ?? 0))).toBe(true);
  expect(latency.columns.length * latency.columnMs).toBeLessThanOrEqual(frame.elapsedMs + 250);
  const told = log.map(({ what }) => what);
  expect(told).toEqual(expect.arrayContaining(["selling", "first_sale", "sold_out", "proving"]));
  const text = JSON.stringify({ arrivalCells, waitCells, buyers, latency, log, ...frame });
  expect(text.length).toBeLessThan(10_000);
}
const zeros = { oversells: 0, duplicateSettlements: 0, ledgerDrift: 0, mandateBreaches: 0 };

it("10,000 agents are watched to their end, with exact counts and four zeros", async () => {
  const { status, body } = await start({ agents: 10_000, units: 100, seed: 7 });
  expect(status).toBe(201);
  expect(body).toMatchObject({
    agents: 10_000,
    units: 100,
    seed: 7,
    mandates: 1_000,
    startedBy: "test",
    report: null,
  });
  const stream = await watch(body.id);
  const isLast = ({ frame }: Heard["data"]): boolean =>
    (frame as { phase: string }).phase === "proving";
  await expect
    .poll(() => stream.heard.some(({ name }) => name === "run"), { timeout: 20_000 })
    .toBe(true);
  await expect
    .poll(() => stream.heard.some(({ name, data }) => name === "run" && isLast(data)), {
      timeout: 60_000,
    })
    .toBe(true);
  const done = await untilState(body.id, "finished");
  expect(done.report).toMatchObject({
    ok: true,
    complaints: [],
    stopped: false,
    sold: 100,
    declined: 9_900,
    declinedBy: { SOLD_OUT: 9_900 },
    replaysMismatched: 0,
    invariants: zeros,
  });
  const last = done.frame as Record<string, unknown>;
  expect(last).toMatchObject({
    phase: "proving",
    asked: 10_000,
    answered: 10_000,
    sold: 100,
    declined: 9_900,
    declinedBy: { SOLD_OUT: 9_900 },
    replays: (done.report as { replays: number }).replays,
    etaMs: 0,
    unitCells: "s".repeat(100),
    regions: [{ isUsed: true }],
  });
  expectPictures(last as RunFrame);
  await expect.poll(() => framesIn(stream).at(-1)).toEqual(last);
  const frames = framesIn(stream);
  expect(frames.length).toBeGreaterThan(3);
  for (const name of ["elapsedMs", "asked", "answered", "sold", "replays"]) {
    const values = frames.map((frame) => frame[name] as number);
    expect(values, name).toEqual(values.toSorted((a, b) => a - b));
  }
  await stream.next("runs", ({ ids }) => (ids as unknown[]).includes(body.id));
  const [books] = await query(
    api.database.db,
    `select count(*)::integer as purchases from purchases p
      where p.tenant_id = (select world_id from runs where run_id = $1)`,
    [body.id],
  );
  expect(books).toEqual({ purchases: 100 });
}, 120_000);

it("is proven while it sells, and repeated by its seed", async () => {
  const sizes = {
    agents: 3_000,
    units: 5,
    mandates: 10,
    concurrency: 20,
    duplicatePercent: 20,
    seed: 3,
  };
  const first = await start(sizes);
  const second = await start(sizes);
  expect(second.body.state).toBe("queued");
  const one = await untilState(first.body.id, "finished");
  expect((one.frame as { proof: object }).proof).toMatchObject({ holds: true, ...zeros });
  const other = await untilState(second.body.id, "finished");
  const countsOf = ({ report }: Reply["body"]) => {
    const { sold, declined, replays } = report as Record<string, number>;
    return { sold, declined, replays };
  };
  expect(countsOf(other)).toEqual(countsOf(one));
  expect(countsOf(one).replays).toBeGreaterThan(300);
}, 120_000);

it("stops in the middle, keeps what there was and proves it; one that waits is over at once", async () => {
  const long = await start({ agents: 1_000_000, units: 500_000, concurrency: 50 });
  const waiting = await start({ agents: 10, units: 1 });
  await expect
    .poll(async () => ((await show(long.body.id)).frame as { sold: number } | null)?.sold ?? 0, {
      timeout: 60_000,
    })
    .toBeGreaterThan(0);
  const over = await post(api, `/v1/runs/${String(waiting.body.id)}/stop`, {}, { key });
  expect(over.body).toMatchObject({ state: "stopped", isStopping: false, report: null });
  const asked = await post(api, `/v1/runs/${String(long.body.id)}/stop`, {}, { key });
  expect(asked.body).toMatchObject({ state: "running", isStopping: true });
  const { report } = await untilState(long.body.id, "stopped");
  expect(report).toMatchObject({ ok: true, complaints: [], stopped: true, invariants: zeros });
  const { sold } = report as { sold: number };
  expect(sold).toBeGreaterThan(0);
  expect(sold).toBeLessThan(500_000);
  const again = await post(api, `/v1/runs/${String(long.body.id)}/stop`, {}, { key });
  expect(again.body).toEqual(await show(long.body.id));
  const actions = await query(
    api.database.db,
    "select action from audit_entries where object_id = $1 order by seq",
    [long.body.id],
  );
  expect(actions).toEqual([{ action: "run.create" }, { action: "run.stop" }]);
}, 120_000);

it("makes one run for a key, and lets few wait", async () => {
  const before = await start({ agents: 1_000_000, units: 0, concurrency: 10 });
  await untilState(before.body.id, "running");
  const once = await Promise.all(
    Array.from({ length: 4 }, () => start({ agents: 5, units: 5 }, "the-same")),
  );
  expect(once.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(once.map(({ body }) => body.id)).size).toBe(1);
  for (let n = 0; n < 4; n++) expect((await start({ agents: 5, units: 5 })).status).toBe(201);
  const rows = await countEveryRow(api.database.db);
  const refused = await start({ agents: 5, units: 5 });
  expect(`${refused.status} ${String(refused.body.code)}`).toBe("429 TOO_MANY_RUNS");
  expect((await countEveryRow(api.database.db)).request_keys).toBe(rows.request_keys);
  const headers = { Authorization: `Bearer ${key}` };
  const { body } = await call(`${api.url}/v1/runs?limit=3`, { headers });
  expect((body.data as object[]).length).toBe(3);
  await post(api, `/v1/runs/${String(before.body.id)}/stop`, {}, { key });
  await expect
    .poll(
      async () => {
        const list = await call(`${api.url}/v1/runs?limit=100`, { headers });
        return (list.body.data as { state: string }[]).map(({ state }) => state).sort();
      },
      { timeout: 60_000 },
    )
    .toEqual([...Array.from({ length: 5 }, () => "finished"), "stopped"]);
}, 120_000);

it("counts as failed when its process ends before its time, and the next one begins", async () => {
  const { body } = await start({ agents: 1_000_000, units: 0, concurrency: 10 });
  const next = await start({ agents: 20, units: 5 });
  await expect.poll(runners, { timeout: 20_000 }).toBeGreaterThan(0);
  await untilState(body.id, "running");
  // The one process of ours that does a run.
  const { stdout } = await run("pgrep", ["-P", String(process.pid), "-f", "runs/child.ts"]);
  process.kill(Number(stdout), "SIGKILL");
  const failed = await untilState(body.id, "failed");
  expect(failed).toMatchObject({ report: null, endedAt: expect.any(String) });
  expect((await untilState(next.body.id, "finished")).report).toMatchObject({ ok: true, sold: 5 });
}, 60_000);

it.each([
  [{}, "422 VALIDATION_FAILED"],
  [{ agents: 0, units: 1 }, "422 VALIDATION_FAILED"],
  [{ agents: 1_000_001, units: 1 }, "422 VALIDATION_FAILED"],
  [{ agents: "10", units: 1 }, "422 VALIDATION_FAILED"],
  [{ agents: 1.5, units: 1 }, "422 NUMBER_NOT_EXACT"],
  [{ agents: 10, units: -1 }, "422 VALIDATION_FAILED"],
  [{ agents: 10, units: 1, seed: -1 }, "422 VALIDATION_FAILED"],
  [{ agents: 10, units: 1, seed: 2 ** 32 }, "422 VALIDATION_FAILED"],
  [{ agents: 10, units: 1, concurrency: 10_001 }, "422 VALIDATION_FAILED"],
  [{ agents: 10, units: 1, mandates: 0 }, "422 VALIDATION_FAILED"],
  [{ agents: 10, units: 1, duplicatePercent: 101 }, "422 VALIDATION_FAILED"],
  [{ agents: 10, units: 1, worldId: "x" }, "422 VALIDATION_FAILED"],
])("refuses %j with %s and leaves no row", async (body, expected) => {
  const before = await countEveryRow(api.database.db);
  const reply = await start(body);
  expect(`${reply.status} ${String(reply.body.code)}`).toBe(expected);
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it.each([
  ["get", "/x", "404 UNKNOWN_RUN"],
  ["get", "/01a1f993-84cc-7a17-85e2-7d51c3a2ba32", "404 UNKNOWN_RUN"],
  ["post", "/01a1f993-84cc-7a17-85e2-7d51c3a2ba32/stop", "404 UNKNOWN_RUN"],
  ["get", "?state=running", "422 UNKNOWN_PARAMETER"],
])("answers %s /v1/runs%s with %s", async (method, path, expected) => {
  const headers = { Authorization: `Bearer ${key}` };
  const reply =
    method === "get"
      ? await call(`${api.url}/v1/runs${path}`, { headers })
      : await post(api, `/v1/runs${path}`, {}, { key });
  expect(`${reply.status} ${String(reply.body.code)}`).toBe(expected);
});

it("ends with its server, also when that is killed, and counts as broken off", async () => {
  const port = await freePort();
  const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));
  const env = {
    PATH: environment().PATH,
    ZERORACE_DATABASE_URL: api.database.url,
    ZERORACE_PORT: String(port),
    ZERORACE_METRICS_PORT: "0",
    ZERORACE_LOG_LEVEL: "warn",
  };
  const mine = spawn(process.execPath, [cli, "serve"], { env, stdio: "ignore" });
  try {
    const url = `http://127.0.0.1:${port}`;
    // This test's own server must not be the one that takes it.
    await api.server.drain();
    await expect
      .poll(async () => (await fetch(`${url}/livez`).catch(() => undefined))?.status, {
        timeout: 20_000,
      })
      .toBe(200);
    const init = {
      method: "POST",
      headers: headersFor("killed"),
      body: '{"agents":1000000,"units":9}',
    };
    const { id } = (await (await fetch(`${url}/v1/runs`, init)).json()) as { id: string };
    const stateOf = async (runId = id): Promise<unknown> =>
      (
        await query<{ state: string }>(
          api.database.db,
          "select state from runs where run_id = $1",
          [runId],
        )
      )[0]?.state;
    await expect.poll(runners, { timeout: 20_000 }).toBeGreaterThan(0);
    mine.kill("SIGKILL");
    await once(mine, "exit");
    await expect.poll(runners, { timeout: 10_000 }).toBe(0);
    expect(await stateOf()).toBe("running");
    const next = spawn(process.execPath, [cli, "serve"], { env, stdio: "ignore" });
    await expect.poll(() => stateOf(), { timeout: 30_000 }).toBe("interrupted");
    await expect
      .poll(async () => (await fetch(`${url}/livez`).catch(() => undefined))?.status, {
        timeout: 20_000,
      })
      .toBe(200);
    const another = { ...init, headers: headersFor("told-to-stop") };
    const told = (await (await fetch(`${url}/v1/runs`, another)).json()) as { id: string };
    await expect.poll(runners, { timeout: 20_000 }).toBeGreaterThan(0);
    next.kill("SIGTERM");
    await once(next, "exit");
    expect(await runners()).toBe(0);
    expect(await stateOf(told.id)).toBe("interrupted");
  } finally {
    mine.kill("SIGKILL");
  }
}, 120_000);

const headersFor = (idempotencyKey: string) => ({
  Authorization: `Bearer ${key}`,
  "Content-Type": "application/json",
  "Idempotency-Key": idempotencyKey,
});

/** How many connections the processes of runs have to this test's database. */
async function runners(): Promise<number> {
  const [row] = await query<{ count: number }>(
    api.database.db,
    `select count(*)::integer as count from pg_stat_activity
      where datname = current_database() and application_name like 'zerorace-run%'`,
  );
  return row?.count ?? 0;
}
