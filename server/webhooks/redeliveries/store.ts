import type { Db } from "../../db/open.ts";
import { startOf, type Page } from "../../db/page.ts";
import { Fragment, sql } from "../../db/sql.ts";
import { transact, type Tx } from "../../db/transact.ts";
import type { Tells } from "../../live/announce.ts";

export const redeliveryStates = ["running", "done", "stopped"] as const;

/** All since a moment, sent again; counts are texts of the database. */
export interface Redelivery {
  readonly redeliveryId: string;
  readonly endpointId: string;
  readonly tenantId: string;
  readonly since: string;
  readonly delivered: boolean;
  readonly state: (typeof redeliveryStates)[number];
  readonly total: number;
  readonly seen: number;
  readonly redelivered: number;
  readonly createdAt: string;
  readonly endedAt: string | null;
  /** By the database's clock. */
  readonly secondsAtWork: number;
}

const select = new Fragment(`
  select redelivery_id as "redeliveryId", endpoint_id as "endpointId", tenant_id as "tenantId",
         since::text, delivered, state, total::float8, seen::float8, redelivered::float8,
         created_at::text as "createdAt", ended_at::text as "endedAt",
         extract(epoch from coalesce(ended_at, now()) - created_at)::float8 as "secondsAtWork"
    from webhook_redeliveries`);

export async function findRedelivery(tx: Tx, id: string): Promise<Redelivery | undefined> {
  const [found] = await tx.rows<Redelivery>(sql`${select} where redelivery_id = ${id}`);
  return found;
}

export async function listRedeliveries(
  tx: Tx,
  endpointId: string,
  page: Page,
): Promise<Redelivery[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Redelivery>(
    sql`${select}
         where endpoint_id = ${endpointId}
           and (created_at, redelivery_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by created_at desc, redelivery_id desc
         limit ${page.limit}`,
  );
}

const noId = "00000000-0000-0000-0000-000000000000";

/** What there is by now and since then: what comes later is no part of it. */
export async function beginRedelivery(
  tx: Tx,
  begun: Pick<Redelivery, "redeliveryId" | "endpointId" | "tenantId" | "since" | "delivered">,
): Promise<void> {
  const { redeliveryId, endpointId, tenantId, since, delivered } = begun;
  await tx.write(
    sql`insert into webhook_redeliveries (redelivery_id, endpoint_id, tenant_id, since, delivered, state, total,
                                          seen, redelivered, seen_at, seen_id)
        select ${redeliveryId}, ${endpointId}, ${tenantId}, ${since}, ${delivered}, 'running', count(*), 0, 0,
               ${since}::timestamptz, ${noId}
          from webhook_deliveries
         where endpoint_id = ${endpointId} and created_at >= ${since}::timestamptz and created_at <= now()`,
    1,
  );
}

export async function stopRedelivery(tx: Tx, redeliveryId: string): Promise<void> {
  await tx.run(
    sql`update webhook_redeliveries set state = 'stopped', ended_at = now()
         where redelivery_id = ${redeliveryId} and state = 'running'`,
  );
}

interface Place {
  readonly at: string;
  readonly id: string;
}

interface Running extends Place {
  readonly endpointId: string;
  readonly delivered: boolean;
  readonly begunAt: string;
}

/** One piece: so many are looked at before the request is answered. */
export const rowsMax = 500;

/** The next of them, with where it has come to: whoever does the same at once meets on its row. */
export async function redeliverSome(tx: Tx, redeliveryId: string): Promise<void> {
  const [running] = await tx.rows<Running>(
    sql`select endpoint_id as "endpointId", delivered, seen_at::text as at, seen_id as id,
               created_at::text as "begunAt"
          from webhook_redeliveries where redelivery_id = ${redeliveryId} and state = 'running'`,
  );
  if (!running) return;
  const { endpointId, delivered, at, id, begunAt } = running;
  const places = await tx.rows<Place>(
    sql`select created_at::text as at, delivery_id as id
          from webhook_deliveries
         where endpoint_id = ${endpointId}
           and (created_at, delivery_id) > (${at}::timestamptz, ${id}::uuid)
           and created_at <= ${begunAt}::timestamptz
         order by created_at, delivery_id
         limit ${rowsMax}`,
  );
  const last = places.at(-1) ?? { at, id };
  const count = await tx.run(
    sql`update webhook_deliveries
           set state = 'pending', due_at = now(), counts_from = attempts, delivered_at = null
         where endpoint_id = ${endpointId}
           and (created_at, delivery_id) > (${at}::timestamptz, ${id}::uuid)
           and (created_at, delivery_id) <= (${last.at}::timestamptz, ${last.id}::uuid)
           and (${delivered}::boolean or state in ('failed', 'skipped')
                or state = 'pending' and attempts > counts_from)`,
  );
  const isDone = places.length < rowsMax;
  await tx.write(
    sql`update webhook_redeliveries
           set seen = seen + ${places.length}::bigint, redelivered = redelivered + ${count}::bigint,
               seen_at = ${last.at}::timestamptz, seen_id = ${last.id},
               state = case when ${isDone}::boolean then 'done' else state end,
               ended_at = case when ${isDone}::boolean then now() end
         where redelivery_id = ${redeliveryId}`,
    1,
  );
}

interface Owed {
  readonly redeliveryId: string;
  readonly endpointId: string;
  readonly tenantId: string;
}

/** Does all that is running, a piece of each in turn. Returns how many pieces. */
export async function redeliverRunning(
  { db, tells }: { readonly db: Db; readonly tells: Tells },
  signal: AbortSignal,
): Promise<number> {
  let pieces = 0;
  while (!signal.aborted) {
    const running = await transact(db, "running_redeliveries", findRunning, { readOnly: true });
    if (running.length === 0) break;
    for (const { redeliveryId, endpointId, tenantId } of running) {
      if (signal.aborted) break;
      await transact(db, "redeliver_some", (tx) => redeliverSome(tx, redeliveryId), {
        recalls: true,
      });
      tells.change(tenantId, "webhooks", endpointId);
      pieces++;
    }
  }
  return pieces;
}

async function findRunning(tx: Tx): Promise<Owed[]> {
  return tx.rows<Owed>(
    sql`select redelivery_id as "redeliveryId", endpoint_id as "endpointId", tenant_id as "tenantId"
          from webhook_redeliveries where state = 'running' order by created_at limit 20`,
  );
}
