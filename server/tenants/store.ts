import type { Actor } from "../audit/entry.ts";
import { record } from "../audit/record.ts";
import { faultOfName } from "../base/name.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

export type OrganisationMade =
  | {
      readonly kind: "done";
      readonly organisationId: string;
      readonly liveTenantId: string;
      readonly testTenantId: string;
    }
  | { readonly kind: "refused"; readonly code: "INVALID_COMMAND"; readonly says: string };

/** An organisation with its two tenants; what concerns it stands in the audit chains of both. */
export async function createOrganisation(
  db: Db,
  { name, actor, requestId }: { name: string; actor: Actor; requestId?: string },
): Promise<OrganisationMade> {
  const says = faultOfName(name);
  if (says !== undefined) return { kind: "refused", code: "INVALID_COMMAND", says };
  const organisationId = db.dialect.newId();
  const tenants = [
    { mode: "live", tenantId: db.dialect.newId() },
    { mode: "test", tenantId: db.dialect.newId() },
  ] as const;
  await transact(
    db,
    "create_organisation",
    async (tx) => {
      const known = await tx.tuples(
        sql`select 1 from organisations where organisation_id = ${organisationId}`,
      );
      if (known.length > 0) return;
      await tx.write(
        sql`insert into organisations (organisation_id, name) values (${organisationId}, ${name})`,
        1,
      );
      for (const { tenantId, mode } of tenants) {
        await tx.write(
          sql`insert into tenants (tenant_id, organisation_id, mode, name)
                values (${tenantId}, ${organisationId}, ${mode}, ${name})`,
          1,
        );
        await record(tx, {
          tenantId,
          actor,
          action: "organisation.create",
          object: { kind: "organisation", id: organisationId },
          after: { name, tenantId, mode },
          ...(requestId !== undefined && { requestId }),
        });
      }
    },
    { recalls: true },
  );
  const [live, test] = tenants;
  return {
    kind: "done",
    organisationId,
    liveTenantId: live.tenantId,
    testTenantId: test.tenantId,
  };
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
