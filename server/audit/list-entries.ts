import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Entry } from "./entry.ts";
import { entryColumns } from "./verify-chain.ts";

export type HashedEntry = Entry & { readonly hash: string };

export interface EntryFilter {
  readonly action?: string | undefined;
  readonly actorId?: string | undefined;
  readonly objectKind?: string | undefined;
  readonly objectId?: string | undefined;
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
  const work = async (tx: Tx): Promise<EntryPage> => {
    const rows = await tx.rows<HashedEntry>(
      sql`select ${entryColumns}
            from (select * from audit_entries where tenant_id = ${tenantId} and seq < ${before}
                   order by seq desc limit ${most}) looked_at
           where (${action}::text is null or action = ${action})
             and (${actorId}::text is null or actor_id = ${actorId})
             and (${objectKind}::text is null or object_kind = ${objectKind})
             and (${objectId}::text is null or object_id = ${objectId})
           order by seq desc limit ${limit + 1}`,
    );
    const entries = rows.slice(0, limit);
    if (rows.length > limit) return { entries, next: entries.at(-1)?.seq };
    const [last] = await tx.tuples<[bigint]>(
      sql`select seq from audit_entries where tenant_id = ${tenantId} and seq < ${before}
           order by seq desc limit 1 offset ${most - 1}`,
    );
    return { entries, next: last?.[0] };
  };
  return transact(db, "list_audit", work, { readOnly: true });
}

/** Whoever has a chain, also one whose head is gone. */
export async function tenantsWithEntries(db: Db): Promise<string[]> {
  const query = sql`select tenant_id from audit_heads union select tenant_id from audit_entries order by 1`;
  const rows = await transact(db, "audit_tenants", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return rows.map(([tenantId]) => tenantId);
}
