import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { revokeKey } from "../auth/keys.ts";
import { deleteSession } from "../auth/session-rows.ts";
import { transact } from "../db/transact.ts";
import {
  call,
  commitBodyOf,
  makeKey,
  post,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { makeShop } from "../testing/factories.ts";
import { listen, type Listener } from "../testing/listener.ts";
import { makePerson, makeShopIn } from "../testing/people.ts";

const scopes = ["purchases:read", "purchases:write", "items:read", "mandates:read"];

let api: TestApi;
let store: Store;
beforeAll(async () => {
  api = await startApi({ ZERORACE_STREAMS_PER_CALLER: "3", ZERORACE_STREAMS_PER_TENANT: "4" });
});
beforeEach(async () => {
  const shop = await makeShop(api.database.db);
  store = { shop, key: await makeKey(api, shop, [...scopes]) };
});
afterAll(async () => {
  await api.close();
  expect(api.logged).toEqual([]);
});

const open = async (query: string, headers: Record<string, string> = {}): Promise<Listener> =>
  listen(`${api.url}/v1/stream?${query}`, { Authorization: `Bearer ${store.key}`, ...headers });
const buy = async (more: object = {}) =>
  post(
    api,
    "/v1/purchases/commit",
    { ...commitBodyOf(store.shop), ...more },
    { key: store.key, idempotencyKey: crypto.randomUUID() },
  );

it("tells a sale by its names, once: the purchase, the item and the mandate", async () => {
  const stream = await open("topics=purchases,items,mandates");
  expect(stream.status).toBe(200);
  expect(stream.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    connection: "close",
    "request-id": expect.any(String),
    "x-content-type-options": "nosniff",
    ratelimit: expect.any(String),
  });
  await stream.next("open");
  const { body } = await buy();
  const key = "again";
  const first = await post(api, "/v1/purchases/commit", commitBodyOf(store.shop), {
    key: store.key,
    idempotencyKey: key,
  });
  await stream.next("purchases", ({ ids }) =>
    (ids as string[]).includes(String(first.body.intentId)),
  );
  await stream.next("mandates");
  const before = stream.heard.length;
  const replay = await post(api, "/v1/purchases/commit", commitBodyOf(store.shop), {
    key: store.key,
    idempotencyKey: key,
  });
  expect(replay.body.replayed).toBe(true);
  const last = await buy();
  await stream.next("purchases", ({ ids }) =>
    (ids as string[]).includes(String(last.body.intentId)),
  );
  const told = stream.heard
    .filter(({ name }) => name === "purchases")
    .flatMap(({ data }) => data.ids);
  expect(told).toEqual([body.intentId, first.body.intentId, last.body.intentId]);
  expect(stream.heard.length).toBeGreaterThan(before);
  const of = (topic: string) =>
    new Set(stream.heard.filter(({ name }) => name === topic).flatMap(({ data }) => data.ids));
  expect(of("items")).toEqual(new Set([store.shop.item.itemId]));
  expect(of("mandates")).toEqual(new Set([store.shop.mandate.mandateId]));
});

it("counts a decline, and names nothing that did not change", async () => {
  const stream = await open("topics=purchases,items");
  await stream.next("open");
  const { body } = await buy({ quantity: 101, amountMinor: 10_100 });
  expect(body.outcome).toBe("DECLINED");
  expect((await stream.next("purchases")).data).toEqual({ ids: [], more: 1 });
  expect(stream.heard.map(({ name }) => name)).not.toContain("items");
});

it("tells what a command changed by its name, and that there is something new", async () => {
  const { tenantId, item, merchantId } = store.shop;
  const writer = await makeKey(api, { tenantId }, ["items:write"]);
  const stream = await open("topics=items");
  await stream.next("open");
  const closing = await post(
    api,
    `/v1/items/${item.itemId.toUpperCase()}/close`,
    {},
    { key: writer },
  );
  expect(closing.status).toBe(200);
  expect((await stream.next("items")).data).toEqual({ ids: [item.itemId], more: 0 });
  const made = { merchantId, sku: "new", name: "new", currency: "USD", priceMinor: 1, stock: 1 };
  const refused = await post(api, "/v1/items", { ...made, stock: -1 }, { key: writer });
  expect(refused.status).toBe(422);
  await post(api, "/v1/items", made, { key: writer, idempotencyKey: "new" });
  expect((await stream.next("items")).data).toEqual({ ids: [], more: 1 });
});

it("says by event id where it was, and goes on there", async () => {
  const first = await open("topics=purchases");
  await first.next("open");
  const { body } = await buy();
  const { id } = await first.next("purchases");
  first.close();
  const missed = await buy();
  const second = await open("topics=purchases", { "Last-Event-ID": id });
  expect((await second.next("purchases")).data).toEqual({ ids: [missed.body.intentId], more: 0 });
  expect(second.text()).not.toContain(String(body.intentId));
});

it("ends within about a second when its key is revoked", async () => {
  const stream = await open("topics=purchases");
  await stream.next("open");
  const keyId = store.key.split("_")[2] ?? "";
  const by = { actor: { kind: "command", id: "test" } } as const;
  await revokeKey(api.database.db, { keyId, tenantId: store.shop.tenantId }, by);
  const from = performance.now();
  expect((await stream.next("end")).data).toEqual({ reason: "API_KEY_REVOKED" });
  expect(performance.now() - from).toBeLessThan(2_500);
  await expect.poll(() => stream.isOver()).toBe(true);
  expect((await open("topics=purchases")).status).toBe(401);
});

it("is open to who has signed in, and ends with the session", async () => {
  const { db } = api.database;
  const ann = await makePerson(db);
  await makeShopIn(db, ann.testTenantId);
  const headers = { Authorization: "", Cookie: ann.cookie };
  const stream = await listen(`${api.url}/v1/stream?topics=purchases,mandates`, headers).catch(
    () => undefined,
  );
  expect(stream?.status).toBe(401);
  const own = await listen(`${api.url}/v1/stream?topics=purchases,mandates`, {
    Cookie: ann.cookie,
  });
  await own.next("open");
  await transact(db, "test", (tx) => deleteSession(tx, ann.personId, ann.sessionId));
  expect((await own.next("end")).data).toEqual({ reason: "SESSION_OVER" });
});

it("ends when its time is over, and answers HEAD with the headers alone", async () => {
  const stream = await open("topics=purchases&maxSeconds=1");
  expect((await stream.next("end")).data).toEqual({ reason: "TIME" });
  await expect.poll(() => stream.isOver()).toBe(true);
  const head = await call(`${api.url}/v1/stream?topics=purchases`, {
    method: "HEAD",
    headers: { Authorization: `Bearer ${store.key}` },
  });
  expect([head.status, head.text]).toEqual([200, ""]);
});

it("takes as many as are allowed, for a key and for a tenant, and then some others", async () => {
  const streams = [];
  for (let n = 0; n < 3; n++) streams.push(await open("topics=purchases"));
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
  const auth = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
  const url = `${api.url}/v1/stream?topics=purchases`;
  const refused = await call(url, auth(store.key));
  expect(`${refused.status} ${String(refused.body.code)}`).toBe("429 TOO_MANY_STREAMS");
  expect(refused.headers.get("retry-after")).toBe("5");
  const other = await makeKey(api, store.shop);
  const fourth = await listen(url, auth(other).headers);
  expect(fourth.status).toBe(200);
  expect((await call(url, auth(other))).body.detail).toContain("tenant");
  streams[0]?.close();
  await expect
    .poll(async () => (await call(`${url}&maxSeconds=1`, auth(store.key))).status)
    .toBe(200);
});

it.each([
  ["", "422 VALIDATION_FAILED"],
  ["?topics=", "422 VALIDATION_FAILED"],
  ["?topics=purchases,", "422 VALIDATION_FAILED"],
  ["?topics=purchase", "422 VALIDATION_FAILED"],
  ["?topics=__proto__", "422 VALIDATION_FAILED"],
  ["?topics=constructor", "422 VALIDATION_FAILED"],
  [`?topics=${"purchases,".repeat(20)}purchases`, "422 VALIDATION_FAILED"],
  ["?topics=purchases&topics=items", "422 UNKNOWN_PARAMETER"],
  ["?topics=purchases&tenantId=x", "422 UNKNOWN_PARAMETER"],
  ["?topics=purchases&maxSeconds=0", "422 VALIDATION_FAILED"],
  ["?topics=purchases&maxSeconds=1e1", "422 VALIDATION_FAILED"],
  ["?topics=purchases&maxSeconds=99999", "422 VALIDATION_FAILED"],
  ["?topics=purchases&lastEventId=1", "422 UNKNOWN_PARAMETER"],
])("answers /v1/stream%s with %s", async (query, expected) => {
  const headers = { Authorization: `Bearer ${store.key}` };
  const { status, body } = await call(`${api.url}/v1/stream${query}`, { headers });
  expect(`${status} ${String(body.code)}`).toBe(expected);
});

it("refuses a topic whose scope the key does not have", async () => {
  const poor = await makeKey(api, store.shop, ["purchases:read"]);
  const headers = { Authorization: `Bearer ${poor}` };
  const { status, body } = await call(`${api.url}/v1/stream?topics=purchases,items`, { headers });
  expect(`${status} ${String(body.code)}`).toBe("403 INSUFFICIENT_SCOPE");
});

it("outlives the time limits of requests, pings, and ends with a word at the drain", async () => {
  const stream = await open("topics=purchases");
  await stream.next("open");
  const opened = stream.heard.length;
  await expect.poll(() => stream.text().slice(20), { timeout: 20_000 }).toMatch(/\n\n:\n\n/);
  expect([stream.heard.length, stream.isOver()]).toEqual([opened, false]);
  const from = performance.now();
  await api.server.drain();
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(stream.heard.at(-1)).toMatchObject({ name: "end", data: { reason: "DRAINING" } });
}, 40_000);
