import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  call,
  commitBodyOf,
  makeStore,
  startApi,
  type Reply,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { badLine, type BadLine } from "../testing/bad-line.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { query } from "../testing/look.ts";

/** More than the server can do, or a database that is slow or gone: every request ends, and nothing else does. */
let api: TestApi;
let line: BadLine;
let store: Store;
const askDeadlineMs = 3_000;

beforeEach(async () => {
  const env = {
    ZERORACE_RATE_PER_KEY: "0",
    ZERORACE_RATE_PER_TENANT: "0",
    ZERORACE_ASK_DEADLINE_MS: String(askDeadlineMs),
    ZERORACE_ATTEMPT_TIMEOUT_MS: "1500",
  };
  api = await startApi(env, async (url) => (line = await badLine(url)).url);
  store = await makeStore(api);
});
afterEach(async () => {
  await api.close();
  await line.close();
});

interface Seen extends Reply {
  readonly key: string;
  readonly ms: number;
  readonly endedAt: number;
}

async function timed(key: string, asked: Promise<Reply>): Promise<Seen> {
  const startedAt = performance.now();
  const reply = await asked;
  const endedAt = performance.now();
  return { ...reply, key, ms: endedAt - startedAt, endedAt };
}

function buy(key: string = randomUUID()): Promise<Seen> {
  const headers = {
    Authorization: `Bearer ${store.key}`,
    "Content-Type": "application/json",
    "Idempotency-Key": key,
  };
  const body = JSON.stringify(commitBodyOf(store.shop));
  return timed(key, call(`${api.url}/v1/purchases/commit`, { method: "POST", headers, body }));
}

function read(): Promise<Seen> {
  const headers = { Authorization: `Bearer ${store.key}` };
  return timed("", call(`${api.url}/v1/purchases`, { headers }));
}

/** So many who ask one after the other, and a moment later where they were refused. */
function crowd(count: number, one: () => Promise<Seen>) {
  const seen: Seen[] = [];
  let over = false;
  const all = Array.from({ length: count }, async () => {
    while (!over) {
      const reply = await one();
      seen.push(reply);
      if (reply.status === 503) await sleep(100);
    }
  });
  const stop = async (): Promise<Seen[]> => {
    over = true;
    await Promise.all(all);
    return seen;
  };
  return { seen, stop };
}

/** Far more than any deadline and the look-up of its key take: what hangs does not end by then. */
const endMs = 30_000;

function expectAnswered(seen: readonly Seen[], codes: readonly string[]): void {
  for (const { status, body, headers, ms } of seen) {
    expect(ms).toBeLessThan(endMs);
    if (status < 300) continue;
    expect([503, ...codes]).toEqual(expect.arrayContaining([status, body.code]));
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  }
}

function told(name: string, seen: readonly Seen[]): void {
  const by = Map.groupBy(seen, ({ status, body }) => `${status} ${body.code as string}`);
  const parts = [...by].map(([what, those]) => {
    const ms = those.map((one) => one.ms).toSorted((a, b) => a - b);
    const [half, most] = [ms[ms.length >> 1] ?? 0, ms.at(-1) ?? 0];
    return `${what.replace(" undefined", "")} ${those.length} (p50 ${half.toFixed(0)} ms, max ${most.toFixed(0)} ms)`;
  });
  process.stdout.write(`${name}: ${parts.join(", ")}\n`);
}

it("a database 50 ms away for each packet: readers are refused before they pile up, buyers buy", async () => {
  await Promise.all([buy(), read()]);
  line.slow(50);
  const buyers = crowd(16, buy);
  const readers = crowd(300, read);
  const limit = { timeout: 60_000 };
  await expect.poll(() => buyers.seen.some(({ status }) => status < 300), limit).toBe(true);
  await expect.poll(() => readers.seen.some(({ status }) => status === 503), limit).toBe(true);
  const [bought, seen] = await Promise.all([buyers.stop(), readers.stop()]);
  line.slow(0);
  told("buyers", bought);
  told("readers", seen);
  expectAnswered(bought, ["RETRY_EXHAUSTED", "OUTCOME_UNKNOWN", "NOT_READY"]);
  expectAnswered(seen, ["RETRY_EXHAUSTED", "NOT_READY"]);
  const { text } = await call(api.server.metricsUrl);
  expect(text).toMatch(/^zerorace_db_reads_refused_total\{.*\} [1-9]/m);
  await expect.poll(async () => (await read()).status, { timeout: 20_000 }).toBe(200);
  await expectProven(api.database.db);
}, 180_000);

it("a database that swallows everything for 6 s: all is refused in time, and soon sold again", async () => {
  const first = await buy();
  const buyers = crowd(40, buy);
  const readers = crowd(40, read);
  const live: number[] = [];
  const ready: number[] = [];
  line.swallow(true);
  const endAt = performance.now() + 6_000;
  while (performance.now() < endAt) {
    live.push((await call(`${api.url}/livez`)).status);
    ready.push((await call(`${api.url}/readyz`)).status);
  }
  const backAt = performance.now();
  line.swallow(false);
  const { key } = first;
  await expect.poll(async () => (await buy(key)).status, { timeout: 20_000 }).toBe(201);
  const [bought, seen] = await Promise.all([buyers.stop(), readers.stop()]);
  told("buyers", bought);
  told("readers", seen);
  const soonest = bought
    .filter(({ status, endedAt }) => status < 300 && endedAt > backAt)
    .reduce((least, { endedAt }) => Math.min(least, endedAt), Infinity);
  process.stdout.write(`first purchase ${(soonest - backAt).toFixed(0)} ms after the return\n`);
  expectAnswered(bought, ["RETRY_EXHAUSTED", "OUTCOME_UNKNOWN", "NOT_READY"]);
  expectAnswered(seen, ["RETRY_EXHAUSTED", "NOT_READY"]);
  expect(new Set(live)).toEqual(new Set([200]));
  expect(ready).toContain(503);
  await expect.poll(async () => (await call(`${api.url}/readyz`)).status).toBe(200);
  // Whatever was said meanwhile: the same key tells what became of it, and nothing happened twice.
  const again = await Promise.all([first, ...bought].map((one) => buy(one.key)));
  expect(again.filter(({ status }) => status >= 300)).toEqual([]);
  const ids = new Set(
    again.filter(({ status }) => status === 201).map(({ body }) => body.intentId),
  );
  const [row] = await query<{ purchases: number }>(
    api.database.db,
    "select count(*)::integer as purchases from purchases where tenant_id = $1",
    [store.shop.tenantId],
  );
  expect(row?.purchases).toBe(ids.size);
  await expectProven(api.database.db);
}, 90_000);

it("300 connections that say nothing are cut off, and others are served meanwhile", async () => {
  const silent = Array.from({ length: 300 }, () => connect(api.port, "127.0.0.1"));
  const cut = silent.map(async (socket) => {
    socket.on("error", () => undefined);
    await once(socket.resume(), "close");
  });
  expect((await buy()).status).toBe(201);
  await Promise.all(cut);
}, 60_000);
