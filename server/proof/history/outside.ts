import type { Db } from "../../db/open.ts";
import { sql } from "../../db/sql.ts";
import { transact } from "../../db/transact.ts";
import type { Outcome } from "./history.ts";

/** One request at the endpoint of a world, as its receiver wrote it down. */
export interface Arrival {
  /** Of the header `webhook-id`. */
  readonly id: string;
  /** Whether it was signed with the endpoint's secret, about now. */
  readonly isSigned: boolean;
  readonly type: string;
  /** Of the body, as all that follows. */
  readonly eventId: string;
  readonly purchaseId?: string;
  readonly sequence?: number;
  readonly amountMinor?: number;
  /** The item or mandate, where it is not about a purchase. */
  readonly subjectId?: string;
  /** The same for the same body. */
  readonly digest: string;
  readonly at: number;
  /** What the receiver did: said yes, said no, lost its answer on the way, or never answered. */
  readonly answered: "yes" | "no" | "lost" | "never";
}

export interface AuditEntry {
  readonly seq: number;
  readonly previousHash: string;
  readonly hash: string;
  readonly action: string;
  readonly objectId: string;
  readonly after: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
}

/** What somebody who went along a chain of entries came to. */
export interface Walked {
  readonly entries: number;
  /** Where and how it is broken. */
  readonly broken?: string;
}

export interface AuditLog {
  readonly entries: readonly AuditEntry[];
  /** In the database, every hash of it recomputed. */
  readonly chain: Walked;
  /** An export of it, which proves itself. */
  readonly exported: Walked;
}

/** What the run itself did in its world beside the operator's commands, such as making its endpoint. */
export interface Errand {
  readonly action: string;
  readonly objectId: string;
  readonly outcome: Outcome;
}

export interface EndpointHeard {
  readonly arrivals: readonly Arrival[];
  /** What arrived since then may be younger than the books. */
  readonly readAt: number;
}

export interface Seen {
  /** Absent where the world had no endpoint. */
  readonly heard?: EndpointHeard;
  readonly errands: readonly Errand[];
  readonly log: AuditLog;
}

/** What can be seen of a world from outside: its endpoint and its audit log. */
export interface Outside {
  /** Until its endpoint has what it is owed, or the time is over. Nothing is in the way any more. */
  settle(until: number): Promise<void>;
  see(readAt: number): Promise<Seen>;
  close(): Promise<void>;
}

export interface Unsent {
  /** Deliveries that the receiver has not said yes to. */
  readonly owed: number;
  /** Those of them that were tried, and wait for the next attempt. */
  readonly waiting: number;
}

export async function readUnsent(db: Db, tenantId: string): Promise<Unsent> {
  const query = sql`
    select count(*)::float8 as owed,
           (count(*) filter (where state <> 'pending' or attempts > counts_from))::float8 as waiting
      from webhook_deliveries where tenant_id = ${tenantId} and state <> 'delivered'`;
  const [row] = await transact(db, "read_unsent", (tx) => tx.rows<Unsent>(query), {
    readOnly: true,
  });
  return row ?? { owed: 0, waiting: 0 };
}

export async function readEntries(db: Db, tenantId: string): Promise<AuditEntry[]> {
  const query = sql`
    select seq::float8 as seq, previous_hash as "previousHash", hash, action, object_id as "objectId",
           after, reason, request_id as "requestId"
      from audit_entries where tenant_id = ${tenantId} order by seq`;
  return transact(db, "read_entries", (tx) => tx.rows<AuditEntry>(query), { readOnly: true });
}
