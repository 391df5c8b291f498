import type { Db } from "../../server/db/open.ts";
import { lines } from "../../server/db/rows.ts";
import { prepared } from "../../server/db/sql.ts";
import { transact } from "../../server/db/transact.ts";
import { totalsKey, type Doc } from "../../server/readplane/keys.ts";

/** A sum of the ledger: what an owner's account came to by one kind of booking. */
export interface Total {
  readonly ownerId: string;
  readonly account: string;
  readonly kind: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly legs: bigint;
  readonly version: bigint;
}

export async function readTotalsOf(db: Db, ownerIds: readonly string[]): Promise<Total[]> {
  const statement = prepared("totals_of")`
    select t.owner_id as "ownerId", account, kind, currency, sum(amount_minor)::bigint as "amountMinor",
           sum(legs)::bigint as legs, sum(version)::bigint as version
      from unnest(string_to_array(${lines(ownerIds)}, E'\\n')::uuid[]) as o(owner_id)
      join account_totals t on t.owner_id = o.owner_id and t.account <> 'MANDATE_RESERVED'
     group by t.owner_id, account, kind, currency
     order by t.owner_id, currency, account, kind`;
  return transact(db, "totals_of", (tx) => tx.rows<Total>(statement), { readOnly: true });
}

/** One document per owner and currency; its version is how often any of its sums was written. */
export function totalsDocs(totals: readonly Total[]): Doc[] {
  const groups = Map.groupBy(totals, ({ ownerId, currency }) => `${ownerId} ${currency}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { ownerId, currency } = first;
    return {
      ...totalsKey(ownerId, currency),
      version: group.reduce((sum, { version }) => sum + version, 0n),
      view: {
        currency,
        sums: group.map(({ account, kind, amountMinor, legs }) => {
          return { account, kind, amountMinor: String(amountMinor), legs: String(legs) };
        }),
      },
    };
  });
}
