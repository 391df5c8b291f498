import type { Log } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { prepared, sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { Caller } from "./caller.ts";

/** A key as a call needs it. `revoked` and `expired` were so on the database's clock. */
export interface KnownKey {
  readonly caller: Caller;
  readonly secretHash: string;
  readonly revoked: boolean;
  readonly expired: boolean;
}

/** The keys that are in use just now, and which of them were used: one for each process. */
export interface Keyring {
  /** At most a second old: a revocation is seen within that. */
  find(keyId: string): Promise<KnownKey | undefined>;
  /** Whether it was looked up and found, however long ago; asks nobody. */
  knows(keyId: string): boolean;
  /** Costs nothing: it is written with others some seconds later. */
  noteUse(keyId: string): void;
  /** Writes what was noted; also done by itself every few seconds, and by `close`. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyringOptions {
  readonly freshMs?: number;
  readonly flushMs?: number;
  readonly keysMax?: number;
  readonly now?: () => number;
}

interface Cached {
  readonly untilMs: number;
  readonly key: Promise<KnownKey | undefined>;
  isThere: boolean;
}

export function openKeyring(db: Db, log: Pick<Log, "warn">, options: KeyringOptions = {}): Keyring {
  const { freshMs = 1_000, flushMs = 5_000, keysMax = 10_000 } = options;
  const now = options.now ?? (() => performance.now());
  const cache = new Map<string, Cached>();
  let used = new Set<string>();

  const find = (keyId: string): Promise<KnownKey | undefined> => {
    const nowMs = now();
    const cached = cache.get(keyId);
    if (cached && nowMs < cached.untilMs) return cached.key;
    // Counted from before the look-up: what it can miss was not yet committed by then.
    const key = lookUp(db, keyId);
    const fresh: Cached = { untilMs: nowMs + freshMs, key, isThere: cached?.isThere === true };
    key.then(
      (found) => (fresh.isThere = found !== undefined),
      () => cache.get(keyId) === fresh && cache.delete(keyId),
    );
    cache.delete(keyId);
    cache.set(keyId, fresh);
    const [oldest] = cache.keys();
    if (cache.size > keysMax && oldest !== undefined) cache.delete(oldest);
    return fresh.key;
  };

  const flush = async (): Promise<void> => {
    const some = [...used];
    used = new Set();
    try {
      for (let from = 0; from < some.length; from += rowsMax) {
        await writeUses(db, some.slice(from, from + rowsMax));
      }
    } catch (err) {
      for (const keyId of some) used.add(keyId);
      log.warn({ err }, "when keys were last used could not be written: tried again later");
    }
  };

  let flushing: Promise<void> = Promise.resolve();
  const flushInTurn = (): Promise<void> => (flushing = flushing.then(flush));
  const timer = setInterval(() => void flushInTurn(), flushMs);
  timer.unref();
  return {
    find,
    knows: (keyId) => cache.get(keyId)?.isThere === true,
    noteUse: (keyId) => used.add(keyId),
    flush: flushInTurn,
    close() {
      clearInterval(timer);
      return flushInTurn();
    },
  };
}

const rowsMax = 1_000;

async function writeUses(db: Db, keyIds: readonly string[]): Promise<void> {
  await transact(db, "key_uses", (tx) =>
    tx.run(
      sql`update api_keys k set last_used_at = now()
            from unnest(string_to_array(${lines(keyIds)}, E'\n')) as u(key_id)
           where k.key_id = u.key_id`,
    ),
  );
}

interface Row {
  readonly tenantId: string;
  readonly mode: Caller["mode"];
  readonly secretHash: string;
  readonly scopes: string;
  readonly agentIds: string | null;
  readonly mandateIds: string | null;
  readonly revoked: boolean;
  readonly expired: boolean;
}

const select = prepared("api_key");
const patienceMs = 3_000;

async function lookUp(db: Db, keyId: string): Promise<KnownKey | undefined> {
  db.metrics.keyLookUps.inc();
  const query = select`
    select tenant_id as "tenantId", mode, secret_hash as "secretHash", scopes, agent_ids as "agentIds",
           mandate_ids as "mandateIds", revoked_at is not null as revoked,
           coalesce(expires_at <= now(), false) as expired
      from api_keys where key_id = ${keyId}`;
  const [row] = await transact(db, "find_key", (tx) => tx.rows<Row>(query), {
    readOnly: true,
    // It can only read, so after doubt it may read again.
    recalls: true,
    deadlineAt: performance.now() + patienceMs,
  });
  if (!row) return undefined;
  const { tenantId, mode, secretHash, revoked, expired } = row;
  const caller: Caller = {
    tenantId,
    actor: { kind: "key", id: keyId },
    mode,
    scopes: readList(row.scopes) ?? [],
    agentIds: readList(row.agentIds),
    mandateIds: readList(row.mandateIds),
  };
  return { caller, secretHash, revoked, expired };
}

/** A list as its column holds it. */
export function readList(text: string | null): readonly string[] | null {
  return text === null ? null : (JSON.parse(text) as string[]);
}
