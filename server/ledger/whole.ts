import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Account } from "../kernel/plan.ts";
import type { Leg } from "./store.ts";

/** A leg with whose account it is, by name, and the accounts on the other side of its transaction. */
export interface WholeLeg extends Leg {
  readonly ownerName: string | null;
  readonly against: readonly Account[];
}

interface Named {
  readonly id: string;
  readonly name: string;
}

type Other = Pick<Leg, "txnId" | "leg" | "account" | "amountMinor">;

export async function readWhole(db: Db, legs: readonly Leg[]): Promise<WholeLeg[]> {
  if (legs.length === 0) return [];
  const owners = lines([...new Set(legs.map(({ ownerId }) => ownerId))]);
  const purchases = lines([...new Set(legs.map(({ purchaseId }) => purchaseId))]);
  const work = async (tx: Tx): Promise<[Named[], Other[]]> =>
    Promise.all([
      tx.rows<Named>(
        sql`select merchant_id as id, name from merchants
             where merchant_id = any(string_to_array(${owners}, E'\n')::uuid[])
             union all
            select mandate_id, name from mandates
             where mandate_id = any(string_to_array(${owners}, E'\n')::uuid[])`,
      ),
      tx.rows<Other>(
        sql`select txn_id as "txnId", leg, account, amount_minor as "amountMinor" from ledger_entries
             where purchase_id = any(string_to_array(${purchases}, E'\n')::uuid[])
             order by txn_id, leg`,
      ),
    ]);
  const [named, others] = await transact(db, "read_around_legs", work, { readOnly: true });
  const names = new Map(named.map(({ id, name }) => [id, name]));
  const byTxn = Map.groupBy(others, ({ txnId }) => txnId);
  return legs.map((leg) => {
    const opposite = (byTxn.get(leg.txnId) ?? []).filter(
      ({ amountMinor }) => amountMinor < 0n !== leg.amountMinor < 0n,
    );
    const against = [...new Set(opposite.map(({ account }) => account))];
    return { ...leg, ownerName: names.get(leg.ownerId) ?? null, against };
  });
}
