import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKey } from "../auth/keys.ts";
import { call, makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { rollUpAgents, rollUpAllAgents } from "./roll-up.ts";
import type { AgentListView, AgentView, WholeAgentView } from "./wire.ts";

let api: TestApi;
let shop: Shop;
let key: string;
const odd = `an "agent"\\ /of%20 ours ✓`;

beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db, {
    item: { stock: 1_000n },
    mandate: { capMinor: 100_000n, dayLimitMinor: 700n },
  });
  key = await makeKey(api, shop, [
    "purchases:read",
    "purchases:write",
    "refunds:write",
    "mandates:write",
    "audit:read",
  ]);
});
afterAll(() => api.close());

const read = (path: string, by = key): Promise<Reply> =>
  call(`${api.url}/v1/agents${path}`, { headers: { Authorization: `Bearer ${by}` } });
const send = (path: string, body: object, idempotencyKey = randomUUID()): Promise<Reply> =>
  post(api, path, body, { key, idempotencyKey });
const act = (agentId: string, verb: string, body: object = {}): Promise<Reply> =>
  send(`/v1/agents/${encodeURIComponent(agentId)}/${verb}`, body);

function buying(agentId: string, more: object = {}) {
  const { merchantId, item, mandate } = shop;
  const { itemId } = item;
  const { mandateId } = mandate;
  const price = { quantity: 1, amountMinor: 100, currency: "USD" };
  return { merchantId, itemId, mandateId, agentId, ...price, ...more };
}

async function buy(agentId: string, more: object = {}): Promise<Record<string, unknown>> {
  return (await send("/v1/purchases/commit", buying(agentId, more))).body;
}

const count = (): Promise<boolean> =>
  rollUpAgents(api.database.db, shop.tenantId, { marginSeconds: 0 });

async function agents(path = ""): Promise<AgentView[]> {
  const { status, body, text } = await read(path);
  expect(status, text).toBe(200);
  return (body as unknown as AgentListView).data;
}

async function agent(agentId: string): Promise<WholeAgentView> {
  return (await read(`/${encodeURIComponent(agentId)}`)).body as unknown as WholeAgentView;
}

it("says what each asked, what was refused and why, and what it spent", async () => {
  const bought = await buy("a");
  for (let n = 0; n < 2; n++) await buy("a");
  await buy(odd, { quantity: 2, amountMinor: 200 });
  await buy("a", { quantity: 4, amountMinor: 400 });
  await buy(odd, { currency: "EUR" });
  const { merchantId } = shop;
  await send(`/v1/purchases/${String(bought.intentId)}/refunds`, { merchantId, amountMinor: 30 });
  const held = await send("/v1/holds", buying("h", { holdSeconds: 60 }));
  const holdId = String(held.body.intentId);
  await send(`/v1/holds/${holdId}/capture`, { merchantId });
  await count();
  const all = await agents();
  expect(all.map(({ id }) => id)).toEqual(["h", "a", odd]);
  expect(all[1]).toMatchObject({
    asks: 4,
    granted: 3,
    declined: 1,
    declines: [{ reason: "PERIOD", asks: 1 }],
    spent: [{ currency: "USD", amountMinor: "270" }],
    block: null,
  });
  expect(all[0]).toMatchObject({ asks: 1, spent: [{ currency: "USD", amountMinor: "100" }] });
  expect(all[2]).toMatchObject({ asks: 1, granted: 1 });
  const whole = await agent("a");
  expect(whole).toMatchObject({ ...all[1], mandates: [{ id: shop.mandate.mandateId, asks: 4 }] });
  expect(whole.callers).toEqual([{ id: expect.stringMatching(/^key:/), name: "test", asks: 4 }]);
});

it("counts each ask once, however often and by however many", async () => {
  await buy("a");
  await Promise.all(Array.from({ length: 5 }, count));
  await rollUpAllAgents(api.database.db, { marginSeconds: 0 });
  expect((await agent("a")).asks).toBe(5);
});

it("counts many slices, and is listed page by page, the last one first", async () => {
  const asks = Array.from({ length: 400 }, (_, n) => ({
    ...buying(`many-${n % 130}`),
    idempotencyKey: randomUUID(),
  }));
  for (const some of [asks.slice(0, 200), asks.slice(200)]) {
    const { status } = await post(api, "/v1/purchases/commit-many", { asks: some }, { key });
    expect(status).toBe(200);
  }
  await count();
  const found: string[] = [];
  for (let cursor = ""; found.length < 1_000;) {
    const { body } = await read(`?limit=50${cursor}`);
    const { data, nextCursor } = body as unknown as AgentListView;
    found.push(...data.map(({ id }) => id));
    if (nextCursor === null) break;
    cursor = `&cursor=${nextCursor}`;
  }
  expect(found).toHaveLength(133);
  expect(new Set(found).size).toBe(133);
  const sum = await query<{ asks: bigint }>(
    api.database.db,
    "select sum(asks)::bigint as asks from agents where tenant_id = $1",
    [shop.tenantId],
  );
  expect(Number(sum[0]?.asks)).toBe(407);
});

it("is blocked and unblocked, once for a key, with its entry in the audit log", async () => {
  const blocked = await act(odd, "block", { reason: "went mad" });
  expect(blocked.status, blocked.text).toBe(200);
  expect(blocked.body).toMatchObject({ block: { reason: "went mad" } });
  expect(await buy(odd)).toMatchObject({ outcome: "DECLINED", reason: "AGENT_BLOCKED" });
  expect(await agents("?state=blocked")).toMatchObject([{ id: odd }]);
  const path = `/v1/agents/${encodeURIComponent(odd)}/unblock`;
  const again = randomUUID();
  for (const replayed of ["false", "true"]) {
    const unblocked = await send(path, {}, again);
    expect(unblocked.body).toMatchObject({ id: odd, block: null });
    expect(unblocked.headers.get("idempotent-replayed")).toBe(replayed);
  }
  expect(await agents("?state=blocked")).toEqual([]);
  const headers = { Authorization: `Bearer ${key}` };
  const log = await call(`${api.url}/v1/audit/entries?objectKind=agent`, { headers });
  expect(log.body.data).toMatchObject([
    { action: "agent.unblock", before: { blocked: true }, after: { blocked: false } },
    {
      action: "agent.block",
      object: { kind: "agent", id: odd },
      before: { blocked: false },
      after: { blocked: true },
      reason: "went mad",
    },
  ]);
});

it("is each tenant's own, and a name that nobody heard of is an agent that never asked", async () => {
  const other = await makeShop(api.database.db);
  const by = await makeKey(api, other, ["purchases:read"]);
  expect((await read("", by)).body.data).toEqual([]);
  const { body } = await read("/a", by);
  expect(body).toMatchObject({ id: "a", asks: 0, lastSeenAt: null, mandates: [], spent: [] });
  const { status } = await read(
    "/zr_live_ycsd5whsX7SfQcWiDnxnMD_HTl2lFsKHVmWhLjp349yzwhetcVZK",
    by,
  );
  expect(status, "a secret in its place").toBe(400);
});

it("is blocked by nobody who is bound to a mandate, or to another agent", async () => {
  const bounds = [{ agentIds: ["b"] }, { mandateIds: [shop.mandate.mandateId] }];
  for (const bound of bounds) {
    const { db } = api.database;
    const terms = { tenantId: shop.tenantId, name: "bound", scopes: ["mandates:write"], ...bound };
    const made = await createKey(db, terms, { actor: { kind: "command", id: "test" } });
    if (made.kind !== "done") throw new Error(made.says);
    const { status } = await post(api, "/v1/agents/a/block", {}, { key: made.apiKey });
    expect(status).toBe(403);
  }
  expect((await agent("a")).block).toBeNull();
});

it.each([
  [`/${"a".repeat(256)}`, "404 UNKNOWN_AGENT"],
  ["/%00", "404 UNKNOWN_AGENT"],
  ["/%20", "404 UNKNOWN_AGENT"],
  ["?state=x", "422 VALIDATION_FAILED"],
  ["?cursor=x", "422 BAD_CURSOR"],
])("answers %s with %s", async (path, expected) => {
  const { status, body } = await read(path);
  expect(`${status} ${String(body.code)}`).toBe(expected);
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
