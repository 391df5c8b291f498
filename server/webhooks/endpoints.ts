import { startOf, type Page } from "../db/page.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

export type DisabledReason = "by_hand" | "gone" | "failing";

export interface Endpoint {
  readonly endpointId: string;
  readonly tenantId: string;
  readonly url: string;
  readonly description: string;
  /** As `toColumn` writes them. */
  readonly kinds: string;
  readonly state: "enabled" | "disabled";
  readonly disabledReason: DisabledReason | null;
  readonly failingSince: string | null;
  readonly oldSecretUntil: string | null;
  /** How its last deliveries stand, a letter each, the newest first. */
  readonly recent: string;
  readonly createdAt: string;
}

const select = new Fragment(`
  select endpoint_id as "endpointId", tenant_id as "tenantId", url, description, kinds, state,
         disabled_reason as "disabledReason", failing_since::text as "failingSince",
         case when old_secret_until > now() then old_secret_until::text end as "oldSecretUntil",
         created_at::text as "createdAt",
         (select coalesce(string_agg(letter, '' order by at desc, id desc), '') from (
            select d.created_at as at, d.delivery_id as id,
                   case when d.state <> 'pending' then left(d.state, 1)
                        when exists (select 1 from webhook_attempts a
                                      where a.delivery_id = d.delivery_id and a.attempt > d.counts_from)
                        then 'r' else 'p' end as letter
              from webhook_deliveries d
             where d.endpoint_id = webhook_endpoints.endpoint_id
             order by d.created_at desc, d.delivery_id desc
             limit 30) last) as recent
    from webhook_endpoints`);

export interface NewEndpoint extends Pick<
  Endpoint,
  "endpointId" | "tenantId" | "url" | "description" | "kinds"
> {
  readonly sealedSecret: string;
}

export const endpointsMax = 20;

/** False when the tenant has as many as it may. The first one hears what happens from now on. */
export async function createEndpoint(tx: Tx, made: NewEndpoint): Promise<boolean> {
  const { endpointId, tenantId, url, description, kinds, sealedSecret } = made;
  const [row] = await tx.tuples<[bigint]>(
    sql`select count(*) from webhook_endpoints where tenant_id = ${tenantId}`,
  );
  const [count = 0n] = row ?? [];
  if (count >= endpointsMax) return false;
  await tx.write(
    sql`insert into webhook_endpoints (endpoint_id, tenant_id, url, description, kinds, state, secret)
        values (${endpointId}, ${tenantId}, ${url}, ${description}, ${kinds}, 'enabled', ${sealedSecret})`,
    1,
  );
  // Two who make the last one at once meet on this row.
  await tx.write(
    sql`insert into webhook_marks (tenant_id, heard_to) values (${tenantId}, now())
            on conflict (tenant_id) do update
               set heard_to = case when ${count}::bigint = 0 then now() else webhook_marks.heard_to end`,
    1,
  );
  return true;
}

/** Whoever's it is: who asks decides what another tenant's means. */
export async function findEndpoint(tx: Tx, endpointId: string): Promise<Endpoint | undefined> {
  const [endpoint] = await tx.rows<Endpoint>(sql`${select} where endpoint_id = ${endpointId}`);
  return endpoint;
}

export async function listEndpoints(tx: Tx, tenantId: string, page: Page): Promise<Endpoint[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Endpoint>(
    sql`${select}
         where tenant_id = ${tenantId} and (created_at, endpoint_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by created_at desc, endpoint_id desc
         limit ${page.limit}`,
  );
}

export async function changeEndpoint(
  tx: Tx,
  { endpointId, url, description, kinds }: Omit<NewEndpoint, "tenantId" | "sealedSecret">,
): Promise<void> {
  await tx.write(
    sql`update webhook_endpoints set url = ${url}, description = ${description}, kinds = ${kinds}
         where endpoint_id = ${endpointId}`,
    1,
  );
}

export async function enableEndpoint(tx: Tx, endpointId: string): Promise<void> {
  await tx.write(
    sql`update webhook_endpoints set state = 'enabled', disabled_reason = null, failing_since = null
         where endpoint_id = ${endpointId}`,
    1,
  );
}

export async function disableEndpoint(
  tx: Tx,
  endpointId: string,
  reason: DisabledReason,
): Promise<void> {
  await tx.write(
    sql`update webhook_endpoints set state = 'disabled', disabled_reason = ${reason}
         where endpoint_id = ${endpointId}`,
    1,
  );
}

/** The secret of before goes on signing beside the new one for so long. */
export async function rotateSecret(
  tx: Tx,
  {
    endpointId,
    sealedSecret,
    overlapSeconds,
  }: {
    readonly endpointId: string;
    readonly sealedSecret: string;
    readonly overlapSeconds: number;
  },
): Promise<void> {
  await tx.write(
    sql`update webhook_endpoints
           set old_secret = secret, secret = ${sealedSecret},
               old_secret_until = now() + ${overlapSeconds}::integer * interval '1 second'
         where endpoint_id = ${endpointId}`,
    1,
  );
}

export async function expireOldSecret(tx: Tx, endpointId: string): Promise<void> {
  await tx.write(
    sql`update webhook_endpoints set old_secret = null, old_secret_until = null
         where endpoint_id = ${endpointId}`,
    1,
  );
}

/** What it was told stays on record for its thirty days; what it is owed is paid no more. */
export async function deleteEndpoint(tx: Tx, endpointId: string): Promise<void> {
  await tx.write(sql`delete from webhook_endpoints where endpoint_id = ${endpointId}`, 1);
}
