import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export interface Today {
  readonly day: string;
  readonly revenue: readonly Revenue[];
  readonly declines: readonly Declines[];
  readonly latency: readonly Took[];
}

interface Revenue {
  readonly currency: string;
  readonly soldMinor: bigint;
  readonly refundedMinor: bigint;
}

interface Declines {
  readonly reason: string;
  readonly declines: bigint;
}

/** A request for a purchase or a hold, and how many others like it were not written down. */
export interface Took {
  readonly ms: number;
  readonly standsFor: number;
}

/** Of the newest asks, and of the newest requests: so that a day of millions costs no more. */
export const newestAsks = 20_000;
const newestRequests = 2_000;
export const latencyMinutes = 60;

const patienceMs = 5_000;
/** The database ends it itself, before we would have to leave it alone with its work. */
const marginMs = 100;

/** What the running day in UTC brought so far, and why asks of it were declined. */
export async function readTodaysSales(db: Db, tenantId: string): Promise<Today> {
  const since = sql`
    select (date_trunc('day', now() at time zone 'UTC') at time zone 'UTC')::text as since,
           (now() at time zone 'UTC')::date::text as day`;
  const timeout = db.dialect.statementTimeout(patienceMs - marginMs);
  const work = async (tx: Tx): Promise<Today> => {
    if (timeout) await tx.run(timeout);
    const [start] = await tx.rows<{ since: string; day: string }>(since);
    const from = start?.since ?? "";
    const [revenue, declines, latency] = await Promise.all([
      revenueSince(tx, tenantId, from),
      declinesSince(tx, tenantId, from),
      latencyOf(tx, tenantId),
    ]);
    return { day: start?.day ?? "", revenue, declines, latency };
  };
  return transact(db, "read_today", work, {
    readOnly: true,
    deadlineAt: performance.now() + patienceMs,
    attemptTimeoutMs: patienceMs,
  });
}

/** From the index of the ledger by tenant and time alone. */
function revenueSince(tx: Tx, tenantId: string, since: string): Promise<Revenue[]> {
  return tx.rows<Revenue>(
    sql`select currency,
               coalesce(sum(amount_minor) filter (where amount_minor > 0), 0)::bigint as "soldMinor",
               coalesce(-sum(amount_minor) filter (where amount_minor < 0), 0)::bigint as "refundedMinor"
          from ledger_entries
         where tenant_id = ${tenantId} and created_at >= ${since}::timestamptz
           and account = 'MERCHANT_PAYABLE'
         group by currency order by currency`,
  );
}

/** The reason stands in the answer that was given, and nowhere else. */
function declinesSince(tx: Tx, tenantId: string, since: string): Promise<Declines[]> {
  return tx.rows<Declines>(
    sql`select reason, count(*) as declines
          from (select granted, substring(answer from '"reason":"([A-Z_]+)"') as reason
                  from asks
                 where tenant_id = ${tenantId} and created_at >= ${since}::timestamptz
                 order by created_at desc, ask_id desc
                 limit ${newestAsks}) a
         where not granted and reason is not null
         group by reason order by declines desc, reason`,
  );
}

function latencyOf(tx: Tx, tenantId: string): Promise<Took[]> {
  return tx.rows<Took>(
    sql`select ms, stands_for as "standsFor"
          from request_log
         where tenant_id = ${tenantId} and created_at >= now() - ${latencyMinutes}::float8 * interval '1 minute'
           and method = 'POST' and route in ('/v1/purchases/commit', '/v1/holds') and status < 300
         order by created_at desc, request_id desc
         limit ${newestRequests}`,
  );
}

/** The time within which this share of the requests was answered; each row counts for what it stands for. */
export function percentile(took: readonly Took[], share: number): number {
  const sorted = took.toSorted((a, b) => a.ms - b.ms);
  let left = share * took.reduce((total, { standsFor }) => total + standsFor, 0);
  for (const { ms, standsFor } of sorted) {
    left -= standsFor;
    if (left <= 0) return ms;
  }
  return sorted.at(-1)?.ms ?? 0;
}
