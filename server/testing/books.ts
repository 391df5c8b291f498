import { randomUUID } from "node:crypto";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import {
  back,
  decline,
  follow,
  insert,
  sell,
  type Line,
  type Row,
  type World,
} from "./book-rows.ts";

/**
 * Honest books, written by hand and not by the kernel: what the proof says of them depends on the
 * meaning of the tables alone. Every kind of purchase is there once.
 */
export interface Books {
  readonly tenantId: string;
  readonly merchantId: string;
  readonly item: string;
  readonly pool: string;
  readonly otherItem: string;
  readonly otherPool: string;
  /** With limits of all three periods; some of its buckets count as full. */
  readonly mandate: string;
  /** Without a limit. */
  readonly plainMandate: string;
  /** Its rules changed in this very period: something is carried. */
  readonly carriedMandate: string;
  readonly committed: string;
  readonly held: string;
  readonly captured: string;
  readonly released: string;
  readonly expired: string;
  readonly refunded: string;
  readonly basket: string;
}

export async function makeBooks(db: Db): Promise<Books> {
  return transact(db, "make_books", async (tx) => {
    const world = { tenantId: randomUUID(), merchantId: randomUUID() };
    const { tenantId, merchantId } = world;
    await insert(tx, "tenants", [{ tenant_id: tenantId, mode: "run", name: "a world" }]);
    const name = "a merchant";
    await insert(tx, "merchants", [{ merchant_id: merchantId, tenant_id: tenantId, name }]);
    const shirt = await makeItem(tx, world, {
      price: 1000,
      moves: [50, 10],
      available: [20, 0, 15, 13],
    });
    const cap = await makeItem(tx, world, { price: 250, moves: [30], available: [28] });
    const [mandate, plainMandate, carriedMandate] = await makeMandates(tx, tenantId);

    const mandates = { mandate, plainMandate, carriedMandate };
    const made = await makePurchases(tx, world, { shirt, cap }, mandates);
    await decline(tx, world);
    await insert(tx, "recent_grants", [
      {
        mandate_id: mandate,
        agent_id: "agent",
        item_id: shirt.item,
        amount_minor: 2000,
        tenant_id: tenantId,
        last_at: new Date(),
      },
    ]);
    await insert(tx, "outbox", [
      commandEvent(tenantId, "item.closed", shirt.item),
      commandEvent(tenantId, "mandate.paused", mandate),
    ]);
    const [item, pool, otherItem, otherPool] = [shirt.item, shirt.pool, cap.item, cap.pool];
    return { ...world, item, pool, otherItem, otherPool, ...mandates, ...made };
  });
}

const commandEvent = (tenantId: string, kind: string, subjectId: string) => {
  return { shard: 1, event_id: randomUUID(), tenant_id: tenantId, kind, subject_id: subjectId };
};

type Purchases = "committed" | "held" | "captured" | "released" | "expired" | "refunded" | "basket";
type Mandates = Pick<Books, "mandate" | "plainMandate" | "carriedMandate">;
type Goods = Record<"shirt" | "cap", { item: string; pool: string }>;

async function makePurchases(
  tx: Tx,
  world: World,
  { shirt, cap }: Goods,
  { mandate, plainMandate, carriedMandate }: Mandates,
): Promise<Pick<Books, Purchases>> {
  const { merchantId } = world;
  const sale = { ...world, mandate };
  const shirts = (quantity: number): Line => ({ ...shirt, quantity, price: 1000 });
  const caps = (quantity: number): Line => ({ ...cap, quantity, price: 250 });
  const committed = await sell(tx, sale, "commit", [shirts(2)]);
  const held = await sell(tx, sale, "hold", [shirts(3)]);
  await follow(tx, world, held, "extend", []);
  const captured = await sell(tx, sale, "hold", [shirts(4)]);
  await follow(
    tx,
    world,
    captured,
    "capture",
    [
      ["MERCHANT_HELD", merchantId, -4000],
      ["MERCHANT_PAYABLE", merchantId, 3000],
      ["MANDATE_RESERVED", mandate, 1000],
    ],
    { state: "settled", settled_quantity: 3, settled_minor: 3000 },
  );
  const released = await sell(tx, sale, "hold", [shirts(1)]);
  await follow(tx, world, released, "release", back(merchantId, mandate, 1000), {
    state: "released",
  });
  const expired = await sell(tx, { ...sale, mandate: plainMandate }, "hold", [caps(2)]);
  await follow(tx, world, expired, "expire", back(merchantId, plainMandate, 500), {
    state: "expired",
  });
  const refunded = await sell(tx, sale, "commit", [shirts(2)]);
  await follow(
    tx,
    world,
    refunded,
    "refund",
    [
      ["MERCHANT_PAYABLE", merchantId, -1000],
      ["MANDATE_RESERVED", mandate, 1000],
    ],
    { returned_quantity: 1, refunded_minor: 1000 },
  );
  const basket = await sell(tx, sale, "commit", [
    caps(2),
    shirts(1),
    { charge: "shipping", quantity: 1, price: 300 },
    { charge: "discount", quantity: 1, price: -100 },
  ]);
  const carried = { ...sale, mandate: carriedMandate };
  await sell(tx, carried, "commit", [shirts(1)], 1);
  await sell(tx, carried, "commit", [shirts(1)], 2);
  await sell(tx, carried, "commit", [{ charge: "nothing", quantity: 1, price: 0 }], 2);
  return { committed, held, captured, released, expired, refunded, basket };
}

async function makeItem(
  tx: Tx,
  { tenantId, merchantId }: World,
  { price, moves, available }: { price: number; moves: number[]; available: number[] },
): Promise<{ item: string; pool: string }> {
  const [item, pool] = [randomUUID(), randomUUID()];
  const ofItem = { tenant_id: tenantId, item_id: item };
  const priced = { price_minor: price, price_version: 1 };
  const sku = item.slice(0, 8);
  await insert(tx, "items", [
    {
      ...ofItem,
      ...priced,
      merchant_id: merchantId,
      pool_id: pool,
      sku,
      name: sku,
      currency: "EUR",
    },
  ]);
  await insert(tx, "item_prices", [{ ...ofItem, ...priced }]);
  await insert(tx, "pools", [{ ...ofItem, pool_id: pool, buckets: available.length, open: true }]);
  await insert(
    tx,
    "stock_moves",
    moves.map((quantity) => ({
      ...ofItem,
      move_id: randomUUID(),
      pool_id: pool,
      quantity,
      reason: "stock",
    })),
  );
  await insert(
    tx,
    "stock_buckets",
    available.map((units, bucket) => ({
      ...ofItem,
      pool_id: pool,
      bucket,
      available: units,
      open: true,
      price_version: 1,
      version: 0,
    })),
  );
  return { item, pool };
}

/** What the purchases below leave of them: 10,700 of the first are spent, nothing of the second. */
async function makeMandates(tx: Tx, tenantId: string): Promise<[string, string, string]> {
  const [limited, plain, carried] = [randomUUID(), randomUUID(), randomUUID()];
  const common = { tenant_id: tenantId, name: "a mandate", state: "active", currency: "EUR" };
  const ofThree = { ...common, buckets: 3, cap_minor: 1_000_000, time_zone: "Europe/Berlin" };
  const limits = { day_limit_minor: 20_000, week_limit_minor: 100_000, month_limit_minor: 300_000 };
  await insert(tx, "mandates", [
    { mandate_id: limited, ...ofThree, ...limits, rules_version: 1 },
    {
      mandate_id: plain,
      ...ofThree,
      day_limit_minor: null,
      week_limit_minor: null,
      month_limit_minor: null,
      rules_version: 1,
    },
    {
      mandate_id: carried,
      ...ofThree,
      ...limits,
      week_limit_minor: null,
      month_limit_minor: null,
      rules_version: 2,
    },
  ]);
  const slice = (mandate: string, bucket: number, remaining: number, rules = 1): Row => ({
    mandate_id: mandate,
    bucket,
    tenant_id: tenantId,
    remaining_minor: remaining,
    active: true,
    rules_version: rules,
    version: 0,
  });
  await insert(tx, "mandate_buckets", [
    slice(limited, 0, 333_334 - 10_700),
    slice(limited, 1, 333_333),
    slice(limited, 2, 333_333),
    slice(plain, 0, 400_000),
    slice(plain, 1, 600_000),
    slice(plain, 2, 0),
    slice(carried, 0, 998_000, 2),
    slice(carried, 1, 0, 2),
    slice(carried, 2, 0, 2),
  ]);
  await dealRoom(tx, limited, carried);
  return [limited, plain, carried];
}

/** One bucket of the day and two of the week count as full: they are not of this period. */
async function dealRoom(tx: Tx, limited: string, carried: string): Promise<void> {
  // Shares of the day are 6667, 6667 and 6666, of the week 33334, 33333 and 33333.
  await tx.run(sql`
    with local as (select now() at time zone 'Europe/Berlin' as at),
         starts as (
           select date_trunc('day', at) at time zone 'Europe/Berlin' as day,
                  date_trunc('week', at) at time zone 'Europe/Berlin' as week,
                  date_trunc('week', at - interval '1 week') at time zone 'Europe/Berlin' as before,
                  date_trunc('month', at) at time zone 'Europe/Berlin' as month
             from local)
    update mandate_buckets
       set day_start = case when bucket < 2 then day end,
           day_left_minor = case bucket when 0 then 2600 when 1 then 34 end,
           week_start = case bucket when 0 then week when 2 then before end,
           week_left_minor = case bucket when 0 then 33334 - 10700 when 2 then 5 end,
           month_start = month,
           month_left_minor = case bucket when 0 then 89300 else 100000 end
      from starts
     where mandate_id = ${limited}`);
  await tx.run(sql`
    update mandates
       set day_carried_minor = 1000,
           day_carried_from = date_trunc('day', now() at time zone time_zone) at time zone time_zone
     where mandate_id = ${carried}`);
  // A limit of 20,000 less 1,000 carried, less 1,000 spent under the new rules.
  await tx.run(sql`
    update mandate_buckets b
       set day_start = m.day_carried_from, day_left_minor = 6000
      from mandates m
     where m.mandate_id = b.mandate_id and m.mandate_id = ${carried}`);
}
