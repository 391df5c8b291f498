import type { Actor, NewEntry } from "../audit/entry.ts";
import { record } from "../audit/record.ts";
import { faultOfName } from "../base/name.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export type OrganisationMade =
  | ({ readonly kind: "done" } & OrganisationIds)
  | { readonly kind: "refused"; readonly code: "INVALID_COMMAND"; readonly says: string };

/** The ids of an organisation to be: drawn once, so that writing it may run again. */
export interface OrganisationIds {
  readonly organisationId: string;
  readonly liveTenantId: string;
  readonly testTenantId: string;
}

export function newOrganisationIds({ dialect }: Db): OrganisationIds {
  return {
    organisationId: dialect.newId(),
    liveTenantId: dialect.newId(),
    testTenantId: dialect.newId(),
  };
}

/** An organisation with its two tenants; that it was made stands in the audit chains of both. */
export async function writeOrganisation(
  tx: Tx,
  { organisationId, liveTenantId, testTenantId }: OrganisationIds,
  { name, ...by }: { name: string } & Pick<NewEntry, "actor" | "ip" | "requestId">,
): Promise<void> {
  await tx.write(
    sql`insert into organisations (organisation_id, name) values (${organisationId}, ${name})`,
    1,
  );
  for (const [mode, tenantId] of [
    ["live", liveTenantId],
    ["test", testTenantId],
  ] as const) {
    await tx.write(
      sql`insert into tenants (tenant_id, organisation_id, mode, name)
          values (${tenantId}, ${organisationId}, ${mode}, ${name})`,
      1,
    );
    await record(tx, {
      tenantId,
      action: "organisation.create",
      object: { kind: "organisation", id: organisationId },
      after: { name, tenantId, mode },
      ...by,
    });
  }
}

export async function createOrganisation(
  db: Db,
  { name, actor, requestId }: { name: string; actor: Actor; requestId?: string },
): Promise<OrganisationMade> {
  const says = faultOfName(name);
  if (says !== undefined) return { kind: "refused", code: "INVALID_COMMAND", says };
  const ids = newOrganisationIds(db);
  const work = async (tx: Tx): Promise<void> => {
    const known = await tx.tuples(
      sql`select 1 from organisations where organisation_id = ${ids.organisationId}`,
    );
    if (known.length > 0) return;
    await writeOrganisation(tx, ids, {
      name,
      actor,
      ...(requestId !== undefined && { requestId }),
    });
  };
  await transact(db, "create_organisation", work, { recalls: true });
  return { kind: "done", ...ids };
}

export interface Tenant {
  readonly tenantId: string;
  readonly organisationId: string;
  readonly mode: "live" | "test";
  readonly name: string;
  readonly createdAt: Date;
}

/** Those of organisations, the oldest first; or of the organisations with this name only. */
export async function listTenants(
  db: Db,
  { organisation }: { organisation?: string } = {},
): Promise<Tenant[]> {
  return transact(
    db,
    "list_tenants",
    (tx) =>
      tx.rows<Tenant>(
        sql`select t.tenant_id as "tenantId", t.organisation_id as "organisationId", t.mode, o.name,
                   t.created_at as "createdAt"
              from tenants t join organisations o on o.organisation_id = t.organisation_id
             where ${organisation ?? null}::text is null or o.name = ${organisation ?? null}::text
             order by o.created_at, o.organisation_id, t.mode`,
      ),
    { readOnly: true },
  );
}
