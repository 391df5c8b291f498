import { expect } from "vitest";
import type { Db } from "../db/open.ts";
import { itemKey, mandateKey, purchaseKey, totalsKey, type Key } from "../readplane/keys.ts";
import type { Plane } from "../readplane/open.ts";
import { readCopy } from "../readplane/query.ts";

/** Everything in the copies is as it is in the books, said in other words than the projection's own. */
export async function expectTold(db: Db, plane: Plane): Promise<void> {
  for (const [key, fields] of await factsIn(db)) {
    const copy = await readCopy(plane, key);
    expect(copy?.view, key.pk).toMatchObject(fields);
  }
}

type Facts = readonly (readonly [Key, object])[];

async function factsIn({ pool }: Db): Promise<Facts> {
  const { rows: purchases } = await pool.query(
    `select purchase_id as id, min(state) as state, sum(refunded_minor)::text as refunded
       from purchases group by purchase_id`,
  );
  const { rows: items } = await pool.query(
    "select item_id as id, sum(available)::text as available from stock_buckets group by item_id",
  );
  const { rows: mandates } = await pool.query(
    `select mandate_id as id, (m.cap_minor - sum(b.remaining_minor))::text as spent
       from mandates m join mandate_buckets b using (mandate_id)
      where mandate_id in (select mandate_id from purchases) group by mandate_id`,
  );
  const { rows: totals } = await pool.query(
    `select o.id, currency, json_agg(json_build_object('account', account, 'kind', kind,
            'amountMinor', amount, 'legs', legs) order by account, kind) as sums
       from (select case t when 'tenant' then tenant_id else owner_id end as id, currency, account, kind,
                    sum(amount_minor)::text as amount, count(*)::text as legs
               from ledger_entries, (values ('tenant'), ('merchant')) as of(t)
              where account <> 'MANDATE_RESERVED' group by 1, 2, 3, 4) o
      group by o.id, currency`,
  );
  return [
    ...purchases.map(({ id, state, refunded }): Facts[number] => [
      purchaseKey(id),
      { state, lines: [{ refundedMinor: refunded }] },
    ]),
    ...items
      .filter(({ available }) => available !== "100")
      .map(({ id, available }): Facts[number] => [itemKey(id), { available }]),
    ...mandates.map(({ id, spent }): Facts[number] => [mandateKey(id), { spentMinor: spent }]),
    ...totals.map(({ id, currency, sums }): Facts[number] => [
      totalsKey(id, currency),
      { currency, sums },
    ]),
  ];
}
