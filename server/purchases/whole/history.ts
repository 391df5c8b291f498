import type { Db } from "../../db/open.ts";
import { sql } from "../../db/sql.ts";
import { transact } from "../../db/transact.ts";

/** What happened to a purchase: somebody asked, or a hold ran out by itself. */
export interface Step {
  readonly id: string;
  readonly kind: "commit" | "hold" | "capture" | "extend" | "release" | "refund" | "expire";
  readonly at: Date;
  readonly granted: boolean;
  readonly key: string | null;
  readonly answer: string | null;
  /** Of what ran out; an answer tells its own. */
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
}

/**
 * Oldest first; what one transaction did in the order in which it can have happened. Asks are found through
 * asks_on_purchase, what nobody asked for in the ledger.
 */
export async function readHistory(db: Db, purchaseId: string): Promise<Step[]> {
  const query = sql`
    select * from (
    select ask_id as id, kind, created_at as at, granted, key, answer,
           null::bigint as "amountMinor", null::text as currency
      from asks where ask_id = ${purchaseId}
     union all
    select ask_id, kind, created_at, granted, key, answer, null, null
      from asks where purchase_id = ${purchaseId} and purchase_id <> ask_id
     union all
    select txn_id, kind, created_at, true, null, null, sum(amount_minor)::bigint, currency
      from ledger_entries
     where purchase_id = ${purchaseId} and kind = 'expire' and amount_minor > 0
     group by txn_id, kind, created_at, currency) steps
     order by at, case when kind = 'extend' and granted then 0 when kind = 'refund' then 2 else 1 end, id
     limit 500`;
  return transact(db, "read_history", (tx) => tx.rows<Step>(query), { readOnly: true });
}
