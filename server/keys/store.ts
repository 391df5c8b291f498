import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

/** The tenants of those mandates of the list that there are. */
export async function ownersOfMandates(
  db: Db,
  mandateIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const query = sql`
    select mandate_id, tenant_id from mandates
     where mandate_id = any(string_to_array(${lines(mandateIds)}, E'\n')::uuid[])`;
  const rows = await transact(
    db,
    "owners_of_mandates",
    (tx) => tx.tuples<[mandateId: string, tenantId: string]>(query),
    { readOnly: true },
  );
  return new Map(rows);
}
