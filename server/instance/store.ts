import { suspensionColumns, type SuspensionRow } from "../auth/suspension.ts";
import { startOf, type Page } from "../db/page.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

export interface OrganisationSight extends SuspensionRow {
  readonly organisationId: string;
  readonly name: string;
  readonly liveTenantId: string;
  readonly testTenantId: string;
  readonly people: number;
  readonly createdAt: string;
}

const selected = new Fragment(`
  select o.organisation_id as "organisationId", o.name, live.tenant_id as "liveTenantId",
         test.tenant_id as "testTenantId", o.created_at::text as "createdAt", ${suspensionColumns.text},
         (select count(*)::integer from memberships m
           where m.organisation_id = o.organisation_id) as people
    from organisations o
    join tenants live on live.organisation_id = o.organisation_id and live.mode = 'live'
    join tenants test on test.organisation_id = o.organisation_id and test.mode = 'test'`);

/** Every organisation of this instance, the newest first. */
export async function listOrganisations(tx: Tx, page: Page): Promise<OrganisationSight[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<OrganisationSight>(
    sql`${selected}
         where (o.created_at, o.organisation_id) < (${createdAt}::timestamptz, ${id}::uuid)
         order by o.created_at desc, o.organisation_id desc
         limit ${page.limit}`,
  );
}

export async function readOrganisation(tx: Tx, id: string): Promise<OrganisationSight | undefined> {
  const [found] = await tx.rows<OrganisationSight>(
    sql`${selected} where o.organisation_id = ${id}`,
  );
  return found;
}
