import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { DisabledReason } from "./endpoints.ts";
import type { Outcome } from "./post.ts";

/** A delivery that this worker is to attempt. */
export interface Claimed {
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly tenantId: string;
  readonly url: string;
  readonly payload: string;
  /** Sealed; the young one first. */
  readonly secrets: readonly string[];
  /** Which attempt this one is, of all. */
  readonly attempt: number;
  /** How many failed before it in this run of the schedule. */
  readonly failed: number;
}

interface DueRow extends Omit<Claimed, "secrets" | "attempt" | "failed"> {
  readonly attempts: number;
  readonly countsFrom: number;
  readonly secret: string;
  readonly oldSecret: string | null;
}

const perEndpoint = 8;
/** Longer than an attempt can take: then whoever took it is gone. */
const claimSeconds = 60;

const dueColumns = new Columns<DueRow>({
  endpoint_id: ["uuid", (r) => r.endpointId],
  event_id: ["uuid", (r) => r.eventId],
  attempts: ["integer", (r) => r.attempts],
});

const idColumn = new Columns<string>({ endpoint_id: ["uuid", (id) => id] });

/**
 * Those that are due, but for endpoints that are busy. Who takes the same at once meets on the rows, and
 * takes others.
 */
export async function claimDue(
  db: Db,
  busy: readonly string[],
  atMost: number,
): Promise<Claimed[]> {
  const work = async (tx: Tx): Promise<Claimed[]> => {
    const due = await tx.rows<DueRow>(
      sql`select d.delivery_id as "deliveryId", e.endpoint_id as "endpointId", d.event_id as "eventId",
                 e.tenant_id as "tenantId", e.url, d.payload, d.attempts, d.counts_from as "countsFrom",
                 e.secret, case when e.old_secret_until > now() then e.old_secret end as "oldSecret"
            from webhook_endpoints e
           cross join lateral (select * from webhook_deliveries
                                where webhook_deliveries.endpoint_id = e.endpoint_id
                                  and state = 'pending' and due_at <= now()
                                order by due_at limit ${perEndpoint}) d
           where e.state = 'enabled'
             and e.endpoint_id not in (select endpoint_id from ${idColumn.of(busy)} as b)
           order by d.due_at
           limit ${atMost}`,
    );
    if (due.length === 0) return [];
    await tx.write(
      sql`update webhook_deliveries d
             set attempts = d.attempts + 1, due_at = now() + ${claimSeconds} * interval '1 second'
            from ${dueColumns.of(due)} as r
           where d.endpoint_id = r.endpoint_id and d.event_id = r.event_id and d.attempts = r.attempts`,
      due.length,
    );
    return due.map(({ attempts, countsFrom, secret, oldSecret, ...row }) => ({
      ...row,
      secrets: oldSecret === null ? [secret] : [secret, oldSecret],
      attempt: attempts + 1,
      failed: attempts - countsFrom,
    }));
  };
  return transact(db, "claim_webhooks", work, { recalls: true });
}

/** For how long the delivery has been due that waits longest; zero when none waits. */
export async function readOverdueSeconds(db: Db): Promise<number> {
  const statement = sql`
    select coalesce(max(extract(epoch from now() - d.due_at)), 0)::float8 as seconds
      from webhook_endpoints e
     cross join lateral (select due_at from webhook_deliveries
                          where endpoint_id = e.endpoint_id and state = 'pending' and due_at <= now()
                          order by due_at limit 1) d
     where e.state = 'enabled'`;
  const rows = await transact(db, "webhooks_overdue", (tx) => tx.rows<Overdue>(statement), {
    readOnly: true,
  });
  return rows[0]?.seconds ?? 0;
}

interface Overdue {
  readonly seconds: number;
}

/** What becomes of a delivery after an attempt. */
export interface Verdict {
  readonly state: "delivered" | "failed" | "pending";
  readonly pauseMs?: number;
  readonly disables?: DisabledReason;
}

interface Ended {
  readonly outcome: Outcome;
  readonly verdict: Verdict;
  readonly patienceDays: number;
}

/**
 * The attempt goes on record, once; the delivery changes unless it was taken up anew meanwhile: a failure
 * of before says nothing of what somebody has just sent again. Returns why its endpoint was disabled, if
 * this attempt did that.
 */
export async function writeOutcome(
  tx: Tx,
  { deliveryId, endpointId, eventId, tenantId, attempt, failed, url }: Claimed,
  { outcome, verdict, patienceDays }: Ended,
): Promise<string | undefined> {
  const { status, fault, ms, answer, sent } = outcome;
  const [sentTo, sentHeaders] = sent ? [url, JSON.stringify(sent)] : [null, null];
  const { state, pauseMs = 0 } = verdict;
  await Promise.all([
    tx.run(
      sql`insert into webhook_attempts (delivery_id, attempt, tenant_id, status, fault, ms, answer, sent_to,
                                    sent_headers)
          values (${deliveryId}, ${attempt}, ${tenantId}, ${status}, ${fault}, ${ms}, ${answer}, ${sentTo},
                  ${sentHeaders})
              on conflict (delivery_id, attempt) do nothing`,
    ),
    tx.run(
      sql`update webhook_deliveries
             set state = ${state}, due_at = now() + ${pauseMs}::float8 * interval '1 millisecond',
                 delivered_at = case when ${state} = 'delivered' then now() end
           where endpoint_id = ${endpointId} and event_id = ${eventId} and attempts = ${attempt}
             and state = 'pending'
             and (${state} = 'delivered' or counts_from = ${attempt - 1 - failed}::integer)`,
    ),
  ]);
  if (state === "delivered") {
    await tx.run(
      sql`update webhook_endpoints set failing_since = null
           where endpoint_id = ${endpointId} and failing_since is not null`,
    );
    return undefined;
  }
  await tx.run(
    sql`update webhook_endpoints set failing_since = now()
         where endpoint_id = ${endpointId} and failing_since is null`,
  );
  return disable(tx, endpointId, { gone: verdict.disables === "gone", patienceDays });
}

async function disable(
  tx: Tx,
  endpointId: string,
  { gone, patienceDays }: { readonly gone: boolean; readonly patienceDays: number },
): Promise<string | undefined> {
  const reason: DisabledReason = gone ? "gone" : "failing";
  const count = await tx.run(
    sql`update webhook_endpoints set state = 'disabled', disabled_reason = ${reason}
         where endpoint_id = ${endpointId} and state = 'enabled'
           and (${gone}::boolean
                or failing_since <= now() - ${patienceDays}::integer * interval '1 day')`,
  );
  if (count === 0) return undefined;
  return gone
    ? "The receiver answered 410 Gone."
    : `No delivery has succeeded for ${patienceDays} days.`;
}
