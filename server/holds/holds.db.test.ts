import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKey } from "../auth/keys.ts";
import {
  commitBodyOf,
  countRows,
  makeKey,
  makeStore,
  post,
  startApi,
  type Reply,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { look, turnBack } from "../testing/look.ts";

let api: TestApi;
let store: Store;
let other: Store;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  other = await makeStore(api);
  const scopes = ["purchases:read", "purchases:write", "refunds:write"];
  store = { ...store, key: await makeKey(api, store.shop, scopes) };
  other = { ...other, key: await makeKey(api, other.shop, scopes) };
});
afterAll(async () => {
  await expectProven(api.database.db);
  await api.close();
});

const send = (path: string, body: object, key = store.key, idempotencyKey: string = randomUUID()) =>
  post(api, path, body, { key, idempotencyKey });
const holdOf = ({ shop }: Store, more: object = {}) => ({ ...commitBodyOf(shop), ...more });
const atShop = (more: object = {}) => ({ merchantId: store.shop.merchantId, ...more });

async function hold(more: object = {}): Promise<string> {
  const { status, body } = await send("/v1/holds", holdOf(store, more));
  expect(status).toBe(201);
  return String(body.intentId);
}

const told = ({ status, body }: Reply) => [status, body.code ?? body.reason ?? body.outcome];

it("holds, extends and captures a part; the rest returns", async () => {
  const before = await look(api.database.db, store.shop);
  const held = await send("/v1/holds", holdOf(store, { quantity: 3, amountMinor: 300 }));
  expect(told(held)).toEqual([201, "HELD"]);
  const seconds = (Date.parse(String(held.body.expiresAt)) - Date.now()) / 1000;
  expect(seconds).toBeGreaterThan(540);
  expect(seconds).toBeLessThan(660);
  const path = `/v1/holds/${String(held.body.intentId)}`;
  const extended = await send(`${path}/extend`, atShop({ holdSeconds: 3600 }));
  expect(told(extended)).toEqual([201, "EXTENDED"]);
  const captured = await send(`${path}/capture`, atShop({ quantity: 2 }));
  expect(captured.body).toMatchObject({ outcome: "CAPTURED", amountMinor: 200 });
  const after = await look(api.database.db, store.shop);
  expect(after.available).toBe(before.available - 2n);
  expect(after.remaining).toBe(before.remaining - 200n);
  expect(told(await send(`${path}/capture`, atShop()))).toEqual([200, "CAPTURED"]);
  expect(told(await send(`${path}/release`, atShop()))).toEqual([200, "CAPTURED"]);
});

it("releases a hold, in capitals too, and refuses one that has run out", async () => {
  const id = await hold();
  const released = await send(`/v1/holds/${id.toUpperCase()}/release`, atShop());
  expect(told(released)).toEqual([201, "RELEASED"]);
  const late = await hold();
  await turnBack(api.database.db, [late], "1 hour");
  expect(told(await send(`/v1/holds/${late}/capture`, atShop()))).toEqual([200, "HOLD_EXPIRED"]);
  const more = atShop({ holdSeconds: 60 });
  expect(told(await send(`/v1/holds/${late}/extend`, more))).toEqual([200, "HOLD_EXPIRED"]);
});

it("refunds a part and its units, and never more than was paid", async () => {
  const { body } = await send("/v1/purchases/commit", commitBodyOf(store.shop));
  const path = `/v1/purchases/${String(body.intentId)}/refunds`;
  const part = await send(path, atShop({ amountMinor: 60, returnQuantity: 1 }));
  expect(part.body).toMatchObject({ outcome: "REFUNDED", amountMinor: 60, replayed: false });
  expect(told(await send(path, atShop({ amountMinor: 41 })))).toEqual([200, "OVER_REFUND"]);
  expect(told(await send(path, atShop({ amountMinor: 40 })))).toEqual([201, "REFUNDED"]);
});

it("answers every one of them once for a key, and again with the same bytes", async () => {
  const [first, second] = [await hold(), await hold()];
  const asks: readonly (readonly [string, object, object])[] = [
    ["/v1/holds", holdOf(store), holdOf(store, { holdSeconds: 601 })],
    [`/v1/holds/${first}/extend`, atShop({ holdSeconds: 60 }), atShop({ holdSeconds: 61 })],
    [`/v1/holds/${first}/capture`, atShop(), atShop({ quantity: 1 })],
    [`/v1/holds/${first}/capture`, atShop(), atShop({ quantity: 1 })],
    [`/v1/purchases/${first}/refunds`, atShop({ amountMinor: 1 }), atShop({ amountMinor: 2 })],
    [`/v1/holds/${second}/release`, atShop(), atShop({ idempotencyKey: "unused" })],
  ];
  for (const [path, body, another] of asks) {
    const key = randomUUID();
    const answer = await send(path, body, store.key, key);
    expect(answer.status).toBeLessThan(202);
    const inBody = { ...body, idempotencyKey: key };
    const replay = await post(api, path, inBody, { key: store.key });
    expect(replay.status).toBe(answer.status);
    expect(replay.text).toBe(answer.text.replace('"replayed":false', '"replayed":true'));
    expect(replay.text).toContain('"replayed":true');
    const reused = await send(path, another, store.key, key);
    if (path.endsWith("release")) expect(reused.text).toBe(replay.text);
    else expect(told(reused)).toEqual([409, "KEY_REUSED"]);
  }
});

it("refuses what is not valid, not known or not one's own, and records nothing", async () => {
  const id = await hold();
  const { body } = await send("/v1/holds", holdOf(other), other.key);
  const theirs = String(body.intentId);
  const before = await countRows(api);
  const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
  const cases: readonly (readonly [string, object, string])[] = [
    ["/v1/holds", holdOf(store, { holdSeconds: 0 }), "422 VALIDATION_FAILED"],
    ["/v1/holds", holdOf(store, { holdSeconds: 604_801 }), "422 VALIDATION_FAILED"],
    ["/v1/holds", holdOf(store, { holdSeconds: "60" }), "422 VALIDATION_FAILED"],
    ["/v1/holds", holdOf(store, { seconds: 60 }), "422 VALIDATION_FAILED"],
    ["/v1/holds", holdOf(store, { amountMinor: 99 }), "422 AMOUNT_MISMATCH"],
    ["/v1/holds", holdOf(store, { mandateId: nobody }), "404 UNKNOWN_MANDATE"],
    ["/v1/holds", holdOf(other), "403 FORBIDDEN"],
    ["/v1/holds", holdOf(store, { mandateId: other.shop.mandate.mandateId }), "403 FORBIDDEN"],
    ["/v1/holds", holdOf(store, { itemId: other.shop.item.itemId }), "403 FORBIDDEN"],
    ["/v1/holds?x=1", holdOf(store), "422 UNKNOWN_PARAMETER"],
    [`/v1/holds/${id}/capture`, {}, "422 VALIDATION_FAILED"],
    [`/v1/holds/${id}/capture`, atShop({ quantity: 0 }), "422 VALIDATION_FAILED"],
    [`/v1/holds/${id}/capture`, atShop({ quantity: 2 }), "422 INVALID_ASK"],
    [`/v1/holds/${id}/capture`, { merchantId: nobody }, "404 UNKNOWN_MERCHANT"],
    [`/v1/holds/${id}/capture`, { merchantId: other.shop.merchantId }, "403 FORBIDDEN"],
    [`/v1/holds/${id}/extend`, atShop(), "422 VALIDATION_FAILED"],
    [`/v1/holds/${id}/extend`, atShop({ holdSeconds: 604_801 }), "422 VALIDATION_FAILED"],
    [`/v1/holds/${id}/release`, atShop({ reason: "x" }), "422 VALIDATION_FAILED"],
    [`/v1/purchases/${id}/refunds`, atShop(), "422 VALIDATION_FAILED"],
    [`/v1/purchases/${id}/refunds`, atShop({ amountMinor: 0 }), "422 VALIDATION_FAILED"],
    [`/v1/purchases/${id}/refunds`, atShop({ amountMinor: -1 }), "422 VALIDATION_FAILED"],
    ["/v1/holds/x/capture", atShop(), "404 UNKNOWN_PURCHASE"],
    [`/v1/holds/${nobody}/release`, atShop(), "404 UNKNOWN_PURCHASE"],
    [`/v1/holds/${theirs}/capture`, atShop(), "403 FORBIDDEN"],
    [`/v1/holds/${theirs}/extend`, atShop({ holdSeconds: 60 }), "403 FORBIDDEN"],
    [`/v1/holds/${theirs}/release`, atShop(), "403 FORBIDDEN"],
    [`/v1/purchases/${theirs}/refunds`, atShop({ amountMinor: 1 }), "403 FORBIDDEN"],
  ];
  for (const [path, sent, expected] of cases) {
    const reply = await send(path, sent);
    expect([path, sent, told(reply).join(" ")]).toEqual([path, sent, expected]);
    const keyless = await post(api, path, sent, { key: store.key });
    expect(keyless.status).toBeGreaterThanOrEqual(400);
  }
  const keyless = await post(api, "/v1/holds", holdOf(store), { key: store.key });
  expect(told(keyless)).toEqual([400, "IDEMPOTENCY_KEY_MISSING"]);
  expect(await countRows(api)).toEqual(before);
});

it("lets a bound key act on the purchases of its own agents and mandates only", async () => {
  const { db } = api.database;
  const { tenantId, mandate } = store.shop;
  const by = { actor: { kind: "command", id: "test" } } as const;
  const bound = async (more: object): Promise<string> => {
    const scopes = ["purchases:write", "refunds:write"];
    const made = await createKey(db, { tenantId, name: "bound", scopes, ...more }, by);
    if (made.kind !== "done") throw new Error(made.says);
    return made.apiKey;
  };
  const id = await hold();
  const theirs = await send("/v1/holds", holdOf(other), other.key);
  const before = await countRows(api);
  const strangers = [
    [{ agentIds: ["another"] }, "KEY_NOT_FOR_AGENT"],
    [{ mandateIds: [randomUUID()] }, "KEY_NOT_FOR_MANDATE"],
  ] as const;
  for (const [bounds, code] of strangers) {
    const key = await bound(bounds);
    const refused = [
      await send("/v1/holds", holdOf(store), key),
      await send(`/v1/holds/${id}/capture`, atShop(), key),
      await send(`/v1/holds/${id}/extend`, atShop({ holdSeconds: 60 }), key),
      await send(`/v1/holds/${id}/release`, atShop(), key),
      await send(`/v1/purchases/${id}/refunds`, atShop({ amountMinor: 1 }), key),
    ];
    expect(refused.map(told)).toEqual(refused.map(() => [403, code]));
    const stolen = await send(`/v1/holds/${String(theirs.body.intentId)}/release`, atShop(), key);
    expect(told(stolen)).toEqual([403, "FORBIDDEN"]);
    const unknown = await send(`/v1/holds/${randomUUID()}/release`, atShop(), key);
    expect(told(unknown)).toEqual([404, "UNKNOWN_PURCHASE"]);
  }
  expect(await countRows(api)).toEqual(before);
  const own = await bound({ agentIds: ["agent"], mandateIds: [mandate.mandateId] });
  expect(told(await send(`/v1/holds/${id}/capture`, atShop(), own))).toEqual([201, "CAPTURED"]);
  const refund = await send(`/v1/purchases/${id}/refunds`, atShop({ amountMinor: 1 }), own);
  expect(told(refund)).toEqual([201, "REFUNDED"]);
});

it("asks for a scope: refunds have one of their own", async () => {
  const id = await hold();
  const [reader, buyer] = [
    await makeKey(api, store.shop, ["purchases:read", "refunds:write"]),
    await makeKey(api, store.shop),
  ];
  expect(told(await send("/v1/holds", holdOf(store), reader))).toEqual([403, "INSUFFICIENT_SCOPE"]);
  const release = await send(`/v1/holds/${id}/release`, atShop(), reader);
  expect(told(release)).toEqual([403, "INSUFFICIENT_SCOPE"]);
  const refund = await send(`/v1/purchases/${id}/refunds`, atShop({ amountMinor: 1 }), buyer);
  expect(told(refund)).toEqual([403, "INSUFFICIENT_SCOPE"]);
});
