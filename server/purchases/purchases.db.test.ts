import { afterAll, beforeAll, expect, it } from "vitest";
import { closeItem } from "../kernel/item-commands.ts";
import {
  call,
  commitBodyOf,
  makeStore,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { look } from "../testing/look.ts";

let api: TestApi;
let store: Store;
let other: Store;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  other = await makeStore(api);
});
afterAll(async () => {
  await expectProven(api.database.db);
  await api.close();
});

async function commit(key: string, body: object | string = commitBodyOf(store.shop), by = store) {
  return call(`${api.url}/v1/purchases/commit`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${by.key}`,
      "Idempotency-Key": key,
      "Content-Type": "application/json",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

const read = async (path: string, by = store) =>
  call(`${api.url}${path}`, { headers: { Authorization: `Bearer ${by.key}` } });

it("commits once for a key, however often it is sent and in whatever order its fields stand", async () => {
  const before = await look(api.database.db, store.shop);
  const body = commitBodyOf(store.shop);
  const first = await commit("k1", body);
  expect(first.status).toBe(201);
  expect(first.body).toMatchObject({ outcome: "COMMITTED", amountMinor: 100, replayed: false });
  const turned = Object.fromEntries(Object.entries(body).reverse());
  const replays = await Promise.all([
    commit("k1", body),
    commit("k1", JSON.stringify(turned, null, 2)),
    commit("k1", { ...body, idempotencyKey: "the header counts" }),
  ]);
  for (const { status, text } of replays) {
    expect(status).toBe(201);
    expect(text).toBe(first.text.replace('"replayed":false', '"replayed":true'));
  }
  const after = await look(api.database.db, store.shop);
  expect(after.available).toBe(before.available - 1n);
  expect(after.answers).toBe(before.answers + 1);
});

it("gives one answer to two hundred who send one key at once", async () => {
  const replies = await Promise.all(Array.from({ length: 200 }, () => commit("storm")));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(replies.map(({ body }) => body.intentId)).size).toBe(1);
  expect(replies.filter(({ body }) => body.replayed === false)).toHaveLength(1);
});

it("answers a decline with 200, and again with the same bytes", async () => {
  const { db } = api.database;
  const { shop, key } = await makeStore(api);
  await closeItem(db, { tenantId: shop.tenantId, itemId: shop.item.itemId });
  const first = await commit("closed", commitBodyOf(shop), { shop, key });
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({ failureCode: "OUT_OF_STOCK", reason: "ITEM_CLOSED" });
  const again = await commit("closed", commitBodyOf(shop), { shop, key });
  expect(again.status).toBe(200);
  expect(again.text).toBe(first.text.replace('"replayed":false', '"replayed":true'));
});

it("makes a key that is used for something else loud", async () => {
  await commit("k2");
  const { status, body } = await commit("k2", { ...commitBodyOf(store.shop), agentId: "another" });
  expect({ status, code: body.code }).toEqual({ status: 409, code: "KEY_REUSED" });
});

it("keeps the same key of two tenants apart, and never replays another's answer", async () => {
  const own = await commit("shared");
  const theirs = await commit("shared", commitBodyOf(other.shop), other);
  expect(theirs.body).toMatchObject({ outcome: "COMMITTED", replayed: false });
  expect(theirs.body.intentId).not.toBe(own.body.intentId);
  expect((await commit("shared", commitBodyOf(store.shop), other)).status).toBe(403);
});

it("does not use up the key of an ask that it refuses", async () => {
  const wrong = await commit("mended", { ...commitBodyOf(store.shop), amountMinor: 1 });
  expect(wrong.status).toBe(422);
  expect((await commit("mended")).body).toMatchObject({ outcome: "COMMITTED", replayed: false });
});

it("shows what is on record, to its tenant only", async () => {
  const { body, text } = await commit("shown");
  const id = String(body.intentId);
  const byId = await read(`/v1/purchases/${id}`);
  expect(byId.status).toBe(200);
  expect(byId.body).toMatchObject({ id, kind: "commit", idempotencyKey: "shown", answer: body });
  expect(byId.text).toContain(text);
  const { merchantId } = store.shop;
  const query = `/v1/purchases?idempotencyKey=shown&merchantId=${merchantId}`;
  expect((await read(query)).text).toBe(byId.text);
  expect((await read(`/v1/purchases/${id}`, other)).status).toBe(403);
  expect((await read(query, other)).status).toBe(403);
  expect((await read(query.replace("shown", "no-such-key"), other)).status).toBe(403);
});

it.each([
  ["/v1/purchases/01a1f993-84cc-7a17-85e2-7d51c3a2ba32", "404 UNKNOWN_PURCHASE"],
  ["/v1/purchases/x", "404 UNKNOWN_PURCHASE"],
  ["/v1/purchases/' or 1=1 --", "404 UNKNOWN_PURCHASE"],
  ["/v1/purchases?idempotencyKey=k", "422 UNKNOWN_PARAMETER"],
  ["/v1/purchases?idempotencyKey=k&merchantId=x", "422 VALIDATION_FAILED"],
  [
    "/v1/purchases?idempotencyKey=&merchantId=01a1f993-84cc-7a17-85e2-7d51c3a2ba32",
    "400 IDEMPOTENCY_KEY_INVALID",
  ],
  ["/v1/purchases?idempotencyKey=k&merchantId=x&merchantId=y", "422 UNKNOWN_PARAMETER"],
  ["/v1/purchases?idempotencyKey=k&limit=1", "422 UNKNOWN_PARAMETER"],
])("answers %s with %s", async (path, expected) => {
  const { status, body } = await read(path);
  expect(`${status} ${String(body.code)}`).toBe(expected);
});

it("says of an unknown key that it is not known yet", async () => {
  const { merchantId } = store.shop;
  const { status, body } = await read(
    `/v1/purchases?idempotencyKey=never&merchantId=${merchantId}`,
  );
  expect(status).toBe(404);
  expect(body).toMatchObject({ code: "NOT_KNOWN_YET", retryable: true });
});
