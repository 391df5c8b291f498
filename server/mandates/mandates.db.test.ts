import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKey } from "../auth/keys.ts";
import { call, makeKey, commitBodyOf, post, startApi, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { granted, holdAsk, makeMandate, makeShop, startKernel } from "../testing/factories.ts";
import type { Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";

let api: TestApi;
let shop: Shop;
let key: string;
const scopes = ["mandates:read", "mandates:write", "purchases:write"];
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, scopes);
});
afterAll(async () => {
  await expectProven(api.database.db);
  await api.close();
});

const bodyOf = (fields: object = {}) => ({
  name: "travel",
  currency: "USD",
  capMinor: 10_000,
  ...fields,
});
const create = async (body: object, idempotencyKey: string, by = key) =>
  post(api, "/v1/mandates", body, { key: by, idempotencyKey });
const change = async (id: unknown, verb: string, body: object = {}, by = key) =>
  post(api, `/v1/mandates/${String(id)}/${verb}`, body, { key: by, idempotencyKey: randomUUID() });
const read = async (path: string, by = key) =>
  call(`${api.url}/v1/mandates${path}`, { headers: { Authorization: `Bearer ${by}` } });
const buy = async (mandateId: unknown, idempotencyKey: string) =>
  post(api, "/v1/purchases/commit", { ...commitBodyOf(shop), mandateId }, { key, idempotencyKey });
const codeOf = ({ status, body }: Awaited<ReturnType<typeof read>>): string =>
  `${status} ${String(body.code)}`;

it("makes a mandate with all its rules once for a key, and says what is left by each", async () => {
  const rules = {
    purchaseMaxMinor: 5_000,
    dayLimitMinor: 6_000,
    weekLimitMinor: 7_000,
    monthLimitMinor: 8_000,
    timeZone: "Europe/Paris",
    allowedMerchants: [shop.merchantId],
    allowedItems: [shop.item.itemId],
    agentId: "agent",
    duplicateWindowSeconds: 1,
  };
  const times = { startsAt: "2026-01-01T00:00:00+01:00", expiresAt: "2199-01-01T00:00:00.5Z" };
  const asked = bodyOf({ ...rules, ...times, buckets: 3 });
  const { status, body, text } = await create(asked, "n1");
  expect(status).toBe(201);
  expect(body).toMatchObject({
    ...bodyOf(rules),
    state: "active",
    startsAt: "2025-12-31T23:00:00.000Z",
    expiresAt: "2199-01-01T00:00:00.500Z",
  });
  expect((await create(asked, "n1")).text).toBe(text);
  expect(codeOf(await create({ ...asked, capMinor: 1 }, "n1"))).toBe("409 KEY_REUSED");
  expect((await buy(body.id, "n1-buy")).body).toMatchObject({ outcome: "COMMITTED" });
  const room = (leftMinor: number) => ({ leftMinor, resetsAt: expect.any(String) });
  const { left } = (await read(`/${String(body.id)}`)).body;
  expect(left).toEqual({
    capMinor: 9_900,
    day: room(5_900),
    week: room(6_900),
    month: room(7_900),
  });
});

it("pauses, activates and revokes; a revoked one stays revoked", async () => {
  const { body } = await create(bodyOf(), "n2");
  expect((await change(body.id, "pause")).body).toMatchObject({ state: "paused" });
  expect((await buy(body.id, "n2-paused")).body).toMatchObject({ outcome: "DECLINED" });
  expect((await change(body.id, "activate")).body).toMatchObject({ state: "active" });
  expect((await buy(body.id, "n2-active")).body).toMatchObject({ outcome: "COMMITTED" });
  expect((await change(body.id, "revoke")).body).toMatchObject({ state: "revoked" });
  expect((await buy(body.id, "n2-revoked")).body).toMatchObject({ outcome: "DECLINED" });
  const before = await countEveryRow(api.database.db);
  expect(codeOf(await change(body.id, "activate"))).toBe("409 MANDATE_REVOKED");
  expect(codeOf(await change(body.id, "pause"))).toBe("409 MANDATE_REVOKED");
  expect(await countEveryRow(api.database.db)).toEqual(before);
  const entries = await query<{ action: string }>(
    api.database.db,
    "select action from audit_entries where object_id = $1 order by seq",
    [body.id],
  );
  expect(entries.map(({ action }) => action)).toEqual([
    "mandate.create",
    "mandate.pause",
    "mandate.activate",
    "mandate.revoke",
  ]);
});

it("gives back what is held when it is revoked, if that is asked for", async () => {
  const kernel = startKernel(api.database.db);
  for (const [releases, left] of [
    [false, 999_900],
    [true, 1_000_000],
  ] as const) {
    const mandate = await makeMandate(api.database.db, shop);
    await granted(kernel.ask(holdAsk(shop, { mandateId: mandate.mandateId })));
    const { body } = await change(mandate.mandateId, "revoke", { releaseHolds: releases });
    expect(body).toMatchObject({ state: "revoked", left: { capMinor: left } });
  }
});

it("sets a cap, never below what is spent, and rules, all of them anew", async () => {
  const { body } = await create(bodyOf({ dayLimitMinor: 500, agentId: "another" }), "n3");
  const id = body.id;
  const rules = await change(id, "rules", { weekLimitMinor: 900 });
  expect(rules.body).toMatchObject({ dayLimitMinor: null, weekLimitMinor: 900, agentId: null });
  expect((await buy(id, "n3-buy")).body).toMatchObject({ outcome: "COMMITTED" });
  const { body: capped } = await change(id, "cap", { capMinor: 150 });
  expect(capped).toMatchObject({ capMinor: 150, left: { capMinor: 50, week: { leftMinor: 800 } } });
  const before = await countEveryRow(api.database.db);
  expect(codeOf(await change(id, "cap", { capMinor: 99 }))).toBe("409 CAP_BELOW_SPENT");
  expect(await countEveryRow(api.database.db)).toEqual(before);
  const entries = await query<{ before: string }>(
    api.database.db,
    "select before from audit_entries where object_id = $1 and action <> 'mandate.create' order by seq",
    [id],
  );
  expect(entries.map((entry) => JSON.parse(entry.before) as object)).toEqual([
    { dayLimitMinor: 500, timeZone: "UTC", agentId: "another" },
    { capMinor: 10_000 },
  ]);
});

it("is topped up by so much more, and dealt over other buckets", async () => {
  const { body } = await create(bodyOf({ buckets: 3 }), "n4");
  expect(body).toMatchObject({ buckets: 3 });
  const more = await change(body.id, "top-up", { amountMinor: 500 });
  expect(more.body).toMatchObject({ capMinor: 10_500, left: { capMinor: 10_500 } });
  const dealt = await change(body.id, "reshard", { buckets: 7 });
  expect(dealt.body).toMatchObject({ buckets: 7, left: { capMinor: 10_500 } });
  const before = await countEveryRow(api.database.db);
  const most = { amountMinor: Number.MAX_SAFE_INTEGER };
  expect(codeOf(await change(body.id, "top-up", most))).toBe("422 VALIDATION_FAILED");
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
const badRules = [
  [{ dayLimitMinor: -1 }, "422 VALIDATION_FAILED"],
  [{ purchaseMaxMinor: "1" }, "422 VALIDATION_FAILED"],
  [{ monthLimitMinor: 0.5 }, "422 NUMBER_NOT_EXACT"],
  [{ timeZone: "Mars/Olympus" }, "422 VALIDATION_FAILED"],
  [{ timeZone: "+01:00" }, "422 VALIDATION_FAILED"],
  [{ timeZone: "" }, "422 VALIDATION_FAILED"],
  [{ timeZone: "UTC'; select 1" }, "422 VALIDATION_FAILED"],
  [{ allowedMerchants: "x" }, "422 VALIDATION_FAILED"],
  [{ allowedMerchants: ["x"] }, "422 VALIDATION_FAILED"],
  [{ allowedMerchants: [nobody] }, "404 UNKNOWN_MERCHANT"],
  [{ allowedItems: [nobody] }, "404 UNKNOWN_ITEM"],
  [{ agentId: "" }, "422 VALIDATION_FAILED"],
  ...[
    "infinity",
    "now",
    "today",
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-02-30T00:00:00Z",
    "2027-01-01T00:00:00-00:00",
  ].map((startsAt) => [{ startsAt }, "422 VALIDATION_FAILED"] as const),
  ...["2026-01-01T00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T24:00:00Z", 0, null].map(
    (expiresAt) => [{ expiresAt }, "422 VALIDATION_FAILED"] as const,
  ),
  [
    { startsAt: "2026-01-01T00:00:00Z", expiresAt: "2026-01-01T00:00:00Z" },
    "422 VALIDATION_FAILED",
  ],
  [{ duplicateWindowSeconds: 0 }, "422 VALIDATION_FAILED"],
  [{ duplicateWindowSeconds: 2_592_001 }, "422 VALIDATION_FAILED"],
  [{ spentMinor: 0 }, "422 VALIDATION_FAILED"],
] as const;

it.each(badRules)("refuses the rules %j with %s and writes nothing", async (fields, expected) => {
  const before = await countEveryRow(api.database.db);
  expect(codeOf(await create(bodyOf(fields), "bad"))).toBe(expected);
  expect(codeOf(await change(shop.mandate.mandateId, "rules", fields))).toBe(expected);
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it.each([
  ["", bodyOf({ name: "" }), "422 VALIDATION_FAILED"],
  ["", bodyOf({ capMinor: -1 }), "422 VALIDATION_FAILED"],
  ["", bodyOf({ currency: "EURO" }), "422 VALIDATION_FAILED"],
  ["", bodyOf({ state: "active" }), "422 VALIDATION_FAILED"],
  [`/${nobody}/pause`, {}, "404 UNKNOWN_MANDATE"],
  ["/x/cap", { capMinor: 1 }, "404 UNKNOWN_MANDATE"],
  [`/${nobody}/cap`, {}, "422 VALIDATION_FAILED"],
  [`/${nobody}/top-up`, { amountMinor: 1 }, "404 UNKNOWN_MANDATE"],
  [`/${nobody}/top-up`, { amountMinor: 0 }, "422 VALIDATION_FAILED"],
  [`/${nobody}/top-up`, { capMinor: 5 }, "422 VALIDATION_FAILED"],
  [`/${nobody}/reshard`, { buckets: 0 }, "422 VALIDATION_FAILED"],
  [`/${nobody}/reshard`, { buckets: 257 }, "422 VALIDATION_FAILED"],
  [`/${nobody}/revoke`, { releaseHolds: "yes" }, "422 VALIDATION_FAILED"],
])("answers POST /v1/mandates%s %j with %s and writes nothing", async (path, body, expected) => {
  const before = await countEveryRow(api.database.db);
  const own = { key, idempotencyKey: "bad" };
  expect(codeOf(await post(api, `/v1/mandates${path}`, body, own))).toBe(expected);
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it("lists the mandates, those of its tenant", async () => {
  const { status, body } = await read("?limit=100");
  expect(status).toBe(200);
  const { mandateId: id } = shop.mandate;
  expect(body.data).toContainEqual(expect.objectContaining({ id, state: "active" }));
  expect(codeOf(await read(`/${nobody}`))).toBe("404 UNKNOWN_MANDATE");
});

it("says in the list and beside the rules where the money is, through hold, sale and refund", async () => {
  const kernel = startKernel(api.database.db);
  const { mandateId } = await makeMandate(api.database.db, shop, { capMinor: 1_000n });
  await granted(kernel.ask(holdAsk(shop, { mandateId, quantity: 3n })));
  const { body } = await buy(mandateId, "money");
  const refund = { merchantId: shop.merchantId, amountMinor: 40 };
  const by = await makeKey(api, shop, ["refunds:write"]);
  const refunds = `/v1/purchases/${String(body.intentId)}/refunds`;
  await post(api, refunds, refund, { key: by, idempotencyKey: "money-back" });
  const money = { leftMinor: 640, heldMinor: 300, spentMinor: 60 };
  expect((await read(`/${mandateId}`)).body).toMatchObject({ capMinor: 1_000, money });
  const { data } = (await read("?limit=100")).body as { data: { id: string }[] };
  expect(data.find(({ id }) => id === mandateId)).toMatchObject({ money });
});

it("lists those in a state", async () => {
  const { mandateId } = await makeMandate(api.database.db, shop);
  await change(mandateId, "pause");
  const statesOf = async (query: string) => {
    const { data } = (await read(`?limit=100&${query}`)).body as { data: { state: string }[] };
    return [...new Set(data.map(({ state }) => state))];
  };
  for (const state of ["active", "paused", "revoked"]) {
    expect(await statesOf(`state=${state}`)).toEqual([state]);
  }
  expect(codeOf(await read("?state=asleep"))).toBe("422 VALIDATION_FAILED");
});

it("lets a key that is bound to an agent change no mandate, and one bound to a mandate no other", async () => {
  const { tenantId, mandate } = shop;
  const by = { actor: { kind: "command", id: "test" } } as const;
  const other = await makeMandate(api.database.db, shop);
  for (const bounds of [{ agentIds: ["agent"] }, { mandateIds: [mandate.mandateId] }]) {
    const terms = { tenantId, name: "bound", scopes, ...bounds };
    const bound = await createKey(api.database.db, terms, by);
    if (bound.kind !== "done") throw new Error(bound.says);
    const before = await countEveryRow(api.database.db);
    expect((await create(bodyOf(), "bound", bound.apiKey)).status).toBe(403);
    const raise = await change(other.mandateId, "cap", { capMinor: 1 }, bound.apiKey);
    expect(raise.status).toBe(403);
    expect(await countEveryRow(api.database.db)).toEqual(before);
    expect((await read(`/${mandate.mandateId}`, bound.apiKey)).status).toBe(200);
    const strange = await read(`/${other.mandateId}`, bound.apiKey);
    expect(strange.status).toBe("mandateIds" in bounds ? 403 : 200);
  }
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
