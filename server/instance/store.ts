import { startOf, type Page } from "../db/page.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

export interface OrganisationSight {
  readonly organisationId: string;
  readonly name: string;
  readonly liveTenantId: string;
  readonly testTenantId: string;
  readonly people: number;
  readonly createdAt: string;
}

/** Every organisation of this instance, the newest first. */
export async function listOrganisations(tx: Tx, page: Page): Promise<OrganisationSight[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<OrganisationSight>(
    sql`select o.organisation_id as "organisationId", o.name, live.tenant_id as "liveTenantId",
               test.tenant_id as "testTenantId", o.created_at::text as "createdAt",
               (select count(*)::integer from memberships m
                 where m.organisation_id = o.organisation_id) as people
          from organisations o
          join tenants live on live.organisation_id = o.organisation_id and live.mode = 'live'
          join tenants test on test.organisation_id = o.organisation_id and test.mode = 'test'
         where (o.created_at, o.organisation_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by o.created_at desc, o.organisation_id desc
         limit ${page.limit}`,
  );
}
