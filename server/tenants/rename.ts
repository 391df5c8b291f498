import { record } from "../audit/record.ts";
import type { OnBehalf } from "../auth/keys.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

export interface Organisation {
  readonly organisationId: string;
  readonly name: string;
  readonly liveTenantId: string;
  readonly testTenantId: string;
  readonly createdAt: string;
}

async function find(tx: Tx, organisationId: string): Promise<Organisation> {
  const [found] = await tx.rows<Organisation>(
    sql`select o.organisation_id as "organisationId", o.name, live.tenant_id as "liveTenantId",
               test.tenant_id as "testTenantId", o.created_at::text as "createdAt"
          from organisations o
          join tenants live on live.organisation_id = o.organisation_id and live.mode = 'live'
          join tenants test on test.organisation_id = o.organisation_id and test.mode = 'test'
         where o.organisation_id = ${organisationId}`,
  );
  if (!found) throw new Error(`there is no organisation ${organisationId}`);
  return found;
}

export async function readOrganisation(db: Db, organisationId: string): Promise<Organisation> {
  const read = (tx: Tx) => find(tx, organisationId);
  return transact(db, "read_organisation", read, { readOnly: true });
}

/** Its two tenants are called as it is. What was recorded keeps the name of its time. */
export async function renameOrganisation(
  db: Db,
  organisationId: string,
  name: string,
  by: OnBehalf,
): Promise<Organisation> {
  const work = async (tx: Tx): Promise<Organisation> => {
    const before = await find(tx, organisationId);
    if (before.name === name) return before;
    await tx.write(
      sql`update organisations set name = ${name} where organisation_id = ${organisationId}`,
      1,
    );
    await tx.write(
      sql`update tenants set name = ${name} where organisation_id = ${organisationId}`,
      2,
    );
    await record(tx, {
      tenantId: before.liveTenantId,
      action: "organisation.rename",
      object: { kind: "organisation", id: organisationId },
      before: { name: before.name },
      after: { name },
      ...by,
    });
    return { ...before, name };
  };
  return transact(db, "rename_organisation", work, { recalls: true });
}
