import { randomUUID } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { startServer } from "../main.ts";
import { call, startApi, type TestApi } from "../testing/api.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { findSandbox, openSandbox } from "./world.ts";

let api: TestApi;
afterEach(() => api.close());

async function commit(key?: string, body = "{}") {
  return call(`${api.url}/v1/sandbox/commit`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key && { "Idempotency-Key": key }) },
    body,
  });
}

it("sells without a key, and gives the same bytes for the same idempotency key", async () => {
  api = await startApi();
  const key = `doc-${randomUUID()}`;
  const first = await commit(key);
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({
    outcome: "COMMITTED",
    amountMinor: 2500,
    currency: "USD",
    attempts: 1,
    replayed: false,
    ledgerTxnId: first.body.intentId,
  });
  expect(first.headers.get("idempotent-replayed")).toBe("false");
  const again = await commit(key);
  expect(again.status).toBe(201);
  expect(again.text).toBe(first.text.replace('"replayed":false', '"replayed":true'));
  const other = await commit(key, '{"quantity":2}');
  expect({ status: other.status, code: other.body.code }).toEqual({
    status: 409,
    code: "KEY_REUSED",
  });
  expect((await commit()).body.intentId).not.toBe((await commit()).body.intentId);
  await expectProven(api.database.db);
});

it("declines with an answer, and has stock again afterwards", async () => {
  api = await startApi({ ZERORACE_SANDBOX_UNITS: "2" });
  const tooMany = await commit("many", '{"quantity":3}');
  expect(tooMany.status).toBe(200);
  expect(tooMany.body).toMatchObject({ outcome: "DECLINED", failureCode: "OUT_OF_STOCK" });
  expect((await commit("two", '{"quantity":2}')).status).toBe(201);
  expect((await commit("late")).body).toMatchObject({ outcome: "DECLINED", reason: "SOLD_OUT" });
  expect((await commit("late")).body).toMatchObject({ outcome: "DECLINED", replayed: true });
  expect((await commit("later")).status).toBe(201);
  expect((await commit("two", '{"quantity":2}')).body.replayed).toBe(true);
  await expectProven(api.database.db);
});

it("moves to the world that a reset opened", async () => {
  api = await startApi();
  const { db } = api.database;
  expect((await commit("k")).body.replayed).toBe(false);
  const before = await findSandbox(db);
  const opened = await openSandbox(db, 10);
  expect(await findSandbox(db)).toEqual(opened);
  expect(opened.tenantId).not.toBe(before?.tenantId);
  await expect.poll(async () => (await commit("k")).body.replayed, { timeout: 5_000 }).toBe(false);
});

it("keeps so many asks and no more: it says so, and what was answered stays answered", async () => {
  api = await startApi({ ZERORACE_SANDBOX_QUOTA: "3" });
  const { db } = api.database;
  expect((await commit("a")).status).toBe(201);
  expect((await commit("many", '{"quantity":1000000}')).body.outcome).toBe("DECLINED");
  expect((await commit("a")).body.replayed).toBe(true);
  expect((await commit("b")).status).toBe(201);
  const full = await commit("c");
  expect(full.body).toMatchObject({ status: 503, code: "SANDBOX_FULL", retryable: false });
  expect((await commit("a")).body).toMatchObject({ outcome: "COMMITTED", replayed: true });
  const { rowCount } = await db.pool.query("select from asks");
  expect(rowCount).toBe(3);
  await openSandbox(db, 10);
  await expect.poll(async () => (await commit("c")).status, { timeout: 5_000 }).toBe(201);
});

it("counts what it held before a start", async () => {
  api = await startApi({ ZERORACE_SANDBOX_QUOTA: "2" });
  expect([(await commit("a")).status, (await commit("b")).status]).toEqual([201, 201]);
  const config = readConfig({ ZERORACE_PORT: "0", ZERORACE_METRICS_PORT: "0" });
  const log = makeLog("test", { logLevel: "silent" });
  const settings = { ...config, sandboxQuota: 2, drainDelayMs: 0 };
  const later = await startServer(settings, api.database.db, log);
  const reply = await call(`${later.url}/v1/sandbox/commit`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  });
  expect(reply.body.code).toBe("SANDBOX_FULL");
  await later.drain();
});

it("admits fifty at once from one address, and says when to come again", async () => {
  api = await startApi({ ZERORACE_RATE_PER_IP: "10" });
  const replies = await Promise.all(Array.from({ length: 80 }, () => commit()));
  const refused = replies.filter(({ status }) => status === 429);
  expect(replies.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(50);
  expect(refused.length).toBeGreaterThan(10);
  expect(refused[0]?.body).toMatchObject({ code: "RATE_LIMITED", retryable: true });
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
});

it.each([
  ["off", "127.0.0.1", 404],
  ["auto", "0.0.0.0", 404],
  ["on", "0.0.0.0", 201],
  ["auto", "localhost", 201],
])("is %s on %s: %i", async (sandbox, host, status) => {
  api = await startApi({ ZERORACE_SANDBOX: sandbox, ZERORACE_HOST: host });
  expect((await commit()).status).toBe(status);
});
