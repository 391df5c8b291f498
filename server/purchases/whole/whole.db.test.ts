import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  call,
  commitBodyOf,
  makeKey,
  makeStore,
  post,
  startApi,
  type Store,
  type TestApi,
} from "../../testing/api.ts";
import { makeMandate } from "../../testing/factories.ts";
import { query, turnBack } from "../../testing/look.ts";
import { settleInOneBatch } from "../../testing/one-batch.ts";
import type { HistoryView, WholeAskList, WholeAskView } from "./wire.ts";

let api: TestApi;
let store: Store;
let other: Store;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  other = await makeStore(api);
  const scopes = ["purchases:read", "purchases:write", "refunds:write"];
  store = { ...store, key: await makeKey(api, store.shop, scopes) };
});
afterAll(() => api.close());

const ask = (path: string, body: object, idempotencyKey: string = randomUUID(), by = store) =>
  post(api, path, body, { key: by.key, idempotencyKey });
const read = (path: string, { key } = store) =>
  call(`${api.url}${path}`, { headers: { Authorization: `Bearer ${key}` } });
const atShop = (more: object = {}) => ({ merchantId: store.shop.merchantId, ...more });

async function idOf(path: string, body: object, key?: string): Promise<string> {
  return String((await ask(path, body, key)).body.intentId);
}
async function whole(id: string): Promise<WholeAskView> {
  const { body, status } = await read(`/v1/purchases/${id}?view=whole`);
  expect(status).toBe(200);
  return body as unknown as WholeAskView;
}
async function history(id: string): Promise<HistoryView["data"]> {
  const { body, status } = await read(`/v1/purchases/${id}/history`);
  expect(status).toBe(200);
  return (body as unknown as HistoryView).data;
}

it("shows what was asked and how the purchase stands now, in the list as by its id", async () => {
  const body = { ...commitBodyOf(store.shop), quantity: 2, amountMinor: 200 };
  const id = await idOf("/v1/purchases/commit", body, "whole-1");
  await ask(`/v1/purchases/${id}/refunds`, atShop({ amountMinor: 30, returnQuantity: 1 }));
  const shown = await whole(id);
  expect(shown).toMatchObject({
    id,
    kind: "commit",
    idempotencyKey: "whole-1",
    request: body,
    names: { merchant: expect.any(String), item: "a thing", mandate: "a mandate" },
    purchase: {
      state: "settled",
      quantity: 2,
      returnedQuantity: 1,
      settledMinor: 200,
      refundedMinor: 30,
    },
  });
  expect(shown.askedBy).toMatch(/^key:\w{22}$/);
  expect(shown.asker).toMatchObject({ kind: "key", name: "test" });
  expect(Object.keys(shown.request).toSorted()).toEqual(Object.keys(body).toSorted());
  expect(new Set(shown.checks.map(({ result }) => result))).toEqual(new Set(["passed"]));
  const list = (await read("/v1/purchases?view=whole&key=whole-1")).body as unknown as WholeAskList;
  expect(list.data).toEqual([shown]);
  const plain = await read(`/v1/purchases/${id}`);
  expect(shown.answer).toEqual(plain.body.answer);
  expect(plain.body).not.toHaveProperty("request");
});

it("marks the check that stopped a decline, with its arithmetic; what is behind it was not reached", async () => {
  const { db } = api.database;
  const poor = await makeMandate(db, store.shop);
  const body = { ...commitBodyOf(store.shop), mandateId: poor.mandateId };
  await query(db, "update mandates set day_limit_minor = 250 where mandate_id = $1", [
    poor.mandateId,
  ]);
  await ask("/v1/purchases/commit", { ...body, quantity: 2, amountMinor: 200 });
  const id = await idOf("/v1/purchases/commit", body);
  const { checks, purchase, answer } = await whole(id);
  expect(answer).toMatchObject({ outcome: "DECLINED", reason: "PERIOD", period: "day" });
  expect(purchase).toBeNull();
  const stopped = checks.filter(({ result }) => result === "stopped");
  expect(stopped).toEqual([
    {
      reason: "PERIOD",
      period: "day",
      result: "stopped",
      limit: 250,
      used: 200,
      asked: 100,
      headroom: 50,
    },
  ]);
  const at = checks.findIndex(({ result }) => result === "stopped");
  expect(checks.slice(0, at).every(({ result }) => result === "passed")).toBe(true);
  const behind = checks.slice(at + 1).map(({ result }) => result);
  expect(behind).toEqual(["not_reached", "not_reached", "not_reached"]);
});

it("tells a hold's whole life, what was declined in it too", async () => {
  const held = { ...commitBodyOf(store.shop), quantity: 2, amountMinor: 200 };
  const id = await idOf("/v1/holds", held);
  await ask(`/v1/holds/${id}/extend`, atShop({ holdSeconds: 3_600 }));
  expect((await whole(id)).purchase?.state).toBe("held");
  const capture = await ask(`/v1/holds/${id}/capture`, atShop({ quantity: 1 }));
  await ask(`/v1/holds/${id}/release`, atShop());
  await ask(`/v1/purchases/${id}/refunds`, atShop({ amountMinor: 100 }));
  const steps = await history(id);
  expect(steps.map(({ kind, granted, amountMinor }) => [kind, granted, amountMinor])).toEqual([
    ["hold", true, 200],
    ["extend", true, 200],
    ["capture", true, 100],
    ["release", false, null],
    ["refund", true, 100],
  ]);
  expect(steps[3]?.answer).toMatchObject({ outcome: "DECLINED", reason: "CAPTURED" });
  expect(await history(String(capture.body.intentId))).toEqual(steps);
  const captured = await whole(String(capture.body.intentId));
  expect(captured.request).toEqual(atShop({ purchaseId: id, quantity: 1 }));
  expect(captured).toMatchObject({ checks: [], purchase: { refundedMinor: 100 } });
});

it("tells what one transaction did in the order in which it happened", async () => {
  const { shop } = store;
  const id = await idOf("/v1/holds", { ...commitBodyOf(shop), holdSeconds: 600 });
  await settleInOneBatch(api.database.db, shop, id);
  const kinds = (await history(id)).map(({ kind }) => kind);
  expect(kinds).toEqual(["hold", "extend", "capture", "refund"]);
});

it("counts a hold whose time is over as expired, and tells when it went back", async () => {
  const { db } = api.database;
  const id = await idOf("/v1/holds", commitBodyOf(store.shop));
  await turnBack(db, [id], "1 hour");
  expect((await whole(id)).purchase?.state).toBe("expired");
  // An ask for all there is needs what it held, and so gives it back.
  const [{ free } = { free: 0 }] = await query<{ free: number }>(
    db,
    "select sum(available)::integer as free from stock_buckets where item_id = $1",
    [store.shop.item.itemId],
  );
  const all = { quantity: free + 1, amountMinor: 100 * (free + 1) };
  await ask("/v1/purchases/commit", { ...commitBodyOf(store.shop), ...all });
  expect(await history(id)).toMatchObject([
    { kind: "hold", granted: true },
    { kind: "expire", granted: true, amountMinor: 100, currency: "USD", answer: null },
  ]);
});

it("gives the whole list as a file, filtered, with the arithmetic of declines", async () => {
  const agentId = "=cmd|' /C calc'!A0";
  const body = { ...commitBodyOf(store.shop), agentId, quantity: 1_000, amountMinor: 100_000 };
  const id = await idOf("/v1/purchases/commit", body, "csv-1");
  const { status, text, headers } = await read(
    `/v1/purchases?format=csv&agentId=${encodeURIComponent(agentId)}`,
  );
  expect(status).toBe(200);
  expect(headers.get("content-disposition")).toContain("purchases.csv");
  const [heading = "", row = "", ...more] = text.trimEnd().split("\r\n");
  expect(more).toEqual([]);
  const cells = Object.fromEntries(
    heading.split(",").map((name, at) => [name, row.split(",")[at] ?? ""]),
  );
  expect(cells).toMatchObject({
    id,
    outcome: "DECLINED",
    reason: "SOLD_OUT",
    amountMinor: "100000",
    amount: "1000.00",
    settled: "",
    quantity: "1000",
    agentId: `'${agentId}`,
    idempotencyKey: "csv-1",
    state: "",
    asked: "1000",
  });
  const everything = await read("/v1/purchases?format=csv");
  const all = await read("/v1/purchases?limit=100");
  const rows = everything.text.trimEnd().split("\r\n").slice(1);
  expect(rows.map((line) => line.slice(0, 36))).toEqual(
    (all.body.data as { id: string }[]).map((one) => one.id),
  );
});

it("shows nothing of it to another tenant", async () => {
  const id = await idOf("/v1/purchases/commit", commitBodyOf(store.shop));
  expect((await read(`/v1/purchases/${id}?view=whole`, other)).status).toBe(403);
  expect((await read(`/v1/purchases/${id}/history`, other)).status).toBe(403);
  expect((await read(`/v1/purchases/${randomUUID()}/history`)).status).toBe(404);
  expect((await read(`/v1/purchases/${id}?view=some`)).status).toBe(422);
  const csv = await read("/v1/purchases?format=csv", other);
  expect(csv.text.trimEnd().split("\r\n")).toHaveLength(1);
});
