import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { call, commitBodyOf, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { makeShop, type Shop } from "../testing/factories.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  const scopes = ["mandates:read", "mandates:write", "purchases:read", "purchases:write"];
  key = await makeKey(api, shop, scopes);
});
afterAll(() => api.close());

interface Constraint {
  readonly reason: string;
  readonly period?: string;
  readonly isSet: boolean;
  readonly blocks: boolean;
}

const send = async (path: string, body: object) =>
  post(api, path, body, { key, idempotencyKey: randomUUID() });
const constraintsOf = async (id: string): Promise<Constraint[]> => {
  const headers = { Authorization: `Bearer ${key}` };
  const { body } = await call(`${api.url}/v1/mandates/${id}/constraints`, { headers });
  return body.data as Constraint[];
};
const nameOf = ({ reason, period = "" }: Partial<Constraint>): string =>
  `${String(reason)} ${period}`.trim();

const forbidding = {
  startsAt: "2199-01-01T00:00:00Z",
  agentId: "another",
  allowedMerchants: [],
  allowedItems: [],
  purchaseMaxMinor: 1,
  dayLimitMinor: 0,
  weekLimitMinor: 0,
  monthLimitMinor: 0,
};

it("stands in the order in which the kernel asks: each rule that is taken away shows the next", async () => {
  const body = { name: "all", currency: "EUR", capMinor: 0, ...forbidding };
  const { body: made } = await send("/v1/mandates", body);
  const id = String(made.id);
  await send(`/v1/mandates/${id}/pause`, {});
  const quoteOf = async () => {
    const { body: answer } = await send("/v1/purchases/quote", {
      ...commitBodyOf(shop),
      mandateId: id,
    });
    return nameOf(answer as Partial<Constraint>);
  };
  const told: string[] = [await quoteOf()];
  await send(`/v1/mandates/${id}/activate`, {});
  told.push(await quoteOf());
  const rules: Partial<Record<string, unknown>> = { ...forbidding };
  const takeAway = async (...names: string[]): Promise<void> => {
    for (const name of names) delete rules[name];
    await send(`/v1/mandates/${id}/rules`, rules);
    told.push(await quoteOf());
  };
  rules["expiresAt"] = "2020-01-01T00:00:00Z";
  await takeAway("startsAt");
  await takeAway("expiresAt");
  await takeAway("agentId");
  await takeAway("allowedMerchants");
  await takeAway("allowedItems");
  // Its currency is a mandate's for good: the rest is asked of one in the item's.
  const listed = (await constraintsOf(id)).map(nameOf);
  expect(told).toEqual(listed.slice(1, 8));
  expect(listed[0]).toBe("REVOKED");

  const { body: other } = await send("/v1/mandates", { ...body, ...rules, currency: "USD" });
  const rest = String(other.id);
  const further: string[] = [];
  for (const taken of [
    "",
    "purchaseMaxMinor",
    "dayLimitMinor",
    "weekLimitMinor",
    "monthLimitMinor",
  ]) {
    delete rules[taken];
    await send(`/v1/mandates/${rest}/rules`, rules);
    const { body: answer } = await send("/v1/purchases/quote", {
      ...commitBodyOf(shop),
      mandateId: rest,
    });
    further.push(nameOf(answer as Partial<Constraint>));
  }
  const money = listed.slice(8).filter((name) => name !== "DUPLICATE_SUSPECTED");
  expect(further).toEqual(money);
});

it("tells what is used of each limit, and what forbids every sale now", async () => {
  const { body: made } = await send("/v1/mandates", {
    name: "used",
    currency: "USD",
    capMinor: 1_000,
    dayLimitMinor: 100,
    duplicateWindowSeconds: 60,
  });
  const id = String(made.id);
  const before = await constraintsOf(id);
  expect(before.filter(({ blocks }) => blocks)).toEqual([]);
  await send("/v1/purchases/commit", { ...commitBodyOf(shop), mandateId: id });
  const after = await constraintsOf(id);
  expect(after.filter(({ blocks }) => blocks).map(nameOf)).toEqual(["PERIOD day"]);
  expect(after.find(({ period }) => period === "day")).toEqual({
    reason: "PERIOD",
    period: "day",
    isSet: true,
    blocks: true,
    limit: 100,
    used: 100,
    headroom: 0,
    resetsAt: expect.any(String),
  });
  expect(after.at(-1)).toMatchObject({ reason: "CAP", limit: 1_000, used: 100, headroom: 900 });
  expect(after.find(({ reason }) => reason === "DUPLICATE_SUSPECTED")).toMatchObject({
    isSet: true,
    windowSeconds: 60,
  });
  await send(`/v1/mandates/${id}/revoke`, {});
  expect((await constraintsOf(id))[0]).toEqual({ reason: "REVOKED", isSet: true, blocks: true });
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
