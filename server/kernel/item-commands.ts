import { assert } from "../base/assert.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { amountMax } from "./ask.ts";
import type { CommandEvent, CommandKind } from "./command-events.ts";
import {
  canRecall,
  done,
  refused,
  throughGate,
  withBeside,
  type Beside,
  type CommandResult,
} from "./gate.ts";

/** What a merchant does to an item while it sells. Each is safe under any load: see gate.ts. */

interface Subject {
  readonly tenantId: string;
  readonly itemId: string;
}

const eventOf = ({ tenantId, itemId }: Subject, kind: CommandKind): CommandEvent => {
  return { tenantId, kind, subjectId: itemId };
};

interface Pool {
  readonly poolId: string;
  readonly tenantId: string;
}

/** Once this returns nothing of the item is sold, whatever was under way. Holds can still be captured. */
export async function closeItem(db: Db, subject: Subject, beside?: Beside): Promise<CommandResult> {
  return onPool(db, subject, (pool) =>
    throughGate(
      db,
      {
        on: "pool",
        id: pool.poolId,
        gate: "close",
        event: eventOf(subject, "item.closed"),
        beside,
      },
      async (tx) => {
        return done(await setOpen(tx, pool.poolId, false), { open: false });
      },
    ),
  );
}

/** No sale writes the buckets of a closed item, so one commit is enough. */
export async function openItem(db: Db, subject: Subject, beside?: Beside): Promise<CommandResult> {
  return onPool(db, subject, ({ poolId }) =>
    transact(
      db,
      "open_item",
      (tx) =>
        withBeside(db, tx, { event: eventOf(subject, "item.opened"), beside }, async () =>
          done(await setOpen(tx, poolId, true), { open: true }),
        ),
      { recalls: canRecall(beside) },
    ),
  );
}

/** Returns what it was. */
async function setOpen(tx: Tx, poolId: string, open: boolean): Promise<{ open: boolean }> {
  const [before] = await Promise.all([
    poolOf(tx, poolId),
    tx.write(sql`update pools set open = ${open} where pool_id = ${poolId}`, 1),
    tx.run(
      sql`update stock_buckets set open = ${open}, version = version + 1 where pool_id = ${poolId}`,
    ),
  ]);
  return { open: before.open };
}

interface PoolRow {
  readonly open: boolean;
  readonly buckets: number;
}

async function poolOf(tx: Tx, poolId: string): Promise<PoolRow> {
  const [row] = await tx.rows<PoolRow>(
    sql`select open, buckets from pools where pool_id = ${poolId}`,
  );
  assert(row, "an item has a pool");
  return row;
}

interface Price {
  readonly priceMinor: number;
  readonly priceVersion: number;
}

async function priceOf(tx: Tx, itemId: string): Promise<Price> {
  const [row] = await tx.tuples<[minor: bigint, version: bigint]>(
    sql`select price_minor, price_version from items where item_id = ${itemId}`,
  );
  return { priceMinor: Number(row?.[0]), priceVersion: Number(row?.[1]) };
}

/** Once this returns every sale is at the new price; asks that come meanwhile wait for it. */
export async function setPrice(
  db: Db,
  subject: Subject & { priceMinor: bigint },
  beside?: Beside,
): Promise<CommandResult> {
  const { itemId, priceMinor } = subject;
  if (priceMinor < 0n || priceMinor > amountMax) {
    return refused("INVALID_COMMAND", `A price is 0 to ${amountMax} minor units.`);
  }
  return onPool(db, subject, ({ poolId }) =>
    throughGate(
      db,
      {
        on: "pool",
        id: poolId,
        gate: "price",
        event: eventOf(subject, "item.price_changed"),
        beside,
      },
      async (tx) => {
        const [before] = await Promise.all([
          priceOf(tx, itemId),
          tx.write(
            sql`update items set price_minor = ${priceMinor}, price_version = price_version + 1 where item_id = ${itemId}`,
            1,
          ),
          tx.write(
            sql`insert into item_prices (item_id, price_version, tenant_id, price_minor)
              select item_id, price_version, tenant_id, price_minor from items where item_id = ${itemId}`,
            1,
          ),
          tx.run(
            sql`update stock_buckets b set price_version = i.price_version, version = b.version + 1
                from items i where i.item_id = ${itemId} and b.item_id = i.item_id and b.pool_id = ${poolId}`,
          ),
        ]);
        const after = { priceMinor: Number(priceMinor), priceVersion: before.priceVersion + 1 };
        return done(before, after);
      },
    ),
  );
}

/** More stock (or less, with a negative quantity), with a reason that stays in the books. */
export async function adjustStock(
  db: Db,
  subject: Subject & { quantity: bigint; reason: string },
  beside?: Beside,
): Promise<CommandResult> {
  const { itemId, quantity, reason } = subject;
  if (quantity === 0n || quantity > amountMax || quantity < -amountMax) {
    return refused("INVALID_COMMAND", `A quantity is 1 to ${amountMax} units, more or less.`);
  }
  if (reason.length < 1 || reason.length > 500) {
    return refused("INVALID_COMMAND", "An adjustment has a reason of 1 to 500 characters.");
  }
  return onPool(db, subject, ({ poolId, tenantId }) =>
    throughGate(
      db,
      { on: "pool", id: poolId, gate: "adjust", event: eventOf(subject, "item.adjusted"), beside },
      async (tx) => {
        const free = await stockOf(tx, poolId);
        const total = free + quantity;
        if (total < 0n) {
          return refused(
            "NOT_ENOUGH_STOCK",
            `Only ${free} units are free: ${-quantity} cannot be taken away.`,
          );
        }
        if ((await stockedOf(tx, poolId)) + quantity > amountMax) {
          const says = `An item has at most ${amountMax} units, those that are sold included.`;
          return refused("INVALID_COMMAND", says);
        }
        await Promise.all([
          tx.write(
            sql`insert into stock_moves (move_id, tenant_id, item_id, pool_id, quantity, reason)
              values (${db.dialect.newId()}, ${tenantId}, ${itemId}, ${poolId}, ${quantity}, ${reason})`,
            1,
          ),
          deal(tx, poolId, total),
        ]);
        return done({ free: Number(free) }, { free: Number(total) });
      },
    ),
  );
}

/** Deals the stock over another number of buckets: more for a crowd of buyers, fewer for a few units. */
export async function reshardItem(
  db: Db,
  subject: Subject & { buckets: number },
  beside?: Beside,
): Promise<CommandResult> {
  const { buckets } = subject;
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 256) {
    return refused("INVALID_COMMAND", "A pool has 1 to 256 buckets.");
  }
  return onPool(db, subject, ({ poolId }) =>
    throughGate(
      db,
      {
        on: "pool",
        id: poolId,
        gate: "reshard",
        event: eventOf(subject, "item.resharded"),
        beside,
      },
      async (tx) => {
        const [before] = await Promise.all([
          poolOf(tx, poolId),
          tx.write(sql`update pools set buckets = ${buckets} where pool_id = ${poolId}`, 1),
          tx.run(
            sql`insert into stock_buckets (pool_id, bucket, tenant_id, item_id, available, open, price_version, version)
              select b.pool_id, new.bucket, b.tenant_id, b.item_id, 0, b.open, b.price_version, 0
                from stock_buckets b
               cross join lateral generate_series(1, ${buckets - 1}::integer) as new(bucket)
               where b.pool_id = ${poolId} and b.bucket = 0
                 and not exists (select 1 from stock_buckets o where o.pool_id = ${poolId} and o.bucket = new.bucket)`,
          ),
        ]);
        await deal(tx, poolId, await stockOf(tx, poolId));
        return done({ buckets: before.buckets }, { buckets });
      },
    ),
  );
}

async function stockOf(tx: Tx, poolId: string): Promise<bigint> {
  const query = sql`select sum(available)::bigint from stock_buckets where pool_id = ${poolId}`;
  const [row] = await tx.tuples<[bigint]>(query);
  return row?.[0] ?? 0n;
}

/** Every unit that there ever was: no fewer than are free. */
async function stockedOf(tx: Tx, poolId: string): Promise<bigint> {
  const query = sql`select sum(quantity)::bigint from stock_moves where pool_id = ${poolId}`;
  const [row] = await tx.tuples<[bigint | null]>(query);
  return row?.[0] ?? 0n;
}

/** Every bucket is written, those beyond the pool's number too: a late sale may hold any of them. */
async function deal(tx: Tx, poolId: string, total: bigint): Promise<void> {
  await tx.run(
    sql`update stock_buckets b
           set version = b.version + 1,
               available = case when b.bucket >= p.buckets then 0
                                else ${total}::bigint / p.buckets
                                     + case when b.bucket < ${total}::bigint % p.buckets then 1 else 0 end end
          from pools p
         where p.pool_id = ${poolId} and b.pool_id = p.pool_id`,
  );
}

async function onPool(
  db: Db,
  { tenantId, itemId }: Subject,
  command: (pool: Pool) => Promise<CommandResult>,
): Promise<CommandResult> {
  const query = sql`select pool_id as "poolId", tenant_id as "tenantId" from items where item_id = ${itemId}`;
  const [pool] = await transact(db, "find_pool", (tx) => tx.rows<Pool>(query), { readOnly: true });
  if (!pool) return refused("UNKNOWN_ITEM", `There is no item ${itemId}.`);
  if (pool.tenantId !== tenantId)
    return refused("FORBIDDEN", "This item belongs to another tenant.");
  return command(pool);
}
