import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { transact } from "../db/transact.ts";
import { closeItem, setPrice } from "../kernel/item-commands.ts";
import { call, makeKey, commitBodyOf, post, startApi, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { makeItem, makeShop, subject, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { findItem } from "./store.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, ["items:read", "items:write", "purchases:write"]);
});
afterAll(async () => {
  await expectProven(api.database.db);
  await api.close();
});

let made = 0;
const bodyOf = (fields: object = {}) => ({
  merchantId: shop.merchantId,
  sku: `sku-${++made}`,
  name: "a lamp",
  currency: "EUR",
  priceMinor: 1_999,
  stock: 10,
  ...fields,
});
const create = async (body: object, idempotencyKey: string) =>
  post(api, "/v1/items", body, { key, idempotencyKey });
const change = async (id: unknown, verb: string, body: object = {}) =>
  post(api, `/v1/items/${String(id)}/${verb}`, body, { key, idempotencyKey: randomUUID() });
const read = async (path: string) =>
  call(`${api.url}/v1/items${path}`, { headers: { Authorization: `Bearer ${key}` } });
const codeOf = ({ status, body }: Awaited<ReturnType<typeof read>>): string =>
  `${status} ${String(body.code)}`;

it("makes an item once for a key, and says where its units are", async () => {
  const asked = bodyOf({ sku: "LAMP/1", buckets: 4 });
  const { status, body, text } = await create(asked, "i1");
  expect(status).toBe(201);
  expect(body).toMatchObject({
    ...asked,
    open: true,
    priceVersion: 1,
    stock: { stocked: 10, free: 10, held: 0, sold: 0 },
  });
  const after = await countEveryRow(api.database.db);
  const again = await create(asked, "i1");
  expect([again.status, again.text]).toEqual([201, text]);
  expect((await read(`/${String(body.id)}`)).text).toBe(text);
  expect(codeOf(await create({ ...asked, stock: 11 }, "i1"))).toBe("409 KEY_REUSED");
  expect(codeOf(await create(asked, "i1-other"))).toBe("409 SKU_TAKEN");
  expect(await countEveryRow(api.database.db)).toEqual(after);
});

it("gives a sku to one of many who want it at once", async () => {
  const asked = bodyOf();
  const all = await Promise.all(["a", "b", "c", "d"].map((name) => create(asked, `race-${name}`)));
  const codes = all.map((reply) => (reply.status === 201 ? "made" : codeOf(reply)));
  expect(codes.filter((code) => code === "made")).toHaveLength(1);
  expect(codes.filter((code) => code === "409 SKU_TAKEN")).toHaveLength(3);
});

it("changes an item by commands, each with its entry in the audit log", async () => {
  const { item } = shop;
  const own = { key, idempotencyKey: "buy-1" };
  expect((await post(api, "/v1/purchases/commit", commitBodyOf(shop), own)).status).toBe(201);
  const id = item.itemId;
  expect((await change(id, "close")).body).toMatchObject({ open: false });
  expect((await change(id, "open")).body).toMatchObject({ open: true });
  const priced = await change(id, "price", { priceMinor: 250 });
  expect(priced.body).toMatchObject({ priceMinor: 250, priceVersion: 2 });
  const more = await change(id, "adjust", { quantity: 20, reason: "a delivery" });
  expect(more.body).toMatchObject({ stock: { stocked: 120, free: 119, held: 0, sold: 1 } });
  const fewer = await change(id, "adjust", { quantity: -119, reason: "a fire" });
  expect(fewer.body).toMatchObject({ stock: { stocked: 1, free: 0, held: 0, sold: 1 } });
  expect((await change(id, "reshard", { buckets: 3 })).body).toMatchObject({ buckets: 3 });
  const entries = await query<{ action: string; before: string; after: string }>(
    api.database.db,
    "select action, before, after from audit_entries where object_id = $1 order by seq",
    [id],
  );
  expect(entries.map(({ action, before, after }) => `${action} ${before} ${after}`)).toEqual([
    'item.close {"open":true} {"open":false}',
    'item.open {"open":false} {"open":true}',
    'item.price {"priceMinor":100,"priceVersion":1} {"priceMinor":250,"priceVersion":2}',
    'item.adjust {"free":99} {"quantity":20,"free":119}',
    'item.adjust {"free":119} {"quantity":-119,"free":0}',
    'item.reshard {"buckets":8} {"buckets":3}',
  ]);
});

it("is not changed when its entry in the audit log cannot be written", async () => {
  const { db } = api.database;
  const about = subject(await makeShop(db));
  const fails = { write: async () => Promise.reject(new Error("the log is full")) };
  await expect(closeItem(db, about, fails)).rejects.toThrow("the log is full");
  await expect(setPrice(db, { ...about, priceMinor: 1n }, fails)).rejects.toThrow("full");
  const found = await transact(db, "test", (tx) => findItem(tx, about.itemId));
  expect(found).toMatchObject({ open: true, priceMinor: 100n, priceVersion: 1n });
});

it("sells what was made at the price that was set", async () => {
  const { body } = await create(bodyOf({ currency: "USD" }), "i2");
  await change(body.id, "price", { priceMinor: 300 });
  const bought = await post(
    api,
    "/v1/purchases/commit",
    { ...commitBodyOf(shop), itemId: body.id, amountMinor: 300 },
    { key, idempotencyKey: "buy-2" },
  );
  expect(bought.body).toMatchObject({ outcome: "COMMITTED" });
  const { stock } = (await read(`/${String(body.id)}`)).body;
  expect(stock).toEqual({ stocked: 10, free: 9, held: 0, sold: 1 });
});

it("takes away no more than is free, and writes nothing when it refuses", async () => {
  const { itemId } = await makeItem(api.database.db, shop, { stock: 5n });
  const before = await countEveryRow(api.database.db);
  const taken = await change(itemId, "adjust", { quantity: -6, reason: "a fire" });
  expect(codeOf(taken)).toBe("409 NOT_ENOUGH_STOCK");
  const most = { quantity: Number.MAX_SAFE_INTEGER, reason: "too many" };
  expect(codeOf(await change(itemId, "adjust", most))).toBe("422 VALIDATION_FAILED");
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it("never counts more units than a number carries exactly, sold ones included", async () => {
  const most = Number.MAX_SAFE_INTEGER;
  const { itemId } = await makeItem(api.database.db, shop, {
    priceMinor: 0n,
    stock: BigInt(most) - 1n,
  });
  const ask = { ...commitBodyOf(shop), itemId, quantity: most - 1, amountMinor: 0 };
  const all = { key, idempotencyKey: "all-of-them" };
  expect((await post(api, "/v1/purchases/commit", ask, all)).status).toBe(201);
  const more = (quantity: number) => change(itemId, "adjust", { quantity, reason: "found" });
  expect(codeOf(await more(2))).toBe("422 VALIDATION_FAILED");
  expect((await more(1)).body.stock).toEqual({ stocked: most, free: 1, held: 0, sold: most - 1 });
});

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
it.each([
  [{ merchantId: "x" }, "422 VALIDATION_FAILED"],
  [{ merchantId: nobody }, "404 UNKNOWN_MERCHANT"],
  [{ sku: "" }, "422 VALIDATION_FAILED"],
  [{ sku: "a\nb" }, "422 VALIDATION_FAILED"],
  [{ sku: "a".repeat(101) }, "422 VALIDATION_FAILED"],
  [{ name: "\u202eemal" }, "422 VALIDATION_FAILED"],
  [{ currency: "usd" }, "422 VALIDATION_FAILED"],
  [{ currency: "XXX" }, "422 VALIDATION_FAILED"],
  [{ priceMinor: -1 }, "422 VALIDATION_FAILED"],
  [{ priceMinor: "1" }, "422 VALIDATION_FAILED"],
  [{ priceMinor: 1.5 }, "422 NUMBER_NOT_EXACT"],
  [{ stock: 2 ** 53 }, "422 NUMBER_NOT_EXACT"],
  [{ stock: null }, "422 VALIDATION_FAILED"],
  [{ buckets: 0 }, "422 VALIDATION_FAILED"],
  [{ buckets: 257 }, "422 VALIDATION_FAILED"],
  [{ open: false }, "422 VALIDATION_FAILED"],
])("refuses a new item with %j by %s and writes nothing", async (fields, expected) => {
  const before = await countEveryRow(api.database.db);
  expect(codeOf(await create(bodyOf(fields), "bad"))).toBe(expected);
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it.each([
  ["close", { now: true }, "422 VALIDATION_FAILED"],
  ["price", {}, "422 VALIDATION_FAILED"],
  ["price", { priceMinor: -1 }, "422 VALIDATION_FAILED"],
  ["adjust", { quantity: 0, reason: "x" }, "422 VALIDATION_FAILED"],
  ["adjust", { quantity: 1 }, "422 VALIDATION_FAILED"],
  ["adjust", { quantity: 1, reason: " " }, "422 VALIDATION_FAILED"],
  ["reshard", { buckets: 257 }, "422 VALIDATION_FAILED"],
])("refuses to %s by %j with %s and writes nothing", async (verb, body, expected) => {
  const before = await countEveryRow(api.database.db);
  expect(codeOf(await change(shop.item.itemId, verb, body))).toBe(expected);
  expect(codeOf(await change("x", verb, body))).toBe("404 UNKNOWN_ITEM");
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it("lists the items, and no unknown one", async () => {
  const { status, body } = await read("?limit=100");
  expect(status).toBe(200);
  expect(body.data).toContainEqual(expect.objectContaining({ id: shop.item.itemId, open: true }));
  expect(body.nextCursor).toBeNull();
  expect(codeOf(await read(`/${nobody}`))).toBe("404 UNKNOWN_ITEM");
  expect(codeOf(await change(nobody, "close"))).toBe("404 UNKNOWN_ITEM");
});

it("lists what a merchant sells, and what is on sale, each with where its units are", async () => {
  const { merchantId, tenantId } = await makeShop(api.database.db);
  const by = await makeKey(api, { tenantId }, ["items:read", "items:write", "merchants:write"]);
  const own = await post(api, "/v1/merchants", { name: "two" }, { key: by, idempotencyKey: "m" });
  const asked = bodyOf({ merchantId: own.body.id });
  const made = await post(api, "/v1/items", asked, { key: by, idempotencyKey: "i" });
  const id = String(made.body.id);
  await post(api, `/v1/items/${id}/close`, {}, { key: by });
  const idsOf = async (filter: string) => {
    const { body } = await call(`${api.url}/v1/items?${filter}`, {
      headers: { Authorization: `Bearer ${by}` },
    });
    return (body.data as { id: string }[]).map((one) => one.id);
  };
  expect(await idsOf(`merchantId=${String(own.body.id)}`)).toEqual([id]);
  expect(await idsOf("open=false")).toEqual([id]);
  expect(await idsOf(`merchantId=${String(own.body.id)}&open=true`)).toEqual([]);
  const others = await idsOf(`merchantId=${merchantId}&open=true`);
  expect(others).toHaveLength(1);
  expect(others).not.toContain(id);
  const { body } = await read(`?merchantId=${shop.merchantId}&limit=100`);
  const listed = (body.data as { id: string }[]).find((one) => one.id === shop.item.itemId);
  expect(listed).toEqual((await read(`/${shop.item.itemId}`)).body);
  expect(codeOf(await read("?open=yes"))).toBe("422 VALIDATION_FAILED");
  expect(codeOf(await read(`?merchantId=${nobody}`))).toBe("404 UNKNOWN_MERCHANT");
});

it("tells the prices that an item had, and why units came and went", async () => {
  const { body } = await create(bodyOf({ priceMinor: 100, stock: 5 }), "told");
  await change(body.id, "price", { priceMinor: 250 });
  await change(body.id, "adjust", { quantity: 3, reason: "a delivery" });
  await change(body.id, "adjust", { quantity: -2, reason: "broken" });
  const time = expect.stringMatching(/^\d{4}-.*Z$/);
  expect((await read(`/${String(body.id)}/prices`)).body).toEqual({
    data: [
      { priceVersion: 2, priceMinor: 250, createdAt: time },
      { priceVersion: 1, priceMinor: 100, createdAt: body.createdAt },
    ],
  });
  const first = (await read(`/${String(body.id)}/stock-moves?limit=2`)).body;
  expect(first).toMatchObject({
    data: [
      { quantity: -2, reason: "broken" },
      { quantity: 3, reason: "a delivery" },
    ],
  });
  const rest = `/${String(body.id)}/stock-moves?cursor=${String(first.nextCursor)}`;
  const last = (await read(rest)).body;
  expect(last).toMatchObject({ data: [{ quantity: 5, createdAt: time }], nextCursor: null });
  for (const what of ["prices", "stock-moves"]) {
    expect(codeOf(await read(`/${nobody}/${what}`))).toBe("404 UNKNOWN_ITEM");
    expect(codeOf(await read(`/x/${what}`))).toBe("404 UNKNOWN_ITEM");
  }
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
