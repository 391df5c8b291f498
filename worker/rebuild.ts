import { prepared } from "../server/db/sql.ts";
import { transact, type Tx } from "../server/db/transact.ts";
import type { Db } from "../server/db/open.ts";
import type { Doc } from "../server/readplane/keys.ts";
import type { Plane } from "../server/readplane/open.ts";
import { putIfNewer } from "../server/readplane/put.ts";
import { ensureTable } from "../server/readplane/table.ts";
import { itemDocs, mandateDocs, readPurchases } from "./jobs/read-books.ts";
import { readTotalsOf, totalsDocs } from "./outbox/totals.ts";

export interface Rebuilt {
  readonly purchases: number;
  readonly items: number;
  readonly mandates: number;
  readonly owners: number;
}

interface Ids {
  readonly id: string;
}

const pageRows = 500;

/**
 * Every copy from the truth, while the shop sells and workers tell: what they write meanwhile is newer,
 * and stays. May be stopped and begun again at any time.
 */
export async function rebuild(db: Db, plane: Plane): Promise<Rebuilt> {
  await ensureTable(plane);
  const put = async (docs: readonly Doc[]): Promise<void> => {
    const refused = await putIfNewer(plane, docs);
    const [why] = refused.values();
    if (why !== undefined) throw new Error(why);
  };
  const inTx = <T>(work: (tx: Tx) => Promise<T>) =>
    transact(db, "rebuild", work, { readOnly: true });
  return {
    items: await inPages(
      (after) => inTx((tx) => tx.rows<Ids>(itemsAfter(after))),
      async (ids) => put([...(await inTx((tx) => itemDocs(tx, ids))).values()]),
    ),
    mandates: await inPages(
      (after) => inTx((tx) => tx.rows<Ids>(mandatesAfter(after))),
      async (ids) => put([...(await inTx((tx) => mandateDocs(tx, ids))).values()]),
    ),
    owners: await inPages(
      (after) => inTx((tx) => tx.rows<Ids>(ownersAfter(after))),
      async (ids) => put(totalsDocs(await readTotalsOf(db, ids))),
    ),
    purchases: await inPages(
      (after) => inTx((tx) => tx.rows<Ids>(purchasesAfter(after))),
      // A purchase's item and mandate were copied above, and are told about when they change.
      async (ids) =>
        put([...(await readPurchases(db, ids)).values()].flatMap(([doc]) => doc ?? [])),
    ),
  };
}

async function inPages(
  next: (after: string) => Promise<Ids[]>,
  work: (ids: string[]) => Promise<void>,
): Promise<number> {
  let count = 0;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const ids = (await next(after)).map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) return count;
    await work(ids);
    count += ids.length;
    after = last;
  }
}

const itemsAfter = (after: string) => prepared("rebuild_items")`
  select item_id as id from items where item_id > ${after} order by item_id limit ${pageRows}`;

const mandatesAfter = (after: string) => prepared("rebuild_mandates")`
  select mandate_id as id from mandates
   where mandate_id > ${after} order by mandate_id limit ${pageRows}`;

const purchasesAfter = (after: string) => prepared("rebuild_purchases")`
  select distinct purchase_id as id from purchases
   where purchase_id > ${after} order by purchase_id limit ${pageRows}`;

/** Mandates' sums are not shown: their copy is what is spent. */
const ownersAfter = (after: string) => prepared("rebuild_owners")`
  select distinct owner_id as id from account_totals
   where owner_id > ${after} and account <> 'MANDATE_RESERVED' order by owner_id limit ${pageRows}`;
