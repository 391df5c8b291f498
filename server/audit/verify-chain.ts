import type { Db } from "../db/open.ts";
import { Fragment, sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { hashOf, noHash, type Entry } from "./entry.ts";

/**
 * The first place where a chain is not what was written.
 *
 *   missing    there is no entry with this number, though later ones or the head say that there was
 *   altered    the entry's hash is not that of its content
 *   unlinked   the entry does not follow on the one before it
 *   head       the entry is beyond what the head names, or is not the one that the head names
 */
export interface Break {
  readonly seq: number;
  readonly fault: "missing" | "altered" | "unlinked" | "head";
}

export interface Verdict {
  readonly entries: number;
  readonly brokenAt?: Break;
}

/** With what the head names: a copy of it that is kept elsewhere shows later what was rewritten. */
export interface Checked extends Verdict {
  readonly head: { readonly seq: number; readonly hash: string };
}

type Row = Entry & { readonly hash: string };

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
  const [row = [0n, noHash] as const] = await tx.tuples<readonly [seq: bigint, hash: string]>(
    sql`select seq, hash from audit_heads where tenant_id = ${tenantId}`,
  );
  const [seq, hash] = row;
  return { ...(await verify(tx, tenantId, seq, hash)), head: { seq: Number(seq), hash } };
}

async function verify(
  tx: Tx,
  tenantId: string,
  headSeq: bigint,
  headHash: string,
): Promise<Verdict> {
  let seq = 0n;
  let previousHash = noHash;
  let entries = 0;
  for (;;) {
    const rows = await page(tx, tenantId, seq);
    for (const row of rows) {
      const fault = faultOf(row, seq + 1n, previousHash, headSeq);
      if (fault) return { entries, brokenAt: { seq: Number(seq + 1n), fault } };
      seq = row.seq;
      previousHash = row.hash;
      entries++;
    }
    if (rows.length < pageRows) break;
  }
  if (seq < headSeq) return { entries, brokenAt: { seq: Number(seq + 1n), fault: "missing" } };
  if (previousHash !== headHash) return { entries, brokenAt: { seq: Number(seq), fault: "head" } };
  return { entries };
}

function faultOf(
  row: Row,
  seq: bigint,
  previousHash: string,
  headSeq: bigint,
): Break["fault"] | undefined {
  if (row.seq !== seq) return "missing";
  if (hashOf(row) !== row.hash) return "altered";
  if (row.previousHash !== previousHash) return "unlinked";
  return seq > headSeq ? "head" : undefined;
}

function page(tx: Tx, tenantId: string, after: bigint): Promise<Row[]> {
  return tx.rows<Row>(
    sql`select ${entryColumns} from audit_entries
         where tenant_id = ${tenantId} and seq > ${after}
         order by seq
         limit ${pageRows}`,
  );
}
