import { afterAll, beforeAll, expect, it } from "vitest";
import { makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { makeItem, makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { unreliable, type Policy, type Unreliable } from "../proof/unreliable.ts";

/** A command has its effect once for its key, whatever happens on the way. */
let api: TestApi;
let network: Unreliable;
let policy: Policy = () => "pass";
let commits = 0;
beforeAll(async () => {
  api = await startApi({}, async (url) => {
    network = await unreliable(url, () => policy(commits++));
    return network.url;
  });
});
afterAll(async () => {
  await expectProven(api.database.db);
  await api.close();
  await network.close();
});

const open = async (): Promise<{ shop: Shop; key: string }> => {
  const shop = await makeShop(api.database.db);
  return { shop, key: await makeKey(api, shop, ["items:write", "mandates:write"]) };
};
const codeOf = ({ status, body }: Reply): string => `${status} ${String(body.code)}`;
const stocked = async ({ item }: Shop): Promise<number> => {
  const text = "select sum(quantity)::integer as units from stock_moves where item_id = $1";
  const [row] = await query<{ units: number }>(api.database.db, text, [item.itemId]);
  return row?.units ?? 0;
};
const capOf = async ({ mandate }: Shop): Promise<number> => {
  const text = "select cap_minor::float8 as cap from mandates where mandate_id = $1";
  const [row] = await query<{ cap: number }>(api.database.db, text, [mandate.mandateId]);
  return row?.cap ?? 0;
};

const counting = [
  {
    path: ({ item }: Shop) => `/v1/items/${item.itemId}/adjust`,
    body: { quantity: 7, reason: "a delivery" },
    other: { quantity: 8, reason: "a delivery" },
    total: stocked,
    before: 100,
    after: 107,
  },
  {
    path: ({ mandate }: Shop) => `/v1/mandates/${mandate.mandateId}/top-up`,
    body: { amountMinor: 7 },
    other: { amountMinor: 8 },
    total: capOf,
    before: 1_000_000,
    after: 1_000_007,
  },
] as const;

it.each(counting)("of 20 at once with one key, one counts: $body", async (one) => {
  const { shop, key } = await open();
  const send = async (body: object = one.body, idempotencyKey = "k") =>
    post(api, one.path(shop), body, { key, idempotencyKey });
  const rows = await countEveryRow(api.database.db);
  const all = await Promise.all(Array.from({ length: 20 }, () => send()));
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  const replayed = all.map(({ headers }) => headers.get("idempotent-replayed"));
  expect(replayed.filter((value) => value === "false")).toHaveLength(1);
  expect(await one.total(shop)).toBe(one.after);
  const after = await countEveryRow(api.database.db);
  expect(after).toMatchObject({
    request_keys: (rows.request_keys ?? 0) + 1,
    audit_entries: (rows.audit_entries ?? 0) + 1,
  });
  expect(codeOf(await send(one.other))).toBe("409 KEY_REUSED");
  expect(await countEveryRow(api.database.db)).toEqual(after);
  expect(codeOf(await send(one.body, "another"))).toBe("200 undefined");
  expect(await one.total(shop)).toBe(2 * one.after - one.before);
});

it.each(counting)("needs a key where twice is not once: $body", async (one) => {
  const { shop, key } = await open();
  const before = await countEveryRow(api.database.db);
  expect(codeOf(await post(api, one.path(shop), one.body, { key }))).toBe(
    "400 IDEMPOTENCY_KEY_MISSING",
  );
  expect(await countEveryRow(api.database.db)).toEqual(before);
  expect(await one.total(shop)).toBe(one.before);
});

it("is another command on another path, also under the same key and with the same body", async () => {
  const { shop, key } = await open();
  const other = await makeItem(api.database.db, shop);
  const [one] = counting;
  const both = [shop, { ...shop, item: other }] as const;
  for (const where of both) {
    const reply = await post(api, one.path(where), one.body, { key, idempotencyKey: "k" });
    expect(reply.headers.get("idempotent-replayed")).toBe("false");
  }
  expect(await Promise.all(both.map(stocked))).toEqual([one.after, one.after]);
  const mandate = `/v1/mandates/${shop.mandate.mandateId}`;
  for (const [verb, state] of [
    ["pause", "paused"],
    ["activate", "active"],
  ] as const) {
    await post(api, `${mandate}/${verb}`, {}, { key, idempotencyKey: "k" });
    const text = "select state from mandates where mandate_id = $1";
    expect(await query(api.database.db, text, [shop.mandate.mandateId])).toEqual([{ state }]);
  }
});

it("takes bodies apart when different ones race for one key", async () => {
  const { shop, key } = await open();
  const all = await Promise.all(
    Array.from({ length: 10 }, async (_, n) =>
      post(
        api,
        `/v1/items/${shop.item.itemId}/adjust`,
        { quantity: n + 1, reason: "a race" },
        { key, idempotencyKey: "race" },
      ),
    ),
  );
  const codes = all.map(codeOf).toSorted();
  expect(codes).toEqual(["200 undefined", ...Array.from({ length: 9 }, () => "409 KEY_REUSED")]);
  const won = all.findIndex(({ status }) => status === 200);
  expect(await stocked(shop)).toBe(100 + won + 1);
});

it("keeps one effect when commands without a gate race: one audit entry", async () => {
  const { shop, key } = await open();
  const { mandateId } = shop.mandate;
  const all = await Promise.all(
    Array.from({ length: 20 }, async () =>
      post(api, `/v1/mandates/${mandateId}/activate`, {}, { key, idempotencyKey: "a" }),
    ),
  );
  expect(all.filter(({ status }) => status === 200)).toHaveLength(20);
  const text = "select 1 from audit_entries where object_id = $1";
  expect(await query(api.database.db, text, [mandateId])).toHaveLength(1);
});

it("does not use up the key of a command that was refused", async () => {
  const { shop, key } = await open();
  const send = async (quantity: number) =>
    post(
      api,
      `/v1/items/${shop.item.itemId}/adjust`,
      { quantity, reason: "a fire" },
      { key, idempotencyKey: "refused" },
    );
  expect(codeOf(await send(-101))).toBe("409 NOT_ENOUGH_STOCK");
  expect(codeOf(await send(-100))).toBe("200 undefined");
  // Once more would be refused, if it were not the same.
  expect(codeOf(await send(-100))).toBe("200 undefined");
  expect(await stocked(shop)).toBe(0);
});

it.each(["cutBefore", "cutAfter"] as const)(
  "counts once wherever the connection dies at a COMMIT (%s)",
  async (fate) => {
    for (let nth = 0; nth < 7; nth++) {
      const { shop, key } = await open();
      const take = { quantity: -60, reason: "more than half" };
      const from = commits;
      policy = (at) => (at === from + nth ? fate : "pass");
      const replies: string[] = [];
      while (!replies.includes("200 undefined") && replies.length < 5) {
        const path = `/v1/items/${shop.item.itemId}/adjust`;
        replies.push(codeOf(await post(api, path, take, { key, idempotencyKey: "cut" })));
      }
      policy = () => "pass";
      expect(replies.at(-1), replies.join()).toBe("200 undefined");
      for (const code of replies.slice(0, -1)) expect(code).toMatch(/^503 (OUTCOME_UNKNOWN|NOT_R)/);
      expect(await stocked(shop)).toBe(40);
      const text = "select 1 from audit_entries where object_id = $1";
      expect(await query(api.database.db, text, [shop.item.itemId])).toHaveLength(1);
    }
  },
);

it("tells a repeat from what this very request did when it looked again", async () => {
  const { shop, key } = await open();
  const send = async () =>
    post(
      api,
      `/v1/mandates/${shop.mandate.mandateId}/top-up`,
      { amountMinor: 5 },
      { key, idempotencyKey: "again" },
    );
  // Look-ups of the key, the mandate and the flag come before the COMMIT that counts.
  const from = commits;
  policy = (at) => (at === from + 4 ? "cutAfter" : "pass");
  const first = await send();
  policy = () => "pass";
  expect(first.status).toBe(200);
  expect(first.headers.get("idempotent-replayed")).toBe("false");
  expect((await send()).headers.get("idempotent-replayed")).toBe("true");
  expect(await capOf(shop)).toBe(1_000_005);
});

it("was never our fault", () => {
  // A cut line is warned of; what answers 500 is an error.
  const levels = api.logged.map((line) => (JSON.parse(line) as { level: number }).level);
  expect(levels.filter((level) => level >= 50)).toEqual([]);
});

it("is looked at on a connection that can be cut", () => {
  expect(network.counts.cutsBefore).toBeGreaterThan(0);
  expect(network.counts.cutsAfter).toBeGreaterThan(0);
});
