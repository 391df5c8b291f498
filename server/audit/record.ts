import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { hashOf, noHash, toRow, type Entry, type NewEntry } from "./entry.ts";

/**
 * Appends to the tenant's chain, in the transaction of the change itself: there is no change without
 * its entry, and no entry without its change. Two at once both write the head's row: one of them has
 * lost the race and `transact` runs it again. So a transaction that records takes its tenant's `turn`.
 */
export async function record(tx: Tx, given: NewEntry): Promise<void> {
  const row = toRow(given);
  const [head] = await tx.tuples<[at: string, seq: bigint | null, hash: string | null]>(
    sql`select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), h.seq, h.hash
          from (select 1) as one left join audit_heads h on h.tenant_id = ${row.tenantId}`,
  );
  const [at = "", lastSeq = null, lastHash = null] = head ?? [];
  const seq = (lastSeq ?? 0n) + 1n;
  const entry: Entry = { ...row, seq, at, previousHash: lastHash ?? noHash };
  const hash = hashOf(entry);
  await Promise.all([
    tx.write(
      sql`insert into audit_heads (tenant_id, seq, hash) values (${row.tenantId}, ${seq}, ${hash})
          on conflict (tenant_id) do update set seq = excluded.seq, hash = excluded.hash
           where audit_heads.seq = excluded.seq - 1`,
      1,
    ),
    tx.write(
      sql`insert into audit_entries (tenant_id, seq, previous_hash, hash, at, actor_kind, actor_id, actor_role,
                                     session_id, action, object_kind, object_id, before, after, reason, ip,
                                     request_id)
          values (${entry.tenantId}, ${seq}, ${entry.previousHash}, ${hash}, ${at}, ${entry.actorKind},
                  ${entry.actorId}, ${entry.actorRole}, ${entry.sessionId}, ${entry.action},
                  ${entry.objectKind}, ${entry.objectId}, ${entry.before}, ${entry.after},
                  ${entry.reason}, ${entry.ip}, ${entry.requestId})`,
      1,
    ),
  ]);
}
