import type { Log } from "../base/log.ts";
import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { prepared, sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { Caller } from "./caller.ts";
import { Recent } from "./recent.ts";
import { suspensionColumns, suspensionIn, type SuspensionRow } from "./suspension.ts";
import { openUses } from "./uses.ts";

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
  /** What was revoked here is refused here from the next call on. */
  forget(): void;
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

export function openKeyring(db: Db, log: Pick<Log, "warn">, options: KeyringOptions = {}): Keyring {
  const { freshMs = 1_000, flushMs = 5_000, keysMax: sizeMax = 10_000 } = options;
  const now = options.now ?? (() => performance.now());
  const recent = new Recent<KnownKey>((keyId) => lookUp(db, keyId), { freshMs, sizeMax, now });
  const says = "when keys were last used could not be written: tried again later";
  const uses = openUses((keyIds) => writeUses(db, keyIds), { log, flushMs, says });
  return {
    find: (keyId) => recent.find(keyId),
    knows: (keyId) => recent.knows(keyId),
    noteUse: (keyId) => uses.note(keyId),
    forget: () => recent.forget(),
    flush: () => uses.flush(),
    close: () => uses.close(),
  };
}

async function writeUses(db: Db, keyIds: readonly string[]): Promise<void> {
  await transact(db, "key_uses", (tx) =>
    tx.run(
      sql`update api_keys k set last_used_at = now()
            from unnest(string_to_array(${lines(keyIds)}, E'\n')) as u(key_id)
           where k.key_id = u.key_id`,
    ),
  );
}

interface Row extends SuspensionRow {
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
    select k.tenant_id as "tenantId", k.mode, k.secret_hash as "secretHash", k.scopes,
           k.agent_ids as "agentIds", k.mandate_ids as "mandateIds",
           k.revoked_at is not null as revoked, coalesce(k.expires_at <= now(), false) as expired,
           ${suspensionColumns}
      from api_keys k
      left join tenants t on t.tenant_id = k.tenant_id
      left join organisations o on o.organisation_id = t.organisation_id
     where k.key_id = ${keyId}`;
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
    suspension: suspensionIn(row),
  };
  return { caller, secretHash, revoked, expired };
}

/** A list as its column holds it. */
export function readList(text: string | null): readonly string[] | null {
  return text === null ? null : (JSON.parse(text) as string[]);
}
