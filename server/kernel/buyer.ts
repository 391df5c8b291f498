import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

/** Who bought, and with whose money. It stands in the first line and never changes. */
export interface Buyer {
  readonly tenantId: string;
  readonly agentId: string;
  readonly mandateId: string;
}

export async function findBuyer(db: Db, purchaseId: string): Promise<Buyer | undefined> {
  const query = sql`select tenant_id as "tenantId", agent_id as "agentId", mandate_id as "mandateId"
                      from purchases where purchase_id = ${purchaseId} and line = 0`;
  const work = transact(db, "find_buyer", (tx) => tx.rows<Buyer>(query), { readOnly: true });
  return (await work)[0];
}
