import { randomUUID } from "node:crypto";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

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

interface Line {
  readonly item?: string;
  readonly pool?: string;
  readonly charge?: string;
  readonly quantity: number;
  readonly price: number;
}

type Leg = readonly [account: string, owner: string, amount: number];
type World = Pick<Books, "tenantId" | "merchantId">;
type Row = Readonly<Record<string, unknown>>;

/** One statement: the database checks the balance of legs at its end. Names are our own literals. */
async function insert(tx: Tx, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values: unknown[] = [];
  const tuples = rows.map(
    (row) => `(${columns.map((column) => `$${values.push(row[column])}`).join(", ")})`,
  );
  const text = `insert into ${table} (${columns.join(", ")}) values ${tuples.join(", ")}`;
  await tx.write({ text, values }, rows.length);
}

export async function makeBooks(db: Db): Promise<Books> {
  return transact(db, "make_books", async (tx) => {
    const world = { tenantId: randomUUID(), merchantId: randomUUID() };
    const { tenantId, merchantId } = world;
    await insert(tx, "tenants", [{ tenant_id: tenantId, mode: "run", name: "a world" }]);
    const name = "a merchant";
    await insert(tx, "merchants", [{ merchant_id: merchantId, tenant_id: tenantId, name }]);
    const shirt = await makeItem(tx, world, { price: 1000, moves: [50, 10], available: [20, 0, 15, 13] });
    const cap = await makeItem(tx, world, { price: 250, moves: [30], available: [28] });
    const [mandate, plainMandate, carriedMandate] = await makeMandates(tx, tenantId);

    const sale = { ...world, mandate };
    const shirts = (quantity: number): Line => ({ ...shirt, quantity, price: 1000 });
    const caps = (quantity: number): Line => ({ ...cap, quantity, price: 250 });
    const committed = await sell(tx, sale, "commit", [shirts(2)]);
    const held = await sell(tx, sale, "hold", [shirts(3)]);
    await follow(tx, world, held, "extend", []);
    const captured = await sell(tx, sale, "hold", [shirts(4)]);
    await follow(tx, world, captured, "capture", [
      ["MERCHANT_HELD", merchantId, -4000],
      ["MERCHANT_PAYABLE", merchantId, 3000],
      ["MANDATE_RESERVED", mandate, 1000],
    ], { state: "settled", settled_quantity: 3, settled_minor: 3000 });
    const released = await sell(tx, sale, "hold", [shirts(1)]);
    await follow(tx, world, released, "release", back(merchantId, mandate, 1000), { state: "released" });
    const expired = await sell(tx, { ...sale, mandate: plainMandate }, "hold", [caps(2)]);
    await follow(tx, world, expired, "expire", back(merchantId, plainMandate, 500), { state: "expired" });
    const refunded = await sell(tx, sale, "commit", [shirts(2)]);
    await follow(tx, world, refunded, "refund", [
      ["MERCHANT_PAYABLE", merchantId, -1000],
      ["MANDATE_RESERVED", mandate, 1000],
    ], { returned_quantity: 1, refunded_minor: 1000 });
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
    await decline(tx, world);
    await insert(tx, "recent_grants", [{
      mandate_id: mandate, agent_id: "agent", item_id: shirt.item, amount_minor: 2000,
      tenant_id: tenantId, last_at: new Date(),
    }]);
    const [item, pool, otherItem, otherPool] = [shirt.item, shirt.pool, cap.item, cap.pool];
    const made = { committed, held, captured, released, expired, refunded, basket };
    const mandates = { mandate, plainMandate, carriedMandate };
    return { ...world, item, pool, otherItem, otherPool, ...mandates, ...made };
  });
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
    { ...ofItem, ...priced, merchant_id: merchantId, pool_id: pool, sku, name: sku, currency: "EUR" },
  ]);
  await insert(tx, "item_prices", [{ ...ofItem, ...priced }]);
  await insert(tx, "pools", [{ ...ofItem, pool_id: pool, buckets: available.length, open: true }]);
  await insert(tx, "stock_moves", moves.map((quantity) => ({
    ...ofItem, move_id: randomUUID(), pool_id: pool, quantity, reason: "stock",
  })));
  await insert(tx, "stock_buckets", available.map((units, bucket) => ({
    ...ofItem, pool_id: pool, bucket, available: units, open: true, price_version: 1, version: 0,
  })));
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
    { mandate_id: plain, ...ofThree, day_limit_minor: null, week_limit_minor: null,
      month_limit_minor: null, rules_version: 1 },
    { mandate_id: carried, ...ofThree, ...limits, week_limit_minor: null,
      month_limit_minor: null, rules_version: 2 },
  ]);
  const slice = (mandate: string, bucket: number, remaining: number, rules = 1): Row => ({
    mandate_id: mandate, bucket, tenant_id: tenantId, remaining_minor: remaining, active: true,
    rules_version: rules, version: 0,
  });
  await insert(tx, "mandate_buckets", [
    slice(limited, 0, 333_334 - 10_700), slice(limited, 1, 333_333), slice(limited, 2, 333_333),
    slice(plain, 0, 400_000), slice(plain, 1, 600_000), slice(plain, 2, 0),
    slice(carried, 0, 998_000, 2), slice(carried, 1, 0, 2), slice(carried, 2, 0, 2),
  ]);
  // Shares of the day are 6667, 6667 and 6666, of the week 33334, 33333 and 33333.
  await tx.run(sql`
    with now_there as (select now() at time zone 'Europe/Berlin' as at)
    update mandate_buckets
       set day_start = case when bucket < 2 then date_trunc('day', at) at time zone 'Europe/Berlin' end,
           day_left_minor = case bucket when 0 then 2600 when 1 then 34 end,
           week_start = case bucket
             when 0 then date_trunc('week', at) at time zone 'Europe/Berlin'
             when 2 then date_trunc('week', at - interval '7 days') at time zone 'Europe/Berlin' end,
           week_left_minor = case bucket when 0 then 33334 - 10700 when 2 then 5 end,
           month_start = date_trunc('month', at) at time zone 'Europe/Berlin',
           month_left_minor = case bucket when 0 then 89300 else 100000 end
      from now_there
     where mandate_id = ${limited}`);
  await tx.run(sql`
    update mandates
       set day_carried_from = date_trunc('day', now() at time zone time_zone) at time zone time_zone,
           day_carried_minor = 1000
     where mandate_id = ${carried}`);
  // A limit of 20,000 less 1,000 carried, less 1,000 spent under the new rules.
  await tx.run(sql`
    update mandate_buckets b
       set day_start = m.day_carried_from, day_left_minor = 6000
      from mandates m
     where m.mandate_id = b.mandate_id and m.mandate_id = ${carried}`);
  return [limited, plain, carried];
}

/** A commit or a hold, with its answer, legs and event. */
async function sell(
  tx: Tx,
  sale: World & { mandate: string },
  kind: "commit" | "hold",
  lines: readonly Line[],
  rulesVersion = 1,
): Promise<string> {
  const id = randomUUID();
  const { tenantId, merchantId, mandate } = sale;
  const held = kind === "hold";
  await answer(tx, sale, { id, purchaseId: id, kind, granted: true });
  await insert(tx, "purchases", lines.map(({ item, pool, charge, quantity, price }, line) => {
    const amount = item === undefined ? price : price * quantity;
    return {
      purchase_id: id, line, tenant_id: tenantId, merchant_id: merchantId, mandate_id: mandate,
      agent_id: "agent", item_id: item ?? null, pool_id: pool ?? null, charge: charge ?? null,
      quantity, unit_price_minor: price, price_version: 1, rules_version: rulesVersion,
      amount_minor: amount, currency: "EUR", state: held ? "held" : "settled",
      settled_quantity: held ? 0 : quantity, settled_minor: held ? 0 : amount,
      returned_quantity: 0, refunded_minor: 0, version: 1,
      expires_at: held ? new Date(Date.now() + 600_000) : null,
    };
  }));
  const whole = lines.reduce((sum, { item, quantity, price }) => {
    return sum + (item === undefined ? price : price * quantity);
  }, 0);
  const account = held ? "MERCHANT_HELD" : "MERCHANT_PAYABLE";
  const legs: Leg[] = [["MANDATE_RESERVED", mandate, -whole], [account, merchantId, whole]];
  await book(tx, tenantId, { purchaseId: id, txnId: id, kind }, legs);
  return id;
}

/** What happens to a purchase later. Nobody asks for an expiry. */
async function follow(
  tx: Tx,
  world: World,
  purchaseId: string,
  kind: string,
  legs: readonly Leg[],
  changes: Row = {},
): Promise<void> {
  const txnId = randomUUID();
  if (kind !== "expire") await answer(tx, world, { id: txnId, purchaseId, kind, granted: true });
  await book(tx, world.tenantId, { purchaseId, txnId, kind }, legs);
  const values: unknown[] = [purchaseId];
  const sets = Object.entries(changes).map(([column, to]) => `${column} = $${values.push(to)}`);
  const text = `update purchases set ${["version = version + 1", ...sets].join(", ")}
                 where purchase_id = $1`;
  await tx.run({ text, values });
}

const back = (merchantId: string, mandate: string, amount: number): Leg[] => [
  ["MERCHANT_HELD", merchantId, -amount],
  ["MANDATE_RESERVED", mandate, amount],
];

async function book(
  tx: Tx,
  tenantId: string,
  txn: { purchaseId: string; txnId: string; kind: string },
  legs: readonly Leg[],
): Promise<void> {
  const { purchaseId, txnId, kind } = txn;
  const ids = { purchase_id: purchaseId, txn_id: txnId, tenant_id: tenantId, kind, currency: "EUR" };
  const rows = legs.map(([account, owner, amount], leg) => {
    return { ...ids, leg, account, owner_id: owner, amount_minor: amount };
  });
  if (rows.length > 0) await insert(tx, "ledger_entries", rows);
  const event = { shard: 0, event_id: txnId, tenant_id: tenantId, subject_id: purchaseId };
  await insert(tx, "outbox", [{ ...event, kind: `purchase.${kind}` }]);
}

async function answer(
  tx: Tx,
  { tenantId, merchantId }: World,
  ask: { id: string; purchaseId: string; kind: string; granted: boolean },
): Promise<void> {
  const { id, purchaseId, kind, granted } = ask;
  await insert(tx, "asks", [{
    ask_id: id, tenant_id: tenantId, merchant_id: merchantId, key: `key-${id}`, kind,
    purchase_id: purchaseId, fingerprint: Buffer.from(id), body: "{}", granted, answer: "{}",
  }]);
}

/** A no is an answer too: it exists only here. */
async function decline(tx: Tx, world: World): Promise<void> {
  const id = randomUUID();
  await answer(tx, world, { id, purchaseId: id, kind: "commit", granted: false });
}
