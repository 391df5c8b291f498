import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { closeItem } from "../kernel/item-commands.ts";
import {
  call,
  commitBodyOf,
  countRows,
  makeKey,
  makeStore,
  post,
  startApi,
  type Store,
  type TestApi,
} from "../testing/api.ts";
import { makeItem, makeMandate } from "../testing/factories.ts";
import { listAsks } from "./store.ts";

let api: TestApi;
let store: Store;
let other: Store;
/** Ids of what was asked for, newest first; every third was declined, and one of the rest is a hold. */
const made: { id: string; outcome: string }[] = [];
let item: string;
let mandate: string;
beforeAll(async () => {
  api = await startApi();
  store = await makeStore(api);
  other = await makeStore(api);
  const { db } = api.database;
  item = (await makeItem(db, store.shop)).itemId;
  mandate = (await makeMandate(db, store.shop)).mandateId;
  const shut = (await makeItem(db, store.shop)).itemId;
  await closeItem(db, { tenantId: store.shop.tenantId, itemId: shut });
  const body = commitBodyOf(store.shop);
  await ask(commitBodyOf(other.shop), other);
  for (let n = 0; n < 12; n++) {
    if (n % 3 === 0) await ask({ ...body, itemId: shut });
    else if (n === 5) await ask({ ...body, mandateId: mandate }, store, "/v1/holds");
    else await ask({ ...body, ...(n % 2 === 0 && { itemId: item, mandateId: mandate }) });
  }
  const hold = made.find(({ outcome }) => outcome === "HELD");
  await post(api, `/v1/holds/${hold?.id}/release`, { merchantId: store.shop.merchantId }, keyed());
});
afterAll(() => api.close());

const keyed = ({ key } = store) => ({ key, idempotencyKey: randomUUID() });

async function ask(body: object, by = store, path = "/v1/purchases/commit"): Promise<void> {
  const { body: answer } = await post(api, path, body, keyed(by));
  if (by === store) made.unshift({ id: String(answer.intentId), outcome: String(answer.outcome) });
}

interface Row {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly createdAt: string;
  readonly answer: { readonly outcome: string };
}

async function list(parameters: string, key = store.key) {
  const path = `${api.url}/v1/purchases${parameters}`;
  const { status, body } = await call(path, { headers: { Authorization: `Bearer ${key}` } });
  const rows = (body.data ?? []) as Row[];
  const ids = rows.map(({ id }) => id);
  return { status, code: body.code, rows, ids, next: body.nextCursor as string | null };
}

const idsOf = (outcome: string) =>
  made.filter((one) => one.outcome === outcome).map(({ id }) => id);

it("lists what was bought or declined, newest first, and nothing of another tenant", async () => {
  const { ids, rows, next } = await list("");
  expect(ids).toEqual(made.map(({ id }) => id));
  expect(rows.map(({ answer }) => answer.outcome)).toEqual(made.map(({ outcome }) => outcome));
  expect(next).toBeNull();
  expect((await list("", other.key)).ids).toHaveLength(1);
});

it("shows each as its own path does", async () => {
  const { rows } = await list("?limit=1");
  const init = { headers: { Authorization: `Bearer ${store.key}` } };
  const shown = await call(`${api.url}/v1/purchases/${rows[0]?.id}`, init);
  expect(rows[0]).toEqual(shown.body);
});

it.each([1, 5, 11, 12])(
  "pages by %i without a gap or a repeat, while more is sold",
  async (limit) => {
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(`?limit=${limit}${cursor === null ? "" : `&cursor=${cursor}`}`);
      expect(page.ids.length).toBeLessThanOrEqual(limit);
      found.push(...page.ids);
      cursor = page.next;
      if (found.length === limit) await ask(commitBodyOf(store.shop));
    } while (cursor !== null);
    // The one that was sold meanwhile is newer than where the first page began.
    expect(found).toEqual(made.slice(1).map(({ id }) => id));
  },
);

it("filters by outcome, mandate, item and merchant", async () => {
  expect((await list("?outcome=committed")).ids).toEqual(idsOf("COMMITTED"));
  expect((await list("?outcome=declined")).ids).toEqual(idsOf("DECLINED"));
  expect((await list("?outcome=held")).ids).toEqual(idsOf("HELD"));
  expect((await list(`?itemId=${item}`)).ids).toHaveLength(4);
  expect((await list(`?mandateId=${mandate.toUpperCase()}`)).ids).toHaveLength(5);
  const both = await list(`?mandateId=${mandate}&itemId=${item}&outcome=committed&limit=3`);
  expect(both.ids).toHaveLength(3);
  const rest = await list(`?mandateId=${mandate}&itemId=${item}&limit=3&cursor=${both.next}`);
  expect(rest.ids).toHaveLength(1);
  expect(rest.next).toBeNull();
  const { merchantId } = store.shop;
  expect((await list(`?merchantId=${merchantId}`)).ids).toHaveLength(made.length);
});

it("filters by reason, agent, key and time", async () => {
  expect((await list("?reason=ITEM_CLOSED")).ids).toEqual(idsOf("DECLINED"));
  expect((await list("?reason=SOLD_OUT")).ids).toEqual([]);
  expect((await list("?outcome=committed&reason=ITEM_CLOSED")).ids).toEqual([]);
  const agentId = 'a "7"\\';
  await ask({ ...commitBodyOf(store.shop), agentId });
  const [{ id } = { id: "" }] = made;
  expect((await list(`?agentId=${encodeURIComponent(agentId)}`)).ids).toEqual([id]);
  expect((await list("?agentId=a")).ids).toEqual([]);
  const { rows } = await list("");
  const [newest, second] = rows;
  expect((await list(`?key=${newest?.idempotencyKey}`)).ids).toEqual([id]);
  expect((await list(`?key=${newest?.idempotencyKey}&outcome=declined`)).ids).toEqual([]);
  expect((await list(`?key=${newest?.idempotencyKey}`, other.key)).ids).toEqual([]);
  const at = second?.createdAt ?? "";
  const [since, before] = [await list(`?from=${at}`), await list(`?to=${at}`)];
  expect([...since.ids, ...before.ids]).toEqual(made.map((one) => one.id));
  expect(since.ids).toContain(id);
  expect(before.ids.length).toBeGreaterThan(0);
});

it("does not find an id that an agent only wrote into its name", async () => {
  const { itemId } = await makeItem(api.database.db, store.shop);
  const agentId = `","itemId":"${itemId}`;
  await ask({ ...commitBodyOf(store.shop), agentId });
  expect((await list(`?itemId=${itemId}`)).ids).toEqual([]);
});

it("refuses what is not a parameter, not a page, or not one's own", async () => {
  const before = await countRows(api);
  const { merchantId, mandate: purse, item: thing } = other.shop;
  const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
  const forged = (text: string) => Buffer.from(text).toString("base64url");
  const { next } = await list("?limit=1");
  const cases: readonly (readonly [string, string])[] = [
    ["?limit=0", "422 VALIDATION_FAILED"],
    ["?limit=101", "422 VALIDATION_FAILED"],
    ["?limit=1e1", "422 VALIDATION_FAILED"],
    ["?limit=1&limit=2", "422 UNKNOWN_PARAMETER"],
    ["?offset=1", "422 UNKNOWN_PARAMETER"],
    ["?outcome=sold", "422 VALIDATION_FAILED"],
    ["?itemId=x", "422 VALIDATION_FAILED"],
    ["?reason=WEATHER", "422 VALIDATION_FAILED"],
    ["?agentId=", "422 VALIDATION_FAILED"],
    ["?from=today", "422 VALIDATION_FAILED"],
    ["?view=all", "422 VALIDATION_FAILED"],
    ["?format=csv&limit=5", "422 UNKNOWN_PARAMETER"],
    ["?format=csv&view=whole", "422 UNKNOWN_PARAMETER"],
    ["?merchantId=", "422 VALIDATION_FAILED"],
    ["?cursor=", "422 BAD_CURSOR"],
    ["?cursor=x", "422 BAD_CURSOR"],
    [`?cursor=${next?.slice(1)}`, "422 BAD_CURSOR"],
    [`?cursor=${next}A`, "422 BAD_CURSOR"],
    [`?cursor=${forged(`2026-13-01 00:00:00+00|${nobody}`)}`, "422 BAD_CURSOR"],
    [`?cursor=${forged(`infinity|${nobody}`)}`, "422 BAD_CURSOR"],
    [`?cursor=${forged("2026-11-01 00:00:00+00|' or 1=1")}`, "422 BAD_CURSOR"],
    [`?merchantId=${nobody}`, "404 UNKNOWN_MERCHANT"],
    [`?mandateId=${nobody}`, "404 UNKNOWN_MANDATE"],
    [`?itemId=${nobody}`, "404 UNKNOWN_ITEM"],
    [`?merchantId=${merchantId}`, "403 FORBIDDEN"],
    [`?mandateId=${purse.mandateId}`, "403 FORBIDDEN"],
    [`?itemId=${thing.itemId}`, "403 FORBIDDEN"],
  ];
  for (const [parameters, expected] of cases) {
    const { status, code } = await list(parameters);
    expect([parameters, `${status} ${String(code)}`]).toEqual([parameters, expected]);
  }
  const writer = await makeKey(api, store.shop, ["purchases:write"]);
  expect((await list("", writer)).status).toBe(403);
  expect(await countRows(api)).toEqual(before);
});

it("looks at so many asks for a page, and goes on where it stopped", async () => {
  const { db } = api.database;
  const { tenantId } = store.shop;
  const found: string[] = [];
  let after: { createdAt: string; id: string } | undefined;
  let pages = 0;
  do {
    const page = { limit: 100, ...(after && { after }) };
    const { asks, next } = await listAsks(db, tenantId, { kind: "hold" }, page, 2);
    found.push(...asks.map(({ askId }) => askId));
    after = next;
    pages++;
  } while (after);
  expect(found).toEqual(idsOf("HELD"));
  expect(pages).toBeGreaterThan(made.length / 2);
});
