import type { Db } from "../db/open.ts";
import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

const daysKept = 30;
const rowsMax = 200;

const idColumn = new Columns<string>({ delivery_id: ["uuid", (id) => id] });

/** Deliveries of long ago, with their attempts, and what was asked to be sent again. Returns how many. */
export async function forgetDeliveries(db: Db, signal: AbortSignal): Promise<number> {
  let gone = await transact(db, "forget_redeliveries", forgetRedeliveries, { recalls: true });
  while (!signal.aborted) {
    const count = await transact(db, "forget_deliveries", forgetSome, { recalls: true });
    gone += count;
    if (count < rowsMax) break;
  }
  return gone;
}

/** Few: somebody asked for each of them. */
async function forgetRedeliveries(tx: Tx): Promise<number> {
  return tx.run(
    sql`delete from webhook_redeliveries
         where redelivery_id in (select redelivery_id from webhook_redeliveries
                                  where state <> 'running'
                                    and created_at < now() - ${daysKept}::integer * interval '1 day'
                                  limit ${rowsMax})`,
  );
}

async function forgetSome(tx: Tx): Promise<number> {
  const found = await tx.tuples<[string]>(
    sql`select delivery_id from webhook_deliveries
         where created_at < now() - ${daysKept}::integer * interval '1 day'
         limit ${rowsMax}`,
  );
  const ids = found.map(([id]) => id);
  if (ids.length === 0) return 0;
  await Promise.all([
    tx.run(
      sql`delete from webhook_attempts
           where delivery_id in (select delivery_id from ${idColumn.of(ids)} as r)`,
    ),
    tx.run(
      sql`delete from webhook_deliveries
           where delivery_id in (select delivery_id from ${idColumn.of(ids)} as r)`,
    ),
  ]);
  return ids.length;
}
