import { afterAll, beforeAll, expect, it } from "vitest";
import { makePerson, makeSession } from "../testing/people.ts";
import { call, commitBodyOf, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { makeShop } from "../testing/factories.ts";

/** Whatever one tenant sends at once comes through: each admin act writes the head of its audit chain. */
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ ZERORACE_RATE_PER_KEY: "0", ZERORACE_RATE_PER_TENANT: "0" });
});
afterAll(() => api.close());

const all = <T>(count: number, one: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => one(n)));
const statuses = (replies: readonly { status: number }[]): number[] => [
  ...new Set(replies.map(({ status }) => status)),
];

async function chain(key: string): Promise<unknown> {
  const headers = { Authorization: `Bearer ${key}` };
  return (await call(`${api.url}/v1/audit/verify`, { headers })).body;
}

it("makes 100 merchants, items and keys of one tenant that are asked for at once", async () => {
  const shop = await makeShop(api.database.db);
  const { merchantId } = shop;
  const scopes = ["merchants:write", "items:write", "keys:write", "audit:read"];
  const key = await makeKey(api, shop, scopes);
  const selling = { currency: "USD", priceMinor: 1, stock: 1 };
  const bodies = [
    ["/v1/merchants", () => ({ name: "a merchant" })],
    ["/v1/items", (n: number) => ({ merchantId, sku: `sku ${n}`, name: "a thing", ...selling })],
    ["/v1/keys", () => ({ name: "a key", scopes: ["audit:read"] })],
  ] as const;
  const replies = await all(100, async (n) => {
    const [path, bodyOf] = bodies[n % bodies.length] ?? bodies[0];
    return post(api, path, bodyOf(n), { key, idempotencyKey: `${n}` });
  });
  expect(statuses(replies)).toEqual([201]);
  expect(await chain(key)).toMatchObject({ verified: true, entries: 101 });
}, 30_000);

it("does 60 commands on one item while 90 buy it", async () => {
  const shop = await makeShop(api.database.db, { item: { stock: 1_000n } });
  const scopes = ["items:write", "purchases:write", "audit:read"];
  const key = await makeKey(api, shop, scopes);
  const path = `/v1/items/${shop.item.itemId}`;
  const body = commitBodyOf(shop);
  const adjust = { quantity: 1, reason: "found one" };
  const replies = await all(150, (n) => {
    const by = { key, idempotencyKey: `${n}` };
    if (n % 5 > 1) return post(api, "/v1/purchases/commit", body, by);
    return n % 5 === 0
      ? post(api, `${path}/price`, { priceMinor: 100 }, by)
      : post(api, `${path}/adjust`, adjust, by);
  });
  expect(
    replies
      .map(({ status, body: { code } }) => `${status} ${String(code)}`)
      .filter((s) => /^[45]/.test(s)),
  ).toEqual([]);
  expect(await chain(key)).toMatchObject({ verified: true, entries: 61 });
  await expectProven(api.database.db);
}, 60_000);

it("signs 40 people of one organisation out at once", async () => {
  const person = await makePerson(api.database.db);
  const sessions = await all(40, () => makeSession(api.database.db, person.personId));
  const replies = await Promise.all(
    sessions.map(({ cookie }) =>
      call(`${api.url}/v1/session`, { method: "DELETE", headers: { Cookie: cookie } }),
    ),
  );
  expect(statuses(replies)).toEqual([200]);
});
