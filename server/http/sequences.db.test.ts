import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { mintApiKey } from "../auth/api-key.ts";
import { createKey, revokeKey } from "../auth/keys.ts";
import { scopes } from "../auth/scopes.ts";
import { openKernel } from "../kernel/gather.ts";
import { commitBodyOf, makeKey, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, granted, makeShop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { play, type Stage } from "../testing/sequences/play.ts";
import { sequences } from "../testing/sequences/steps.ts";

/**
 * Requests of every kind in any order, each answered as a model of the shop says, which knows no
 * line of the kernel. The model is in `testing/sequences`.
 */
let api: TestApi;
let shared: Pick<Stage, "api" | "strangers" | "keys">;
beforeAll(async () => {
  api = await startApi();
  const { db } = api.database;
  const shop = await makeShop(db);
  const kernel = openKernel(db);
  const purchaseId = await granted(kernel.ask(commitAsk(shop)));
  await kernel.close();
  const { merchantId, item, mandate } = shop;
  const strangers = { merchantId, itemId: item.itemId, mandateId: mandate.mandateId, purchaseId };
  const nobodysTenant = { tenantId: await openTenant() };
  const keys = {
    owner: undefined,
    reader: undefined,
    stranger: await makeKey(api, nobodysTenant, scopes),
    nobody: undefined,
    garbled: "zr_live_what",
    unknown: mintApiKey("live").apiKey,
    revoked: await revokedKey(shop),
  };
  shared = { api, strangers, keys };
}, 60_000);
afterAll(() => api.close());

async function openTenant(): Promise<string> {
  const tenantId = randomUUID();
  await query(
    api.database.db,
    "insert into tenants (tenant_id, mode, name) values ($1, 'run', 'a sequence')",
    [tenantId],
  );
  return tenantId;
}

async function revokedKey({ tenantId }: { readonly tenantId: string }): Promise<string> {
  const by = { actor: { kind: "command", id: "test" } } as const;
  const { db } = api.database;
  const made = await createKey(db, { tenantId, name: "old", scopes: ["items:read"] }, by);
  if (made.kind !== "done") throw new Error(made.says);
  await revokeKey(db, { tenantId, keyId: made.key.keyId }, by);
  return made.apiKey;
}

async function stage(): Promise<Stage> {
  const tenantId = await openTenant();
  const reading = scopes.filter((scope) => scope.endsWith(":read"));
  const [owner, reader] = await Promise.all([
    makeKey(api, { tenantId }, scopes),
    makeKey(api, { tenantId }, reading),
  ]);
  return { ...shared, tenantId, keys: { ...shared.keys, owner, reader } };
}

const shrinkMs = 10_000;
let failedAt = Infinity;

const property = fc.asyncProperty(sequences, async (sequence) => {
  // From here on all is well, and the smallest counterexample so far is the one that is told.
  if (performance.now() > failedAt + shrinkMs) return;
  try {
    await play(await stage(), sequence);
  } catch (error) {
    failedAt = Math.min(failedAt, performance.now());
    throw error;
  }
});

const streamCount = 8;

it("answers random sequences as the model says, and every invariant holds", async () => {
  const seed = inject("testSeed");
  const numRuns = inject("testSequences") / streamCount;
  // Side by side, each in a tenant of its own: what one sequence does no other one sees.
  const streams = Array.from({ length: streamCount }, (_, index) =>
    fc.check(property, { numRuns, seed: seed + index }),
  );
  for (const { failed, counterexamplePath, errorInstance } of await Promise.all(streams)) {
    if (!failed) continue;
    const story = errorInstance instanceof Error ? errorInstance.message : "";
    throw new Error(`--sequence.seed=${seed}, path ${counterexamplePath}\n${story}`);
  }
  await expectProven(api.database.db);
  expect(api.logged).toEqual([]);
}, 300_000);

const outcomeOf = ({ status, body }: Reply): string =>
  `${status} ${String(body["reason"] ?? body["code"] ?? body["outcome"])}`;

it("sells one unit to one of 40 buyers who come at once, and tells each the same again", async () => {
  const shop = await makeShop(api.database.db, { item: { stock: 1n } });
  const key = await makeKey(api, shop);
  const buyers = Array.from({ length: 40 }, (_, index) => `buyer-${index}`);
  const ask = (idempotencyKey: string): Promise<Reply> =>
    post(api, "/v1/purchases/commit", commitBodyOf(shop), { key, idempotencyKey });
  const first = await Promise.all(buyers.map(ask));
  const again = await Promise.all(buyers.map(ask));
  expect(first.map(outcomeOf).sort()).toEqual([
    ...Array.from({ length: 39 }, () => "200 SOLD_OUT"),
    "201 COMMITTED",
  ]);
  expect(again.map(({ status, text }) => [status, text])).toEqual(
    first.map(({ status, text }) => [status, text.replace(/false}$/, "true}")]),
  );
});

it("gives 40 requests under one key one answer, and a conflict to those who ask otherwise", async () => {
  const shop = await makeShop(api.database.db);
  const key = await makeKey(api, shop);
  const body = commitBodyOf(shop);
  const bodies = Array.from({ length: 40 }, (_, index) =>
    index % 4 === 3 ? { ...body, agentId: "another" } : body,
  );
  const replies = await Promise.all(
    bodies.map((one) => post(api, "/v1/purchases/commit", one, { key, idempotencyKey: "one" })),
  );
  const sold = replies.filter(({ status }) => status === 201);
  const texts = new Set(sold.map(({ text }) => text.replace(/(true|false)}$/, "")));
  expect(texts.size).toBe(1);
  expect(sold.filter(({ body: { replayed } }) => replayed === false)).toHaveLength(1);
  // Whichever came first has it.
  expect([30, 10]).toContain(sold.length);
  const others = replies.filter(({ status }) => status !== 201);
  expect(new Set(others.map(outcomeOf))).toEqual(new Set(["409 KEY_REUSED"]));
});
