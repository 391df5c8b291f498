import { randomUUID } from "node:crypto";
import type { Tx } from "../db/transact.ts";

/** The rows that an ask leaves behind, written as the tables mean them. */

export interface Line {
  readonly item?: string;
  readonly pool?: string;
  readonly charge?: string;
  readonly quantity: number;
  readonly price: number;
}

type Leg = readonly [account: string, owner: string, amount: number];

export interface World {
  readonly tenantId: string;
  readonly merchantId: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** One statement: the balance of legs is checked at its end. Names are our own literals. */
export async function insert(tx: Tx, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const values: unknown[] = [];
  const tuples = rows.map(
    (row) => `(${columns.map((column) => `$${values.push(row[column])}`).join(", ")})`,
  );
  const text = `insert into ${table} (${columns.join(", ")}) values ${tuples.join(", ")}`;
  await tx.write({ text, values }, rows.length);
}

/** A commit or a hold, with its answer, legs and event. */
export async function sell(
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
  await insert(
    tx,
    "purchases",
    lines.map(({ item, pool, charge, quantity, price }, line) => {
      const amount = item === undefined ? price : price * quantity;
      return {
        purchase_id: id,
        line,
        tenant_id: tenantId,
        merchant_id: merchantId,
        mandate_id: mandate,
        agent_id: "agent",
        item_id: item ?? null,
        pool_id: pool ?? null,
        charge: charge ?? null,
        quantity,
        unit_price_minor: price,
        price_version: 1,
        rules_version: rulesVersion,
        amount_minor: amount,
        currency: "EUR",
        state: held ? "held" : "settled",
        settled_quantity: held ? 0 : quantity,
        settled_minor: held ? 0 : amount,
        returned_quantity: 0,
        refunded_minor: 0,
        version: 1,
        expires_at: held ? new Date(Date.now() + 600_000) : null,
      };
    }),
  );
  const whole = lines.reduce((sum, { item, quantity, price }) => {
    return sum + (item === undefined ? price : price * quantity);
  }, 0);
  const account = held ? "MERCHANT_HELD" : "MERCHANT_PAYABLE";
  const legs: Leg[] = [
    ["MANDATE_RESERVED", mandate, -whole],
    [account, merchantId, whole],
  ];
  await book(tx, tenantId, { purchaseId: id, txnId: id, kind }, legs);
  return id;
}

/** What happens to a purchase later. Nobody asks for an expiry. */
export async function follow(
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

export const back = (merchantId: string, mandate: string, amount: number): Leg[] => [
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
  const ids = {
    purchase_id: purchaseId,
    txn_id: txnId,
    tenant_id: tenantId,
    kind,
    currency: "EUR",
  };
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
  await insert(tx, "asks", [
    {
      ask_id: id,
      tenant_id: tenantId,
      merchant_id: merchantId,
      key: `key-${id}`,
      kind,
      purchase_id: purchaseId,
      fingerprint: Buffer.from(id),
      body: "{}",
      granted,
      answer: "{}",
    },
  ]);
}

/** A no is an answer too: it exists only here. */
export async function decline(tx: Tx, world: World): Promise<void> {
  const id = randomUUID();
  await answer(tx, world, { id, purchaseId: id, kind: "commit", granted: false });
}
