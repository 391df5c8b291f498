import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeLog } from "../base/log.ts";
import { createOrganisation } from "../tenants/store.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { mintApiKey, parseApiKey, writeApiKey, type ApiKeyParts } from "./api-key.ts";
import { authenticate } from "./authenticate.ts";
import type { AuthFault } from "./caller.ts";
import { openKeyring, type Keyring, type KeyringOptions } from "./keyring.ts";
import { createKey, revokeKey, type KeyMade } from "./keys.ts";

const by = { actor: { kind: "system", id: "test" } } as const;
const log = makeLog("test", { logLevel: "silent" });

let database: TestDatabase;
let tenants: { live: string; test: string };
beforeAll(async () => {
  database = await freshDatabase();
  const made = await createOrganisation(database.db, { name: "Acme", actor: by.actor });
  if (made.kind !== "done") throw new Error(made.says);
  tenants = { live: made.liveTenantId, test: made.testTenantId };
});
afterAll(() => database.close());

function ring(options?: KeyringOptions): Keyring {
  const keyring = openKeyring(database.db, log, options);
  onTestFinished(() => keyring.close());
  return keyring;
}

async function newKey(given: { live?: boolean } = {}): Promise<KeyMade> {
  const tenantId = given.live ? tenants.live : tenants.test;
  const made = await createKey(database.db, { tenantId, name: "k", scopes: ["items:read"] }, by);
  if (made.kind !== "done") throw new Error(made.says);
  return made;
}

const partsOf = (apiKey: string): ApiKeyParts => {
  const parts = parseApiKey(apiKey);
  if (!parts) throw new Error("not a key");
  return parts;
};

async function lookUps(): Promise<number> {
  const { values } = await database.db.metrics.keyLookUps.get();
  return values[0]?.value ?? 0;
}

const sql = (text: string, ...values: unknown[]) => query(database.db, text, values);

describe("whoever sends", () => {
  it.each([
    ["no header", () => undefined, "AUTHENTICATION_REQUIRED"],
    ["an empty header", () => "", "AUTHENTICATION_REQUIRED"],
    ["another scheme", (key: string) => `Basic ${key}`, "AUTHENTICATION_REQUIRED"],
    ["a scheme alone", () => "Bearer", "AUTHENTICATION_REQUIRED"],
    ["no space", (key: string) => `Bearer${key}`, "AUTHENTICATION_REQUIRED"],
    ["a tab", (key: string) => `Bearer\t${key}`, "AUTHENTICATION_REQUIRED"],
    ["two keys", (key: string) => `Bearer ${key} ${key}`, "AUTHENTICATION_REQUIRED"],
    ["two schemes", (key: string) => `Bearer ${key}, Bearer ${key}`, "AUTHENTICATION_REQUIRED"],
    ["no key at all", () => "Bearer hello", "INVALID_API_KEY"],
    ["a bad checksum", (key: string) => `Bearer ${key.slice(0, -6)}000000`, "INVALID_API_KEY"],
    ["half a key", (key: string) => `Bearer ${key.slice(0, 40)}`, "INVALID_API_KEY"],
    ["very much", () => `Bearer ${"x".repeat(16_000)}`, "INVALID_API_KEY"],
  ])("%s is refused without a look-up", async (_, header, fault) => {
    const { apiKey } = await newKey();
    const before = await lookUps();
    expect(await authenticate(ring(), header(apiKey))).toMatchObject({ fault });
    expect(await lookUps()).toBe(before);
  });

  it("an unknown id or a wrong secret gets the answer of a bad checksum", async () => {
    const keyring = ring();
    const { apiKey } = await newKey();
    const parts = partsOf(apiKey);
    const wrong = [
      `${apiKey}x`,
      mintApiKey("test").apiKey,
      writeApiKey({ ...parts, secret: mintApiKey("test").secret }),
      writeApiKey({
        ...parts,
        secret: `${parts.secret.slice(0, 42)}${parts.secret.endsWith("0") ? 1 : 0}`,
      }),
      writeApiKey({ ...parts, mode: "live" }),
    ];
    const answers = await Promise.all(wrong.map((key) => authenticate(keyring, `Bearer ${key}`)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ fault: "INVALID_API_KEY" });
  });

  it("a secret whose digest is another in its last digit only is wrong", async () => {
    const { apiKey } = await newKey();
    const { keyId } = partsOf(apiKey);
    const secretHash = (digit: string) =>
      sql(
        "update api_keys set secret_hash = left(secret_hash, 63) || $2 where key_id = $1",
        keyId,
        digit,
      );
    const digits = "0123456789abcdef".split("");
    const answers: unknown[] = [];
    for (const digit of digits) {
      await secretHash(digit);
      answers.push(await authenticate(ring(), `Bearer ${apiKey}`));
    }
    // One of them is the right one.
    expect(answers.filter((answer) => "fault" in (answer as object))).toHaveLength(15);
  });

  it("a key is its tenant, in its mode", async () => {
    const keyring = ring();
    const [live, test] = [await newKey({ live: true }), await newKey()];
    expect(live.apiKey).toMatch(/^zr_live_/);
    expect(test.apiKey).toMatch(/^zr_test_/);
    expect(await authenticate(keyring, `Bearer ${live.apiKey}`)).toEqual({
      tenantId: tenants.live,
      actor: { kind: "key", id: live.key.keyId },
      mode: "live",
      scopes: ["items:read"],
      agentIds: null,
      mandateIds: null,
    });
    const caller = await authenticate(keyring, `bEARER   ${test.apiKey} `);
    expect(caller).toMatchObject({ tenantId: tenants.test, mode: "test" });
  });

  it("a revoked or expired key is told so, if the secret is right only", async () => {
    const [revoked, expired] = [await newKey(), await newKey()];
    await revokeKey(database.db, { tenantId: tenants.test, keyId: revoked.key.keyId }, by);
    await sql("update api_keys set expires_at = now() where key_id = $1", expired.key.keyId);
    for (const [made, fault] of [
      [revoked, "API_KEY_REVOKED"],
      [expired, "API_KEY_EXPIRED"],
    ] as const) {
      const keyring = ring();
      expect(await authenticate(keyring, `Bearer ${made.apiKey}`)).toMatchObject({ fault });
      const guess = { ...partsOf(made.apiKey), secret: mintApiKey("test").secret };
      const answer = (await authenticate(keyring, `Bearer ${writeApiKey(guess)}`)) as AuthFault;
      expect(answer.fault).toBe("INVALID_API_KEY");
    }
  });
});

describe("the keys in memory", () => {
  it("notice a revocation within a second, on other servers too", async () => {
    const { apiKey, key } = await newKey();
    const others = [ring(), ring()];
    const ask = () => Promise.all(others.map((one) => authenticate(one, `Bearer ${apiKey}`)));
    expect(await ask()).toMatchObject([{ actor: { id: key.keyId } }, { actor: { id: key.keyId } }]);
    await revokeKey(database.db, { tenantId: tenants.test, keyId: key.keyId }, by);
    const revokedAt = performance.now();
    for (;;) {
      const askedAt = performance.now();
      const answers = await ask();
      if (answers.every((answer) => "fault" in answer)) break;
      expect(askedAt - revokedAt).toBeLessThan(1_000);
      await sleep(20);
    }
  });

  it("are looked up once a second, however many ask at once", async () => {
    let nowMs = 0;
    const keyring = ring({ now: () => nowMs });
    const { apiKey } = await newKey();
    const before = await lookUps();
    const crowd = () =>
      Promise.all(Array.from({ length: 200 }, () => authenticate(keyring, `Bearer ${apiKey}`)));
    await crowd();
    nowMs = 999;
    await crowd();
    expect(await lookUps()).toBe(before + 1);
    nowMs = 1_000;
    await crowd();
    expect(await lookUps()).toBe(before + 2);
  });

  it("are a limited number", async () => {
    const keyring = ring({ keysMax: 2 });
    const keys = [await newKey(), await newKey(), await newKey()];
    const before = await lookUps();
    for (const { apiKey } of [...keys, ...keys]) await authenticate(keyring, `Bearer ${apiKey}`);
    expect(await lookUps()).toBe(before + 6);
  });

  it("forget a look-up that failed", async () => {
    const { apiKey } = await newKey();
    const keyring = ring();
    await sql("alter table api_keys rename to api_keys_away");
    try {
      await expect(authenticate(keyring, `Bearer ${apiKey}`)).rejects.toThrow("api_keys");
    } finally {
      await sql("alter table api_keys_away rename to api_keys");
    }
    expect(await authenticate(keyring, `Bearer ${apiKey}`)).toHaveProperty("actor");
  });

  it("know when a key was last used, written apart from the call", async () => {
    const keyring = ring();
    const [used, unused] = [await newKey(), await newKey()];
    const lastUse = async (keyId: string) =>
      (await sql("select last_used_at as at from api_keys where key_id = $1", keyId)) as {
        at: unknown;
      }[];
    await authenticate(keyring, `Bearer ${used.apiKey}`);
    const guess = { ...partsOf(unused.apiKey), secret: mintApiKey("test").secret };
    await authenticate(keyring, `Bearer ${writeApiKey(guess)}`);
    expect(await lastUse(used.key.keyId)).toEqual([{ at: null }]);
    await keyring.flush();
    expect(await lastUse(used.key.keyId)).toEqual([{ at: expect.any(Date) as Date }]);
    expect(await lastUse(unused.key.keyId)).toEqual([{ at: null }]);
  });

  it("write by themselves, and try again what could not be written", async () => {
    const keyring = ring({ flushMs: 20 });
    const { apiKey, key } = await newKey();
    await sql("alter table api_keys rename column last_used_at to away");
    await authenticate(keyring, `Bearer ${apiKey}`);
    await keyring.flush();
    await sql("alter table api_keys rename column away to last_used_at");
    const written = async () =>
      (await sql("select from api_keys where key_id = $1 and last_used_at is not null", key.keyId))
        .length;
    await expect.poll(written, { timeout: 5_000 }).toBe(1);
  });
});
