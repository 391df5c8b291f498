import type { Db } from "../db/open.ts";
import { Fragment, sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { ChainWalk, type Head, type Verdict } from "./chain-walk.ts";
import { noHash, type Entry } from "./entry.ts";

/** With what the head names: a copy of it that is kept elsewhere shows later what was rewritten. */
export interface Checked extends Verdict {
  readonly head: Head;
}

export type HashedEntry = Entry & { readonly hash: string };

/** The columns of an entry, its time as it is hashed. */
export const entryColumns = new Fragment(
  `tenant_id as "tenantId", seq, previous_hash as "previousHash", hash,
   to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
   actor_kind as "actorKind", actor_id as "actorId", actor_role as "actorRole",
   session_id as "sessionId", action, object_kind as "objectKind", object_id as "objectId",
   before, after, reason, ip, request_id as "requestId"`,
);

const pageRows = 1_000;
const patienceDefaultMs = 300_000;

/**
 * Recomputes every hash of a tenant's chain, in one snapshot. Someone who can rewrite the log, all
 * hashes after the place and the head as well, is found by a copy of the head kept elsewhere only.
 */
export async function checkChain(
  db: Db,
  tenantId: string,
  patienceMs = patienceDefaultMs,
): Promise<Checked> {
  return transact(db, "verify_audit", (tx) => check(tx, tenantId), {
    readOnly: true,
    deadlineAt: performance.now() + patienceMs,
    attemptTimeoutMs: patienceMs,
  });
}

export async function verifyChain(db: Db, tenantId: string): Promise<Verdict> {
  const { head: _, ...verdict } = await checkChain(db, tenantId);
  return verdict;
}

async function check(tx: Tx, tenantId: string): Promise<Checked> {
  const head = await headOf(tx, tenantId);
  const walk = new ChainWalk(head);
  for (let after = 0n; ;) {
    const rows = await readAfter(tx, tenantId, after, pageRows);
    const isWhole = rows.every((row) => walk.step(row));
    after = rows.at(-1)?.seq ?? after;
    if (!isWhole || rows.length < pageRows) return { ...walk.end(), head };
  }
}

/** What the head names; nothing at all where there is none. */
export async function headOf(tx: Tx, tenantId: string): Promise<Head> {
  const [row] = await tx.tuples<[seq: bigint, hash: string]>(
    sql`select seq, hash from audit_heads where tenant_id = ${tenantId}`,
  );
  return { seq: Number(row?.[0] ?? 0n), hash: row?.[1] ?? noHash };
}

/** The entries behind a number, the first first. */
export function readAfter(
  tx: Tx,
  tenantId: string,
  after: bigint,
  limit: number,
): Promise<HashedEntry[]> {
  return tx.rows<HashedEntry>(
    sql`select ${entryColumns} from audit_entries
         where tenant_id = ${tenantId} and seq > ${after}
         order by seq
         limit ${limit}`,
  );
}
