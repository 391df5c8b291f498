import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { entryColumns, type HashedEntry } from "./verify-chain.ts";

export interface EntryFilter {
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly objectKind?: string | undefined;
  readonly objectId?: string | undefined;
  /** The first moment, and the one before which. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface EntryPage {
  readonly entries: readonly HashedEntry[];
  /** The next page has the entries before this number; undefined after the first entry of all. */
  readonly next: bigint | undefined;
}

interface Wanted {
  readonly before?: bigint | undefined;
  readonly limit: number;
  /** How many entries are looked at for a page: a filter that fits few must not read all of them. */
  readonly most?: number;
}

const beyondAll = 2n ** 63n - 1n;

/** Newest first. A page may be short, or empty, and yet not the last: see `most`. */
export async function listEntries(
  db: Db,
  tenantId: string,
  filter: EntryFilter,
  { before = beyondAll, limit, most = 10_000 }: Wanted,
): Promise<EntryPage> {
  const { action = null, actorId = null, objectKind = null, objectId = null } = filter;
  const { from = null, to = null } = filter;
  const work = async (tx: Tx): Promise<EntryPage> => {
    const rows = await tx.rows<HashedEntry>(
      sql`select ${entryColumns}
            from (select * from audit_entries where tenant_id = ${tenantId} and seq < ${before}
                   order by seq desc limit ${most}) looked_at
           where (${action}::text is null or action = ${action})
             and (${actorId}::text is null or actor_id = ${actorId})
             and (${objectKind}::text is null or object_kind = ${objectKind})
             and (${objectId}::text is null or object_id = ${objectId})
             and (${from}::timestamptz is null or at >= ${from}::timestamptz)
             and (${to}::timestamptz is null or at < ${to}::timestamptz)
           order by seq desc limit ${limit + 1}`,
    );
    const entries = rows.slice(0, limit);
    if (rows.length > limit) return { entries, next: entries.at(-1)?.seq };
    const [last] = await tx.tuples<[seq: bigint, isTooOld: boolean | null]>(
      sql`select seq, at < ${from}::timestamptz - interval '1 hour' from audit_entries
           where tenant_id = ${tenantId} and seq < ${before}
           order by seq desc limit 1 offset ${most - 1}`,
    );
    // An entry has the time at which its transaction began: never an hour before its neighbours'.
    return { entries, next: last?.[1] === true ? undefined : last?.[0] };
  };
  return transact(db, "list_audit", work, { readOnly: true });
}

export async function findEntry(
  db: Db,
  tenantId: string,
  seq: bigint,
): Promise<HashedEntry | undefined> {
  const query = sql`select ${entryColumns} from audit_entries
                     where tenant_id = ${tenantId} and seq = ${seq}`;
  const [entry] = await transact(db, "find_entry", (tx) => tx.rows<HashedEntry>(query), {
    readOnly: true,
  });
  return entry;
}

/** Whoever has a chain, also one whose head is gone. */
export async function tenantsWithEntries(db: Db): Promise<string[]> {
  const query = sql`select tenant_id from audit_heads union select tenant_id from audit_entries order by 1`;
  const rows = await transact(db, "audit_tenants", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return rows.map(([tenantId]) => tenantId);
}
