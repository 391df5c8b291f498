import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { invariants } from "../proof/invariants.ts";
import { noteFinding } from "../proof/noted.ts";
import { proveOne } from "../proof/prove.ts";
import { call, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { makeItem, makeMandate, makeShop } from "../testing/factories.ts";
import { listen } from "../testing/listener.ts";
import { query } from "../testing/look.ts";
import { makePerson, makeShopIn, type SignedIn } from "../testing/people.ts";
import { makeWebhook } from "../testing/webhooks.ts";
import type { FirstStepsView, ProofView } from "./wire.ts";

let api: TestApi;
let ann: SignedIn;
beforeAll(async () => {
  api = await startApi({ ZERORACE_RUNS: "off" });
});
beforeEach(async () => {
  ann = await makePerson(api.database.db);
  await query(api.database.db, "delete from proof_findings");
});
afterAll(async () => {
  await api.close();
  expect(api.logged).toEqual([]);
});

async function read<View>(path: string, who: SignedIn, tenantId = who.testTenantId) {
  const headers = { Cookie: who.cookie, "ZeroRace-Tenant": tenantId };
  const { status, text, body } = await call(`${api.url}${path}`, { headers });
  expect(status, text).toBe(200);
  return body as View;
}
const steps = (who: SignedIn, tenantId?: string) =>
  read<FirstStepsView>("/v1/tenant/first-steps", who, tenantId);
const proof = (who: SignedIn) => read<ProofView>("/v1/tenant/proof", who);
const doneIn = ({ steps: all }: FirstStepsView) =>
  all.filter(({ doneAt }) => doneAt !== null).map(({ step }) => step);

/** As the worker's round does, one after the other. */
async function lookAtAll(): Promise<void> {
  const { db } = api.database;
  for (const invariant of invariants) await noteFinding(db, await proveOne(db, invariant));
}

it("nothing is ticked in a tenant where nothing happened, nor by what happened in another", async () => {
  const other = await makePerson(api.database.db);
  const shop = await makeShopIn(api.database.db, other.testTenantId);
  await makeKey(api, shop);
  const none = await steps(ann);
  expect(none.steps.map(({ step }) => step)).toHaveLength(6);
  expect(doneIn(none)).toEqual([]);
  expect(none).toMatchObject({ merchantId: null, purchase: null });
  expect(doneIn(await steps(other))).toEqual(["key", "item", "mandate"]);
  expect(doneIn(await steps(other, other.liveTenantId))).toEqual([]);
});

it("each step is ticked by what happened, and the purchase that is offered can be made", async () => {
  const { db } = api.database;
  const shop = await makeShopIn(db, ann.testTenantId);
  const key = await makeKey(api, shop);
  const { purchase, merchantId } = await steps(ann);
  expect(merchantId).toBe(shop.merchantId);
  expect(purchase).toMatchObject({
    merchantId,
    itemId: shop.item.itemId,
    mandateId: shop.mandate.mandateId,
  });
  const hold = { ...purchase, holdSeconds: 60 };
  await post(api, "/v1/holds", hold, { key, idempotencyKey: "kept" });
  expect(doneIn(await steps(ann))).toEqual(["key", "item", "mandate"]);
  const bought = await post(api, "/v1/purchases/commit", purchase ?? {}, {
    key,
    idempotencyKey: "first",
  });
  expect(bought.body).toMatchObject({ outcome: "COMMITTED" });
  await makeWebhook(db, shop);
  await query(
    db,
    `insert into runs (run_id, tenant_id, state, agents, units, mandates, concurrency, duplicate_percent, seed)
     values (gen_random_uuid(), $1, 'finished', 1, 1, 1, 1, 0, 1)`,
    [ann.testTenantId],
  );
  const all = await steps(ann);
  expect(doneIn(all)).toEqual(["run", "key", "item", "mandate", "purchase", "webhook"]);
});

it.each([
  [
    "a closed item",
    (shop: Made) => ["update pools set open = false where item_id = $1", shop.item],
  ],
  [
    "an item that is sold out",
    (shop: Made) => ["update stock_buckets set available = 0 where item_id = $1", shop.item],
  ],
  [
    "a paused mandate",
    (shop: Made) => ["update mandates set state = 'paused' where mandate_id = $1", shop.mandate],
  ],
  [
    "a mandate that has ended",
    (shop: Made) => ["update mandates set expires_at = now() where mandate_id = $1", shop.mandate],
  ],
  [
    "a mandate in another currency",
    (shop: Made) => ["update mandates set currency = 'EUR' where mandate_id = $1", shop.mandate],
  ],
  [
    "a mandate with too low a limit",
    (shop: Made) => [
      "update mandates set purchase_max_minor = 99 where mandate_id = $1",
      shop.mandate,
    ],
  ],
  [
    "a mandate that is spent",
    (shop: Made) => [
      "update mandate_buckets set remaining_minor = 9 where mandate_id = $1",
      shop.mandate,
    ],
  ],
  [
    "a mandate for nothing",
    (shop: Made) => [
      "update mandates set allowed_items = '[]' where mandate_id = $1",
      shop.mandate,
    ],
  ],
] as const)("no purchase is offered with %s, and one beside it is", async (_, change) => {
  const { db } = api.database;
  const shop = await makeShopIn(db, ann.testTenantId);
  const { itemId } = shop.item;
  const { mandateId } = shop.mandate;
  const [text, id] = change({ item: itemId, mandate: mandateId });
  await query(db, text ?? "", [id]);
  expect((await steps(ann)).purchase).toBeNull();
  const item = await makeItem(db, shop);
  const mandate = await makeMandate(db, shop);
  const { purchase } = await steps(ann);
  const isOld = (one: string) => [itemId, mandateId].includes(one);
  expect(purchase?.itemId === item.itemId || purchase?.mandateId === mandate.mandateId).toBe(true);
  expect(isOld(purchase?.itemId ?? "") && isOld(purchase?.mandateId ?? "")).toBe(false);
});

interface Made {
  readonly item: string;
  readonly mandate: string;
}

it("the proof is unknown until somebody has looked at all of it", async () => {
  const before = await proof(ann);
  expect(before).toMatchObject({ verdict: "unknown", checkedAt: null });
  expect(before.findings.map(({ name }) => name)).toEqual(invariants.map(({ name }) => name));
  expect(before.findings.every(({ count }) => count === null)).toBe(true);
  const [first] = invariants;
  if (first) await noteFinding(api.database.db, await proveOne(api.database.db, first));
  expect(await proof(ann)).toMatchObject({ verdict: "unknown", checkedAt: null });
  await lookAtAll();
  const after = await proof(ann);
  expect(after.verdict).toBe("holds");
  expect(after.findings.every(({ count }) => count === 0)).toBe(true);
  expect(Date.now() - Date.parse(after.checkedAt ?? "")).toBeLessThan(60_000);
});

it("a breach is told to the tenant whose books it is in, with its count, and to nobody else", async () => {
  const { db } = api.database;
  const other = await makePerson(db);
  const { item } = await makeShopIn(db, ann.testTenantId);
  const change = "update stock_buckets set available = available + $2 where item_id = $1";
  await query(db, change, [item.itemId, 1]);
  await lookAtAll();
  const own = await proof(ann);
  expect(own.verdict).toBe("broken");
  expect(own.findings.filter(({ count }) => count !== 0)).toMatchObject([
    { name: "oversells", count: 1 },
  ]);
  expect((await proof(other)).verdict).toBe("holds");
  await query(db, change, [item.itemId, -1]);
  expect((await proof(ann)).verdict).toBe("broken");
  await lookAtAll();
  expect((await proof(ann)).verdict).toBe("holds");
});

it("new merchants, keys and endpoints are told on the stream, by who may read them", async () => {
  const shop = await makeShop(api.database.db);
  const scopes = ["purchases:read", "merchants:read", "keys:read", "webhooks:read"];
  const watcher = await makeKey(api, shop, scopes);
  const writer = await makeKey(api, shop, ["merchants:write", "keys:write", "webhooks:write"]);
  const url = `${api.url}/v1/stream?topics=merchants,keys,webhooks`;
  const stream = await listen(url, { Authorization: `Bearer ${watcher}` });
  await stream.next("open");
  const make = async (path: string, body: object) =>
    post(api, path, body, { key: writer, idempotencyKey: crypto.randomUUID() });
  const keyId = writer.split("_")[2] ?? "";
  await make("/v1/merchants", { name: "another" });
  await stream.next("merchants");
  await make("/v1/webhooks", { url: "https://shop.example.com/hooks" });
  await stream.next("webhooks");
  await make(`/v1/keys/${keyId}/revoke`, {});
  await stream.next("keys", ({ ids }) => (ids as string[]).includes(keyId));
  stream.close();
  const blind = await makeKey(api, shop, ["purchases:read"]);
  const refused = await call(url, { headers: { Authorization: `Bearer ${blind}` } });
  expect(refused.status).toBe(403);
});
