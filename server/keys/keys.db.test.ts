import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseApiKey } from "../auth/api-key.ts";
import { createKey } from "../auth/keys.ts";
import { scopes } from "../auth/scopes.ts";
import { call, commitBodyOf, post, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { makeMandate, makeShop, type Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import type { KeyView, MadeView } from "./wire.ts";

let api: TestApi;
let shop: Shop;
let root: string;
beforeAll(async () => {
  api = await startApi();
  shop = await makeShop(api.database.db);
  root = await keyWith({ scopes });
});
afterAll(() => api.close());

interface Terms {
  readonly scopes: readonly string[];
  readonly agentIds?: readonly string[];
  readonly mandateIds?: readonly string[];
  readonly expiresAtMs?: number;
}

async function keyWith(terms: Terms): Promise<string> {
  const by = { actor: { kind: "command", id: "test" } } as const;
  const given = { tenantId: shop.tenantId, name: "test", ...terms };
  const made = await createKey(api.database.db, given, by);
  if (made.kind !== "done") throw new Error(made.says);
  return made.apiKey;
}

const idOf = (apiKey: string): string => parseApiKey(apiKey)?.keyId ?? "";
const create = async (body: object, { key = root, idempotencyKey = randomUUID() as string } = {}) =>
  post(api, "/v1/keys", body, { key, idempotencyKey });
const change = async (id: string, verb: string, body: object, key = root, idempotencyKey = "") =>
  post(api, `/v1/keys/${id}/${verb}`, body, {
    key,
    idempotencyKey: idempotencyKey || randomUUID(),
  });
const read = async (path: string, key = root): Promise<Reply> =>
  call(`${api.url}/v1/keys${path}`, { headers: { Authorization: `Bearer ${key}` } });
const codeOf = ({ status, body }: Reply): string => `${status} ${String(body.code)}`;
const madeIn = ({ body }: Reply): MadeView => body as unknown as MadeView;

describe("a key made over HTTP", () => {
  it("works, is shown once, and is remembered without its secret", async () => {
    const { mandateId } = shop.mandate;
    const asked = {
      name: "buyer",
      scopes: ["purchases:write", "purchases:read"],
      agentIds: ["agent"],
      mandateIds: [mandateId.toUpperCase()],
      expiresAt: "2199-01-01T00:00:00+01:00",
      reason: "a new buyer",
    };
    const first = await create(asked, { idempotencyKey: "k1" });
    expect(first.status).toBe(201);
    const { apiKey, says, ...view } = madeIn(first);
    expect(says).toContain("not shown again");
    expect(view).toMatchObject({
      id: idOf(apiKey ?? ""),
      state: "valid",
      mode: "test",
      agentIds: ["agent"],
      mandateIds: [mandateId],
      expiresAt: "2198-12-31T23:00:00.000Z",
      lastUsedAt: null,
    });
    const bought = await post(api, "/v1/purchases/commit", commitBodyOf(shop), {
      key: apiKey ?? "",
      idempotencyKey: "k1-buy",
    });
    expect(bought.body).toMatchObject({ outcome: "COMMITTED" });
    const before = await countEveryRow(api.database.db);
    const again = await create(asked, { idempotencyKey: "k1" });
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(madeIn(again)).toMatchObject({ id: view.id, apiKey: null });
    expect(madeIn(again).says).toContain("was shown then");
    expect(codeOf(await create({ ...asked, name: "x" }, { idempotencyKey: "k1" }))).toBe(
      "409 KEY_REUSED",
    );
    expect(await countEveryRow(api.database.db)).toEqual(before);
    const secret = parseApiKey(apiKey ?? "")?.secret ?? "";
    const tables = ["request_keys", "audit_entries", "api_keys"];
    for (const table of tables) {
      const rows = await query<{ text: string }>(api.database.db, `select t::text from ${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
    expect((await read(`/${view.id}`)).text).not.toContain(secret);
    const [entry] = await query(
      api.database.db,
      "select action, actor_kind, reason from audit_entries where object_id = $1",
      [view.id],
    );
    expect(entry).toEqual({ action: "api_key.create", actor_kind: "key", reason: asked.reason });
  });

  it("is one, of many requests at once, and one of them has its secret", async () => {
    const asked = { name: "race", scopes: ["ledger:read"] };
    const before = await countEveryRow(api.database.db);
    const all = await Promise.all(
      Array.from({ length: 10 }, async () => create(asked, { idempotencyKey: "race" })),
    );
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(new Set(all.map((reply) => madeIn(reply).id)).size).toBe(1);
    expect(all.filter((reply) => madeIn(reply).apiKey !== null)).toHaveLength(1);
    const after = await countEveryRow(api.database.db);
    expect(after.api_keys).toBe((before.api_keys ?? 0) + 1);
    expect(after.audit_entries).toBe((before.audit_entries ?? 0) + 1);
  });

  it.each([
    ["a scope that the caller lacks", { scopes: ["keys:write"] }, { scopes: ["items:write"] }],
    [
      "no bound where the caller has one",
      { scopes: ["keys:write"], agentIds: ["a"] },
      { scopes: ["keys:write"] },
    ],
    [
      "another agent",
      { scopes: ["keys:write"], agentIds: ["a"] },
      { scopes: ["keys:write"], agentIds: ["a", "b"] },
    ],
    [
      "a life beyond the caller's",
      { scopes: ["keys:write"], expiresAtMs: Date.now() + 60_000 },
      { scopes: ["keys:write"] },
    ],
    [
      "a later end than the caller's",
      { scopes: ["keys:write"], expiresAtMs: Date.now() + 60_000 },
      { scopes: ["keys:write"], expiresAt: "2199-01-01T00:00:00Z" },
    ],
  ])("never has %s", async (_, has, asks) => {
    const key = await keyWith(has);
    const before = await countEveryRow(api.database.db);
    expect(codeOf(await create({ name: "more", ...asks }, { key }))).toBe("403 FORBIDDEN");
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("is bound to some of its maker's mandates", async () => {
    const other = await makeMandate(api.database.db, shop);
    const { mandateId } = shop.mandate;
    const key = await keyWith({ scopes: ["keys:write"], mandateIds: [mandateId] });
    const asked = { name: "n", scopes: ["keys:write"] };
    const both = { ...asked, mandateIds: [mandateId, other.mandateId] };
    expect(codeOf(await create(both, { key }))).toBe("403 FORBIDDEN");
    expect((await create({ ...asked, mandateIds: [mandateId] }, { key })).status).toBe(201);
  });

  const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
  it.each([
    [{}, "422 VALIDATION_FAILED"],
    [{ name: "x" }, "422 VALIDATION_FAILED"],
    [{ name: "", scopes: ["keys:read"] }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: [] }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: ["everything"] }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: ["people:write"] }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: "keys:read" }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: ["keys:read"], agentIds: [] }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: ["keys:read"], agentIds: ["a\0"] }, "422 INVALID_CHARACTER"],
    [{ name: "x", scopes: ["keys:read"], mandateIds: ["x"] }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: ["keys:read"], mandateIds: [nobody] }, "404 UNKNOWN_MANDATE"],
    [{ name: "x", scopes: ["keys:read"], expiresAt: "tomorrow" }, "422 VALIDATION_FAILED"],
    [
      { name: "x", scopes: ["keys:read"], expiresAt: "2020-01-01T00:00:00Z" },
      "422 VALIDATION_FAILED",
    ],
    [{ name: "x", scopes: ["keys:read"], mode: "live" }, "422 VALIDATION_FAILED"],
    [{ name: "x", scopes: ["keys:read"], tenantId: nobody }, "422 VALIDATION_FAILED"],
  ])("is not made of %j: %s, and nothing is written", async (body, expected) => {
    const before = await countEveryRow(api.database.db);
    expect(codeOf(await create(body))).toBe(expected);
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("needs an idempotency key", async () => {
    const body = { name: "x", scopes: ["keys:read"] };
    expect(codeOf(await post(api, "/v1/keys", body, { key: root }))).toBe(
      "400 IDEMPOTENCY_KEY_MISSING",
    );
  });
});

describe("a key that is rolled", () => {
  it("has a successor with its terms, and is valid until the overlap ends", async () => {
    const old = await keyWith({ scopes: ["keys:read"], agentIds: ["a"] });
    const rolled = await change(idOf(old), "roll", { overlapSeconds: 600 }, root, "roll-1");
    expect(rolled.status).toBe(201);
    const { apiKey, id } = madeIn(rolled);
    expect(madeIn(rolled)).toMatchObject({ scopes: ["keys:read"], agentIds: ["a"] });
    expect((await read("", old)).status).toBe(200);
    expect((await read("", apiKey ?? "")).status).toBe(200);
    const after = (await read(`/${idOf(old)}`)).body as unknown as KeyView;
    expect(after).toMatchObject({ state: "rolled", replacedBy: id });
    const leftMs = Date.parse(after.expiresAt ?? "") - Date.now();
    expect(leftMs).toBeGreaterThan(500_000);
    expect(leftMs).toBeLessThanOrEqual(600_000);
    const again = await change(idOf(old), "roll", { overlapSeconds: 600 }, root, "roll-1");
    expect(madeIn(again)).toMatchObject({ id, apiKey: null });
    expect(codeOf(await change(idOf(old), "roll", {}))).toBe("409 API_KEY_ENDED");
  });

  it("is rolled by itself, or by who could have made it", async () => {
    const strong = await keyWith({ scopes: ["keys:write", "items:write"] });
    const weak = await keyWith({ scopes: ["keys:write"] });
    const before = await countEveryRow(api.database.db);
    expect(codeOf(await change(idOf(strong), "roll", {}, weak))).toBe("403 FORBIDDEN");
    expect(await countEveryRow(api.database.db)).toEqual(before);
    expect((await change(idOf(strong), "roll", {}, strong)).status).toBe(201);
    const brief = await keyWith({ scopes: ["keys:write"], expiresAtMs: Date.now() + 60_000 });
    expect(codeOf(await change(idOf(weak), "roll", {}, brief))).toBe("403 FORBIDDEN");
    expect((await change(idOf(brief), "roll", {}, brief)).status).toBe(201);
  });
});

describe("a key that is revoked", () => {
  it("is over, also by a key with fewer scopes, and a second time changes nothing", async () => {
    const leaked = await keyWith({ scopes: ["keys:read", "items:write"] });
    const guard = await keyWith({ scopes: ["keys:write"] });
    const ended = await change(idOf(leaked), "revoke", { reason: "found on a wall" }, guard);
    expect(ended.body).toMatchObject({ id: idOf(leaked), state: "revoked" });
    const after = await countEveryRow(api.database.db);
    const again = await change(idOf(leaked), "revoke", {}, guard);
    expect(again.text).toBe(ended.text);
    expect(await countEveryRow(api.database.db)).toEqual(after);
    expect((await read("", leaked)).status).toBe(401);
    expect(codeOf(await change(idOf(leaked), "roll", {}))).toBe("409 API_KEY_ENDED");
  });

  it("is none beyond the bounds of the caller", async () => {
    const bound = await keyWith({ scopes: ["keys:write"], agentIds: ["a"] });
    const free = await keyWith({ scopes: ["keys:write"] });
    expect(codeOf(await change(idOf(free), "revoke", {}, bound))).toBe("403 FORBIDDEN");
    expect((await change(idOf(bound), "revoke", {}, bound)).status).toBe(200);
  });
});

describe("the keys", () => {
  it("are listed page by page, newest first, each once", async () => {
    const ids: string[] = [];
    let cursor = "";
    do {
      const { status, body } = await read(`?limit=7${cursor}`);
      expect(status).toBe(200);
      ids.push(...(body.data as KeyView[]).map(({ id }) => id));
      const { nextCursor } = body;
      cursor = typeof nextCursor === "string" ? `&cursor=${nextCursor}` : "";
    } while (cursor !== "" && ids.length < 500);
    const rows = await query<{ id: string }>(
      api.database.db,
      `select key_id as id from api_keys where tenant_id = $1 order by created_at desc, key_id desc`,
      [shop.tenantId],
    );
    expect(ids).toEqual(rows.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(8);
  });

  it.each([
    ["?cursor=x", "422 BAD_CURSOR"],
    ["?limit=0", "422 VALIDATION_FAILED"],
    ["?before=x", "422 UNKNOWN_PARAMETER"],
    ["/x", "404 UNKNOWN_KEY"],
    ["/0123456789012345678901", "404 UNKNOWN_KEY"],
  ])("are not found at %s: %s", async (path, expected) => {
    expect(codeOf(await read(path))).toBe(expected);
  });

  it.each([
    ["roll", { overlapSeconds: -1 }, "422 VALIDATION_FAILED"],
    ["roll", { overlapSeconds: 604_801 }, "422 VALIDATION_FAILED"],
    ["roll", { overlap: 1 }, "422 VALIDATION_FAILED"],
    ["revoke", { reason: "" }, "422 VALIDATION_FAILED"],
    ["revoke", { now: true }, "422 VALIDATION_FAILED"],
  ])("are not changed by %s %j: %s", async (verb, body, expected) => {
    const before = await countEveryRow(api.database.db);
    expect(codeOf(await change(idOf(root), verb, body))).toBe(expected);
    expect(codeOf(await change("x", verb, {}))).toBe("404 UNKNOWN_KEY");
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("never stand in a log", () => {
    expect(api.logged).toEqual([]);
  });
});
