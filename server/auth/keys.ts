import type { Actor, NewEntry } from "../audit/entry.ts";
import { record } from "../audit/record.ts";
import { assert } from "../base/assert.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { digestOf, mintApiKey, type KeyMode, type MintedKey } from "./api-key.ts";
import { insertKey, readKey, readKeys, type ApiKey } from "./key-rows.ts";
import { faultOfNewKey, overlapSecondsMax, type KeyTerms } from "./key-terms.ts";

/** On whose word, and why: it stands in the audit log beside what was done. */
export interface OnBehalf {
  readonly actor: Actor;
  readonly reason?: string;
  readonly ip?: string;
  readonly requestId?: string;
}

export type KeyRefusalCode =
  | "INVALID_COMMAND"
  | "UNKNOWN_TENANT"
  | "UNKNOWN_KEY"
  | "FORBIDDEN"
  | "API_KEY_REVOKED"
  | "API_KEY_EXPIRED"
  | "API_KEY_REPLACED"
  | "KEY_REUSED";

export interface KeyRefused {
  readonly kind: "refused";
  readonly code: KeyRefusalCode;
  readonly says: string;
}

/** With the only copy of the key that there will ever be. */
export interface KeyMade {
  readonly kind: "done";
  readonly apiKey: string;
  readonly key: ApiKey;
}

/** The request has made its key before: there is nothing left to show its secret from. */
export interface KeyKnown {
  readonly kind: "known";
  readonly key: ApiKey;
}

/** What a request that makes a key and may be sent again remembers itself by, in the same transaction. */
export interface Once {
  /** The key that it made before, or why it cannot be told. */
  readonly recall: (tx: Tx) => Promise<{ readonly keyId: string } | KeyRefused | undefined>;
  readonly remember: (tx: Tx, keyId: string) => Promise<void>;
}

type NewKey = KeyTerms & { readonly tenantId: string };
type Made = KeyMade | KeyRefused;

export async function createKey(db: Db, given: NewKey, by: OnBehalf): Promise<Made>;
export async function createKey(
  db: Db,
  given: NewKey,
  by: OnBehalf,
  once: Once,
): Promise<Made | KeyKnown>;
export async function createKey(
  db: Db,
  given: NewKey,
  by: OnBehalf,
  once?: Once,
): Promise<Made | KeyKnown> {
  const says = faultOfNewKey(given);
  if (says !== undefined) return refused("INVALID_COMMAND", says);
  const mode = await modeOf(db, given.tenantId);
  if (mode === undefined) return refused("UNKNOWN_TENANT", "There is no such tenant.");
  const minted = mintApiKey(mode);
  const work = async (tx: Tx): Promise<Made | KeyKnown> => {
    const recalled = await recall(tx, minted, once);
    if (recalled) return recalled;
    const { expiresAtMs = null } = given;
    if (await isPast(tx, expiresAtMs)) {
      return refused("INVALID_COMMAND", "The key would have expired already.");
    }
    await insertKey(tx, {
      keyId: minted.keyId,
      tenantId: given.tenantId,
      mode,
      name: given.name,
      secretHash: digestOf(minted.secret),
      scopes: [...new Set(given.scopes)],
      agentIds: given.agentIds ?? null,
      mandateIds: given.mandateIds?.map((id) => id.toLowerCase()) ?? null,
      createdBy: `${by.actor.kind}:${by.actor.id}`,
      expiresAtMs,
      lifeSeconds: null,
    });
    const key = await readOwn(tx, minted.keyId);
    await record(tx, entryOf("api_key.create", key, by, { after: termsOf(key) }));
    await once?.remember(tx, key.keyId);
    return made(minted, key);
  };
  return transact(db, "create_key", work, { recalls: true, turn: given.tenantId });
}

export interface Roll {
  readonly tenantId: string;
  readonly keyId: string;
  /** How long the old key stays valid beside the new one. */
  readonly overlapSeconds: number;
}

/** A new key on the terms of the old one, and with a lifetime as long as its was. */
export async function rollKey(db: Db, roll: Roll, by: OnBehalf): Promise<Made>;
export async function rollKey(
  db: Db,
  roll: Roll,
  by: OnBehalf,
  once: Once,
): Promise<Made | KeyKnown>;
export async function rollKey(
  db: Db,
  { tenantId, keyId, overlapSeconds }: Roll,
  by: OnBehalf,
  once?: Once,
): Promise<Made | KeyKnown> {
  if (
    !Number.isInteger(overlapSeconds) ||
    overlapSeconds < 0 ||
    overlapSeconds > overlapSecondsMax
  ) {
    return refused("INVALID_COMMAND", "An overlap is 0 seconds to 7 days.");
  }
  const mode = await modeOf(db, tenantId);
  if (mode === undefined) return refused("UNKNOWN_TENANT", "There is no such tenant.");
  const minted = mintApiKey(mode);
  const work = async (tx: Tx): Promise<Made | KeyKnown> => {
    const recalled = await recall(tx, minted, once);
    if (recalled) return recalled;
    const old = await ownKey(tx, tenantId, keyId);
    if ("kind" in old) return old;
    if (old.revokedAt) return refused("API_KEY_REVOKED", "The key was revoked: create a new one.");
    if (old.replacedBy !== null) {
      return refused("API_KEY_REPLACED", `The key was rolled already: roll ${old.replacedBy}.`);
    }
    if (old.expired) return refused("API_KEY_EXPIRED", "The key has expired: create a new one.");
    const { name, scopes, agentIds, mandateIds, expiresAt, createdAt } = old;
    await insertKey(tx, {
      keyId: minted.keyId,
      tenantId: old.tenantId,
      mode,
      name,
      scopes,
      agentIds,
      mandateIds,
      secretHash: digestOf(minted.secret),
      createdBy: `${by.actor.kind}:${by.actor.id}`,
      expiresAtMs: null,
      lifeSeconds: expiresAt && (expiresAt.getTime() - createdAt.getTime()) / 1000,
    });
    await tx.write(
      sql`update api_keys set replaced_by = ${minted.keyId},
                 expires_at = least(expires_at, now() + ${overlapSeconds}::float8 * interval '1 second')
           where key_id = ${keyId}`,
      1,
    );
    const [key, ended] = await Promise.all([readOwn(tx, minted.keyId), readOwn(tx, keyId)]);
    const before = { expiresAt };
    const after = { expiresAt: ended.expiresAt, replacedBy: key.keyId, new: termsOf(key) };
    await record(tx, entryOf("api_key.roll", old, by, { before, after }));
    await once?.remember(tx, key.keyId);
    return made(minted, key);
  };
  return transact(db, "roll_key", work, { recalls: true, turn: tenantId });
}

/** What this very call made before a doubt, with its secret; or what the request made at another time. */
async function recall(
  tx: Tx,
  minted: MintedKey,
  once: Once | undefined,
): Promise<Made | KeyKnown | undefined> {
  const own = await readKey(tx, minted.keyId);
  if (own) return made(minted, own);
  const before = await once?.recall(tx);
  if (!before || "kind" in before) return before;
  return { kind: "known", key: await readOwn(tx, before.keyId) };
}

export type KeyRevoked = { readonly kind: "done"; readonly key: ApiKey };

/** At once and for good; a second time changes nothing. Others see it within a second. */
export async function revokeKey(
  db: Db,
  { tenantId, keyId }: { tenantId: string; keyId: string },
  by: OnBehalf,
): Promise<KeyRevoked | KeyRefused> {
  const work = async (tx: Tx): Promise<KeyRevoked | KeyRefused> => {
    const old = await ownKey(tx, tenantId, keyId);
    if ("kind" in old) return old;
    if (old.revokedAt) return { kind: "done", key: old };
    await tx.write(sql`update api_keys set revoked_at = now() where key_id = ${keyId}`, 1);
    const key = await readOwn(tx, keyId);
    const change = { before: { revokedAt: null }, after: { revokedAt: key.revokedAt } };
    await record(tx, entryOf("api_key.revoke", key, by, change));
    return { kind: "done", key };
  };
  return transact(db, "revoke_key", work, { recalls: true, turn: tenantId });
}

/** A page of a tenant's keys, the newest first, those that are over too. */
export async function listKeys(
  db: Db,
  { tenantId, limit = 100, before }: { tenantId: string; limit?: number; before?: string },
): Promise<ApiKey[]> {
  return transact(db, "list_keys", (tx) => readKeys(tx, tenantId, { limit, before }), {
    readOnly: true,
  });
}

/** For the command line, whose operator may act for every tenant. */
export async function findKey(db: Db, keyId: string): Promise<ApiKey | undefined> {
  return transact(db, "read_key", (tx) => readKey(tx, keyId), { readOnly: true });
}

async function modeOf(db: Db, tenantId: string): Promise<KeyMode | undefined> {
  const query = sql`select mode from tenants where tenant_id = ${tenantId}`;
  const [row] = await transact(db, "read_tenant", (tx) => tx.rows<{ mode: string }>(query), {
    readOnly: true,
  });
  return row && (row.mode === "live" ? "live" : "test");
}

async function isPast(tx: Tx, atMs: number | null): Promise<boolean> {
  const query = sql`select coalesce(to_timestamp(${atMs}::float8 / 1000) <= now(), false)`;
  const [row] = await tx.tuples<[boolean]>(query);
  return row?.[0] === true;
}

async function ownKey(tx: Tx, tenantId: string, keyId: string): Promise<ApiKey | KeyRefused> {
  const key = await readKey(tx, keyId);
  if (!key) return refused("UNKNOWN_KEY", "There is no such key.");
  if (key.tenantId === tenantId.toLowerCase()) return key;
  return refused("FORBIDDEN", "This key belongs to another tenant.");
}

async function readOwn(tx: Tx, keyId: string): Promise<ApiKey> {
  const key = await readKey(tx, keyId);
  assert(key, "what this transaction wrote is there");
  return key;
}

function made({ apiKey }: MintedKey, key: ApiKey): KeyMade {
  return { kind: "done", apiKey, key };
}

function refused(code: KeyRefusalCode, says: string): KeyRefused {
  return { kind: "refused", code, says };
}

function termsOf({ keyId, name, mode, scopes, agentIds, mandateIds, expiresAt }: ApiKey): object {
  return { keyId, name, mode, scopes, agentIds, mandateIds, expiresAt };
}

function entryOf(
  action: string,
  { tenantId, keyId }: ApiKey,
  by: OnBehalf,
  change: Pick<NewEntry, "before" | "after">,
): NewEntry {
  return { tenantId, action, object: { kind: "api_key", id: keyId }, ...by, ...change };
}
