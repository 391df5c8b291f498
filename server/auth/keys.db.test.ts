import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { verifyChain } from "../audit/verify-chain.ts";
import { makeLog } from "../base/log.ts";
import { openWorld } from "../proof/world.ts";
import { createOrganisation, listTenants } from "../tenants/store.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { parseApiKey } from "./api-key.ts";
import { authenticate } from "./authenticate.ts";
import { openKeyring } from "./keyring.ts";
import { createKey, listKeys, revokeKey, rollKey, type KeyMade, type KeyRefused } from "./keys.ts";

const actor = { kind: "person", id: "p1", role: "owner", sessionId: "s1" } as const;
const by = { actor, reason: "a test", ip: "192.0.2.7", requestId: "r1" };
const terms = { name: "buyer", scopes: ["purchases:write"] };
const lines: string[] = [];
const log = makeLog("test", { logLevel: "trace" }, { write: (line: string) => lines.push(line) });

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

async function newTenant(): Promise<string> {
  const made = await createOrganisation(database.db, { name: "Acme", actor });
  if (made.kind !== "done") throw new Error(made.says);
  return made.testTenantId;
}

function done(answer: KeyMade | KeyRefused): KeyMade {
  if (answer.kind !== "done") throw new Error(answer.says);
  return answer;
}

const create = async (tenantId: string, given: object = {}): Promise<KeyMade> =>
  done(await createKey(database.db, { tenantId, ...terms, ...given }, by));

async function isValid(apiKey: string): Promise<boolean> {
  const keyring = openKeyring(database.db, log);
  onTestFinished(() => keyring.close());
  return "actor" in (await authenticate(keyring, `Bearer ${apiKey}`));
}

interface Entry {
  readonly action: string;
  readonly object_id: string;
  readonly after: string;
}

const audit = (tenantId: string) =>
  query<Entry>(database.db, "select * from audit_entries where tenant_id = $1 order by seq", [
    tenantId,
  ]);

describe("an organisation", () => {
  it("has a live and a test tenant, and its making in the log of each", async () => {
    const name = `Ümläut & Söhne ${randomUUID()}`;
    const made = await createOrganisation(database.db, { name, actor, requestId: "r9" });
    if (made.kind !== "done") throw new Error(made.says);
    expect(await listTenants(database.db, { organisation: name })).toMatchObject([
      { tenantId: made.liveTenantId, organisationId: made.organisationId, mode: "live", name },
      { tenantId: made.testTenantId, organisationId: made.organisationId, mode: "test", name },
    ]);
    for (const tenantId of [made.liveTenantId, made.testTenantId]) {
      expect(await audit(tenantId)).toMatchObject([{ action: "organisation.create" }]);
      expect(await verifyChain(database.db, tenantId)).toEqual({ entries: 1 });
    }
    expect((await listTenants(database.db)).length).toBeGreaterThanOrEqual(2);
  });

  it.each(["", "  ", "x".repeat(201), "a\nb", "a\0"])("is not called %j", async (name) => {
    const answer = await createOrganisation(database.db, { name, actor });
    expect(answer).toMatchObject({ kind: "refused", code: "INVALID_COMMAND" });
  });
});

describe("a key", () => {
  it("keeps its terms, its maker, and an entry in the log", async () => {
    const tenantId = await newTenant();
    const mandateId = randomUUID();
    const expiresAtMs = Date.now() + 3_600_000;
    const scopes = ["items:read", "items:read", "items:write"];
    const bounds = { agentIds: ["a1"], mandateIds: [mandateId.toUpperCase()] };
    const { key, apiKey } = await create(tenantId, { scopes, expiresAtMs, ...bounds });
    expect(key).toMatchObject({ tenantId, mode: "test", name: "buyer", createdBy: "person:p1" });
    expect(key.scopes).toEqual(["items:read", "items:write"]);
    expect([key.agentIds, key.mandateIds]).toEqual([["a1"], [mandateId]]);
    expect(key.expiresAt?.getTime()).toBe(expiresAtMs);
    expect(parseApiKey(apiKey)?.keyId).toBe(key.keyId);
    const [, entry] = await audit(tenantId);
    const written = { action: "api_key.create", object_id: key.keyId, reason: "a test" };
    expect(entry).toMatchObject({ ...written, ip: "192.0.2.7", request_id: "r1" });
    expect(JSON.parse(entry?.after ?? "")).toMatchObject({ agentIds: ["a1"], name: "buyer" });
  });

  it.each([
    [{ scopes: ["all"] }, "INVALID_COMMAND"],
    [{ name: "" }, "INVALID_COMMAND"],
    [{ expiresAtMs: Date.now() - 1_000 }, "INVALID_COMMAND"],
    [{ tenantId: randomUUID() }, "UNKNOWN_TENANT"],
  ])("is not made from %j, nor does that leave a row", async (given, code) => {
    const tenantId = await newTenant();
    const answer = await createKey(database.db, { tenantId, ...terms, ...given }, by);
    expect(answer).toMatchObject({ kind: "refused", code });
    expect(await listKeys(database.db, { tenantId })).toEqual([]);
    expect(await audit(tenantId)).toHaveLength(1);
  });

  it("of a world is a test key", async () => {
    const { tenantId } = await openWorld(database.db, "w");
    expect((await create(tenantId)).apiKey).toMatch(/^zr_test_/);
  });

  it("is listed with others, page by page, the newest first", async () => {
    const tenantId = await newTenant();
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.unshift((await create(tenantId)).key.keyId);
    await create(await newTenant());
    const first = await listKeys(database.db, { tenantId, limit: 3 });
    const before = first.at(-1)?.keyId ?? "";
    const rest = await listKeys(database.db, { tenantId, limit: 3, before });
    expect([...first, ...rest].map(({ keyId }) => keyId)).toEqual(made);
  });
});

describe("a roll", () => {
  it("leaves the old key valid as long as was asked", async () => {
    const tenantId = await newTenant();
    const old = await create(tenantId, { agentIds: ["a1"] });
    const roll = { tenantId, keyId: old.key.keyId, overlapSeconds: 3_600 };
    const next = done(await rollKey(database.db, roll, by));
    expect(next.key).toMatchObject({ name: "buyer", scopes: terms.scopes, agentIds: ["a1"] });
    expect(next.key.expiresAt).toBeNull();
    expect(await Promise.all([isValid(old.apiKey), isValid(next.apiKey)])).toEqual([true, true]);
    const [, rolled] = await listKeys(database.db, { tenantId });
    expect(rolled?.replacedBy).toBe(next.key.keyId);
    const left = (rolled?.expiresAt?.getTime() ?? 0) - Date.now();
    expect(left).toBeGreaterThan(3_590_000);
    expect(left).toBeLessThan(3_610_000);
    await query(database.db, "update api_keys set expires_at = now() where key_id = $1", [
      old.key.keyId,
    ]);
    expect(await Promise.all([isValid(old.apiKey), isValid(next.apiKey)])).toEqual([false, true]);
    const last = (await audit(tenantId)).at(-1);
    expect(last).toMatchObject({ action: "api_key.roll", object_id: old.key.keyId });
    expect(JSON.parse(last?.after ?? "")).toMatchObject({ replacedBy: next.key.keyId });
  });

  it("ends the old key at once when it has no overlap, and never makes it live longer", async () => {
    const tenantId = await newTenant();
    const lifeMs = 60_000;
    const old = await create(tenantId, { expiresAtMs: Date.now() + lifeMs });
    const roll = { tenantId, keyId: old.key.keyId, overlapSeconds: 7 * 86_400 };
    const next = done(await rollKey(database.db, roll, by));
    const [, rolled] = await listKeys(database.db, { tenantId });
    expect(rolled?.expiresAt).toEqual(old.key.expiresAt);
    const given = (next.key.expiresAt?.getTime() ?? 0) - next.key.createdAt.getTime();
    expect(Math.abs(given - lifeMs)).toBeLessThan(2_000);
    const again = { tenantId, keyId: next.key.keyId, overlapSeconds: 0 };
    const last = done(await rollKey(database.db, again, by));
    expect(await Promise.all([isValid(next.apiKey), isValid(last.apiKey)])).toEqual([false, true]);
  });

  it("is refused for a key that is over or was rolled, and with no such overlap", async () => {
    const tenantId = await newTenant();
    const { keyId } = (await create(tenantId)).key;
    const roll = (overlapSeconds: number) =>
      rollKey(database.db, { tenantId, keyId, overlapSeconds }, by);
    for (const overlap of [-1, 0.5, 604_801, NaN, Infinity]) {
      expect(await roll(overlap)).toMatchObject({ kind: "refused", code: "INVALID_COMMAND" });
    }
    done(await roll(604_800));
    expect(await roll(0)).toMatchObject({ code: "API_KEY_REPLACED" });
    await revokeKey(database.db, { tenantId, keyId }, by);
    expect(await roll(0)).toMatchObject({ code: "API_KEY_REVOKED" });
    const brief = await create(tenantId);
    await query(database.db, "update api_keys set expires_at = now() where key_id = $1", [
      brief.key.keyId,
    ]);
    const late = { tenantId, keyId: brief.key.keyId, overlapSeconds: 0 };
    expect(await rollKey(database.db, late, by)).toMatchObject({ code: "API_KEY_EXPIRED" });
  });
});

describe("a revocation", () => {
  it("is at once, for good, and in the log once", async () => {
    const tenantId = await newTenant();
    const { key, apiKey } = await create(tenantId);
    const first = await revokeKey(database.db, { tenantId, keyId: key.keyId }, by);
    expect(await revokeKey(database.db, { tenantId, keyId: key.keyId }, by)).toEqual(first);
    expect(await isValid(apiKey)).toBe(false);
    const actions = (await audit(tenantId)).map(({ action }) => action);
    expect(actions).toEqual(["organisation.create", "api_key.create", "api_key.revoke"]);
  });
});

it("another tenant can neither roll nor revoke a key, and leaves no trace of trying", async () => {
  const [tenantId, stranger] = [await newTenant(), await newTenant()];
  const { key, apiKey } = await create(tenantId);
  const aim = { tenantId: stranger, keyId: key.keyId };
  const forbidden = { kind: "refused", code: "FORBIDDEN" };
  expect(await rollKey(database.db, { ...aim, overlapSeconds: 0 }, by)).toMatchObject(forbidden);
  expect(await revokeKey(database.db, aim, by)).toMatchObject(forbidden);
  expect(await isValid(apiKey)).toBe(true);
  expect(await audit(stranger)).toHaveLength(1);
  const unknown = { tenantId, keyId: "0".repeat(22) };
  const nobody = { kind: "refused", code: "UNKNOWN_KEY" };
  expect(await rollKey(database.db, { ...unknown, overlapSeconds: 0 }, by)).toMatchObject(nobody);
  expect(await revokeKey(database.db, unknown, by)).toMatchObject(nobody);
});

it("many makers, rollers and revokers at once leave one successor each and an unbroken chain", async () => {
  const tenantId = await newTenant();
  const keys = await Promise.all(Array.from({ length: 4 }, () => create(tenantId)));
  const acts = keys.flatMap(({ key: { keyId } }) => [
    rollKey(database.db, { tenantId, keyId, overlapSeconds: 60 }, by),
    rollKey(database.db, { tenantId, keyId, overlapSeconds: 0 }, by),
    revokeKey(database.db, { tenantId, keyId }, by),
    createKey(database.db, { tenantId, ...terms }, by),
  ]);
  const answers = await Promise.all(acts);
  const changes = answers.filter(({ kind }) => kind === "done").length;
  expect(await verifyChain(database.db, tenantId)).toEqual({ entries: 1 + 4 + changes });
  const rows = await listKeys(database.db, { tenantId, limit: 100 });
  for (const { key } of keys) {
    const old = rows.find(({ keyId }) => keyId === key.keyId);
    expect(old?.revokedAt).not.toBeNull();
    const rolls = (await audit(tenantId)).filter(
      ({ action, object_id }) => action === "api_key.roll" && object_id === key.keyId,
    );
    expect(rolls).toHaveLength(old?.replacedBy === null ? 0 : 1);
  }
});

it("no secret, nor a piece of one, is in a row, a log line, an answer to others or a metric", async () => {
  const tenantId = await newTenant();
  const first = await create(tenantId);
  const roll = { tenantId, keyId: first.key.keyId, overlapSeconds: 60 };
  const next = done(await rollKey(database.db, roll, by));
  for (const { apiKey } of [first, next]) {
    log.info({ url: `/v1/x?key=${apiKey}`, header: `Bearer ${apiKey}` }, `got ${apiKey}`);
    log.error({ err: new Error(`refused ${apiKey}`) }, "an error");
    expect(await isValid(apiKey)).toBe(true);
  }
  await revokeKey(database.db, { tenantId, keyId: next.key.keyId }, by);
  const tables = ["api_keys", "audit_entries", "audit_heads", "organisations", "tenants"];
  const rows = await Promise.all(
    tables.map((table) => query(database.db, `select * from ${table}`)),
  );
  const everything = [
    JSON.stringify(rows, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
    JSON.stringify([first.key, next.key, await listKeys(database.db, { tenantId })]),
    await database.db.metrics.registry.metrics(),
    ...lines,
  ].join("\n");
  expect(lines.length).toBeGreaterThan(0);
  for (const { apiKey } of [first, next]) {
    const secret = parseApiKey(apiKey)?.secret ?? "";
    expect(secret).toHaveLength(43);
    for (let at = 0; at + 12 <= secret.length; at += 4) {
      expect(everything).not.toContain(secret.slice(at, at + 12));
    }
  }
});
