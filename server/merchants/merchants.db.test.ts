import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { call, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";

let api: TestApi;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  key = await makeKey(api, shop, ["merchants:read", "merchants:write"]);
});
afterAll(() => api.close());

const create = async (body: object, idempotencyKey?: string, by = key) =>
  post(api, "/v1/merchants", body, { key: by, ...(idempotencyKey && { idempotencyKey }) });
const read = async (path: string, by = key) =>
  call(`${api.url}${path}`, { headers: { Authorization: `Bearer ${by}` } });

it("makes a merchant with its entry in the audit log, and shows it", async () => {
  const { status, body } = await create({ name: "Büro & Söhne 🛒" }, "m1");
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.any(String),
    name: "Büro & Söhne 🛒",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
  expect((await read(`/v1/merchants/${String(body.id)}`)).body).toEqual(body);
  const entries = await query(
    api.database.db,
    "select action, actor_kind, after from audit_entries where object_id = $1",
    [body.id],
  );
  expect(entries).toEqual([
    { action: "merchant.create", actor_kind: "key", after: '{"name":"Büro & Söhne 🛒"}' },
  ]);
  expect((await verifyChain(api.database.db, shop.tenantId)).brokenAt).toBeUndefined();
});

it("makes one thing for a key, however often it is sent, also at once", async () => {
  const before = await countEveryRow(api.database.db);
  const all = await Promise.all(
    Array.from({ length: 8 }, () => create({ name: "once only" }, "m2")),
  );
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
  expect(new Set(all.map(({ text }) => text)).size).toBe(1);
  const replayed = all.map(({ headers }) => headers.get("idempotent-replayed"));
  expect(replayed.filter((value) => value === "false")).toHaveLength(1);
  const after = await countEveryRow(api.database.db);
  expect(after).toEqual({
    ...before,
    merchants: (before.merchants ?? 0) + 1,
    request_keys: (before.request_keys ?? 0) + 1,
    audit_entries: (before.audit_entries ?? 0) + 1,
    // Which tells of it.
    outbox: (before.outbox ?? 0) + 1,
  });
  const other = await create({ name: "another" }, "m2");
  expect(`${other.status} ${String(other.body.code)}`).toBe("409 KEY_REUSED");
  expect(await countEveryRow(api.database.db)).toEqual(after);
});

it("keeps the same key of two tenants apart", async () => {
  const stranger = await makeShop(api.database.db);
  const theirs = await makeKey(api, stranger, ["merchants:write"]);
  const own = await create({ name: "shared" }, "m3");
  const other = await create({ name: "shared" }, "m3", theirs);
  expect([own.status, other.status]).toEqual([201, 201]);
  expect(other.body.id).not.toBe(own.body.id);
});

it("lists page by page, newest first, each once, and only the tenant's own", async () => {
  const { tenantId } = await makeShop(api.database.db);
  const by = await makeKey(api, { tenantId }, ["merchants:read", "merchants:write"]);
  for (let n = 1; n <= 4; n++) await create({ name: `listed ${n}` }, `l${n}`, by);
  const names: unknown[] = [];
  let query = "?limit=2";
  for (let pages = 0; pages < 9; pages++) {
    const { status, body } = await read(`/v1/merchants${query}`, by);
    expect(status).toBe(200);
    names.push(...(body.data as { name: string }[]).map(({ name }) => name));
    const { nextCursor } = body as { nextCursor: string | null };
    if (nextCursor === null) break;
    query = `?limit=2&cursor=${nextCursor}`;
  }
  expect(names).toEqual(["listed 4", "listed 3", "listed 2", "listed 1", "a test"]);
});

it.each([
  [{}, "422 VALIDATION_FAILED"],
  [{ name: "" }, "422 VALIDATION_FAILED"],
  [{ name: " " }, "422 VALIDATION_FAILED"],
  [{ name: "a\nb" }, "422 VALIDATION_FAILED"],
  [{ name: "a\0b" }, "422 INVALID_CHARACTER"],
  [{ name: "\ud800" }, "422 INVALID_CHARACTER"],
  [{ name: "a".repeat(201) }, "422 VALIDATION_FAILED"],
  [{ name: 1 }, "422 VALIDATION_FAILED"],
  [{ name: "a", tenantId: "x" }, "422 VALIDATION_FAILED"],
  [{ name: "a", id: "x" }, "422 VALIDATION_FAILED"],
])("refuses %j with %s and writes nothing", async (body, expected) => {
  const before = await countEveryRow(api.database.db);
  const reply = await create(body, "bad");
  expect(`${reply.status} ${String(reply.body.code)}`).toBe(expected);
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it("needs a key to make something by", async () => {
  const before = await countEveryRow(api.database.db);
  const { status, body } = await create({ name: "no key" });
  expect(`${status} ${String(body.code)}`).toBe("400 IDEMPOTENCY_KEY_MISSING");
  expect(await countEveryRow(api.database.db)).toEqual(before);
});

it.each([
  ["?limit=0", "422 VALIDATION_FAILED"],
  ["?limit=101", "422 VALIDATION_FAILED"],
  ["?limit=1e1", "422 VALIDATION_FAILED"],
  ["?limit=", "422 VALIDATION_FAILED"],
  ["?limit=-1", "422 VALIDATION_FAILED"],
  ["?cursor=", "422 BAD_CURSOR"],
  ["?cursor=x", "422 BAD_CURSOR"],
  ["?limit=1&limit=2", "422 UNKNOWN_PARAMETER"],
  ["?tenantId=x", "422 UNKNOWN_PARAMETER"],
  ["/x", "404 UNKNOWN_MERCHANT"],
  ["/01a1f993-84cc-7a17-85e2-7d51c3a2ba32", "404 UNKNOWN_MERCHANT"],
])("answers /v1/merchants%s with %s", async (path, expected) => {
  const { status, body } = await read(`/v1/merchants${path}`);
  expect(`${status} ${String(body.code)}`).toBe(expected);
});
