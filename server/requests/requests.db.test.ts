import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { mintApiKey } from "../auth/api-key.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { openDb } from "../db/open.ts";
import { call, commitBodyOf, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { openDoor } from "../testing/door.ts";
import { makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { forgetRequests } from "./forget.ts";
import { openRequestLog, type Answered } from "./log.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, ["purchases:write", "requests:read"]);
});
afterAll(() => api.close());

type Rows = Readonly<Record<string, unknown>>[];

async function list(filter = "", by = key): Promise<Rows> {
  const headers = { Authorization: `Bearer ${by}` };
  return (await call(`${api.url}/v1/requests${filter}`, { headers })).body.data as Rows;
}

const keyIdOf = (apiKey: string): string => apiKey.split("_")[2] ?? "";

it("shows how requests went, replays and refusals too, and nothing that was in them", async () => {
  const body = commitBodyOf(shop);
  const buy = (idempotencyKey: string) =>
    post(api, "/v1/purchases/commit", body, { key, idempotencyKey });
  const bought = await buy("mine");
  await buy("mine");
  const secret = mintApiKey("live").apiKey;
  await buy(secret);
  await post(api, "/v1/purchases/commit", { ...body, agentId: "" }, { key, idempotencyKey: "bad" });
  await post(api, "/v1/items", {}, { key });
  await expect
    .poll(async () => (await list()).length, { timeout: 10_000 })
    .toBeGreaterThanOrEqual(5);
  const rows = (await list()).filter(({ route }) => route !== "/v1/requests").reverse();
  const commit = { method: "POST", route: "/v1/purchases/commit", keyId: keyIdOf(key) };
  const plain = { personId: null, standsFor: 1, replayed: null };
  expect(rows).toMatchObject([
    { ...commit, ...plain, status: 201, code: null, idempotencyKey: "mine", replayed: false },
    { ...commit, ...plain, status: 201, code: null, idempotencyKey: "mine", replayed: true },
    { ...commit, ...plain, status: 400, code: "IDEMPOTENCY_KEY_INVALID", idempotencyKey: null },
    { ...commit, ...plain, status: 422, code: "VALIDATION_FAILED", idempotencyKey: "bad" },
    { ...plain, status: 403, code: "INSUFFICIENT_SCOPE", route: "/v1/items" },
  ]);
  expect(rows[0]?.requestId).toBe(bought.headers.get("request-id"));
  // What it was about has its name, so that one finds the way there; refused, it made nothing.
  expect(rows.map(({ subjectId }) => subjectId)).toEqual([
    bought.body.intentId,
    bought.body.intentId,
    null,
    null,
    null,
  ]);
  const table = await query(api.database.db, "select r::text as row from request_log r");
  for (const hidden of [secret.slice(40), key.slice(40), body.mandateId, body.itemId]) {
    expect(JSON.stringify(table)).not.toContain(hidden);
  }
  expect(await list("?status=422")).toHaveLength(1);
  expect(await list("?status=4xx&method=POST")).toHaveLength(3);
  expect(await list("?replayed=true")).toHaveLength(1);
  expect(await list("?by=person")).toEqual([]);
  const later = new Date(Date.now() + 60_000).toISOString();
  expect(await list(`?from=${later}`)).toEqual([]);
  expect((await list(`?to=${later}&by=key&code=VALIDATION_FAILED`)).length).toBe(1);
  expect(await list("?code=INSUFFICIENT_SCOPE")).toHaveLength(1);
  expect(await list("?idempotencyKey=mine&limit=1")).toHaveLength(1);
  expect(await list(`?keyId=${keyIdOf(key)}&route=/v1/purchases/commit`)).toHaveLength(4);
  expect(await list(`?keyId=other`)).toEqual([]);
  const stranger = await makeKey(api, await makeShop(api.database.db), ["requests:read"]);
  expect((await list("", stranger)).filter(({ keyId }) => keyId === keyIdOf(key))).toEqual([]);
});

it.each([
  "?status=99",
  "?status=20x",
  "?status=6xx",
  "?replayed=yes",
  "?by=me",
  "?from=now",
  "?code=",
  "?limit=0",
  "?cursor=x",
  "?body=1",
  "?route=%00",
])("refuses %s", async (filter) => {
  const headers = { Authorization: `Bearer ${key}` };
  expect((await call(`${api.url}/v1/requests${filter}`, { headers })).status).toBe(422);
});

it("one request is found by its id, with what it was about and which program sent it", async () => {
  const { mandateId } = shop.mandate;
  const reader = await makeKey(api, shop, ["mandates:read"]);
  const secret = mintApiKey("live").apiKey;
  const headers = { Authorization: `Bearer ${key}` };
  const read = (path: string) => call(`${api.url}/v1/requests/${path}`, { headers });
  let id = "";
  const isKept = async (): Promise<boolean> => {
    const sent = await call(`${api.url}/v1/mandates/${mandateId.toUpperCase()}`, {
      headers: { Authorization: `Bearer ${reader}`, "User-Agent": `shop/1.2 (${secret})` },
    });
    id = sent.headers.get("request-id") ?? "";
    const isThere = async (): Promise<boolean> => (await read(id)).status === 200;
    return vi.waitUntil(isThere, { timeout: 3_000, interval: 250 }).catch(() => false);
  };
  // Of many in a second it may be one that is left out: then another one is sent.
  await expect.poll(isKept, { timeout: 25_000 }).toBe(true);
  const { body } = await read(id);
  expect(body).toMatchObject({ requestId: id, status: 200, subjectId: mandateId });
  expect(body.userAgent).toMatch(/^shop\/1\.2 \(/);
  expect(body.userAgent).not.toContain(secret.slice(40));
  expect((await read(crypto.randomUUID())).body.code).toBe("UNKNOWN_REQUEST");
  expect((await read("x")).body.code).toBe("UNKNOWN_REQUEST");
});

it("whoever watches is told of what can be read, and not of reading it", async () => {
  const told: string[] = [];
  const { db } = api.database;
  const tells = { change: (tenantId: string, topic: string) => void told.push(tenantId + topic) };
  const requests = openRequestLog(db, makeLog("test", { logLevel: "silent" }), { tells });
  try {
    const [one, other] = [shop.tenantId, (await makeShop(db)).tenantId];
    requests.note(answered(one));
    requests.note(answered(one));
    requests.note({ ...answered(other), route: "/v1/requests" });
    requests.note({ ...answered(other), route: "/v1/requests/:id" });
    await requests.flush();
    expect(told).toEqual([`${one}requests`]);
  } finally {
    await requests.close();
  }
});

const answered = (tenantId: string, status = 200): Answered => ({
  tenantId,
  requestId: crypto.randomUUID(),
  method: "GET",
  route: "/v1/items",
  status,
  code: null,
  ms: 1,
  caller: "key:one",
  idempotencyKey: null,
  replayed: null,
  subjectId: null,
  userAgent: null,
});

it("while the database is away it takes what it can hold, drops the rest and counts it, and goes on", async () => {
  const { tenantId } = shop;
  const door = await openDoor(api.database.url);
  const metrics = makeMetrics();
  const db = openDb({ url: door.url, connectTimeoutMs: 500 }, metrics);
  const requests = openRequestLog(db, makeLog("test", { logLevel: "silent" }));
  const counted = async (): Promise<Record<string, number>> => {
    const { values } = await metrics.requestsLogged.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels.result ?? "", value]));
  };
  try {
    door.set("shut");
    const startedAt = performance.now();
    for (let n = 0; n < 5_000; n++) requests.note(answered(tenantId, 500));
    expect(performance.now() - startedAt).toBeLessThan(500);
    await requests.flush();
    expect(await counted()).toEqual({ dropped: 5_000 });
    door.set("open");
    requests.note(answered(tenantId, 500));
    await requests.flush();
    expect(await counted()).toEqual({ dropped: 5_000, written: 1 });
    for (let n = 0; n < 320; n++) requests.note(answered(tenantId));
    await requests.flush();
    const { left_out = 0, written = 0 } = await counted();
    expect(left_out + written - 1).toBe(320);
    expect(left_out).toBeGreaterThan(200);
  } finally {
    await requests.close();
    await db.close();
    await door.close();
  }
});

it("keeps a tenant's newest and nothing of long ago, and leaves its neighbours alone", async () => {
  const { db } = api.database;
  const [one, other] = [await makeShop(db), await makeShop(db)];
  const insert = `insert into request_log (tenant_id, created_at, request_id, method, route, ms, caller, stands_for)
                  select $1, now() - n * interval '1 hour', gen_random_uuid(), 'GET', '/', 1, 'key:x', 1
                    from generate_series(1, 30) n`;
  await query(db, insert, [one.tenantId]);
  await query(db, insert, [other.tenantId]);
  const { signal } = new AbortController();
  const left = async ({ tenantId }: Shop) => {
    const text = "select count(*)::integer as rows from request_log where tenant_id = $1";
    return (await query<{ rows: number }>(db, text, [tenantId]))[0]?.rows;
  };
  await forgetRequests(db, signal, { daysKept: 1 });
  expect([await left(one), await left(other)]).toEqual([23, 23]);
  await query(db, insert, [other.tenantId]);
  await query(
    db,
    "delete from request_log where tenant_id = $1 and created_at < now() - interval '12.5 hours'",
    [one.tenantId],
  );
  await forgetRequests(db, signal, { rowsKept: 15 });
  expect([await left(one), await left(other)]).toEqual([12, 15]);
});
