import { nameActors, type ActorView } from "../../auth/actors.ts";
import type { Caller } from "../../auth/caller.ts";
import type { Db } from "../../db/open.ts";
import { lines } from "../../db/rows.ts";
import { sql } from "../../db/sql.ts";
import { transact, type Tx } from "../../db/transact.ts";
import type { AskRow } from "../store.ts";

/** What stands around asks: names for their ids, and what became of their purchases. */

/** How a purchase stands now, all its lines together. */
export interface Standing {
  readonly purchaseId: string;
  /** A hold whose time is over counts as expired, whether or not it was given back already. */
  readonly state: "held" | "settled" | "released" | "expired";
  readonly quantity: bigint;
  readonly settledQuantity: bigint;
  readonly returnedQuantity: bigint;
  readonly amountMinor: bigint;
  readonly settledMinor: bigint;
  readonly refundedMinor: bigint;
  readonly expiresAt: Date | null;
}

/** What was asked, as the body of its route has it. */
export type Asked = Readonly<Record<string, unknown>> & {
  readonly merchantId: string;
  readonly itemId?: string;
  readonly mandateId?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
};

export interface WholeAsk {
  readonly ask: AskRow;
  readonly asked: Asked;
  readonly nameOf: (id: string | undefined) => string | null;
  readonly standing: Standing | undefined;
  readonly asker: ActorView | null;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

export async function readWhole(
  db: Db,
  caller: Caller,
  asks: readonly AskRow[],
): Promise<WholeAsk[]> {
  if (asks.length === 0) return [];
  const read = asks.map((ask) => ({ ask, asked: askedIn(ask.body) }));
  const of = (pick: (asked: Asked) => string | undefined): string =>
    lines([...new Set(read.flatMap(({ asked }) => pick(asked) ?? []))]);
  const merchants = of(({ merchantId }) => merchantId);
  const items = of(({ itemId }) => itemId);
  const mandates = of(({ mandateId }) => mandateId);
  const purchases = lines([...new Set(asks.map(({ purchaseId }) => purchaseId))]);
  const work = async (tx: Tx): Promise<[Named[], Standing[]]> =>
    Promise.all([
      tx.rows<Named>(
        sql`select merchant_id as id, name from merchants
             where merchant_id = any(string_to_array(${merchants}, E'\n')::uuid[])
             union all
            select item_id, name from items
             where item_id = any(string_to_array(${items}, E'\n')::uuid[])
             union all
            select mandate_id, name from mandates
             where mandate_id = any(string_to_array(${mandates}, E'\n')::uuid[])`,
      ),
      tx.rows<Standing>(
        sql`select purchase_id as "purchaseId",
                   min(case when state = 'held' and expires_at <= now() then 'expired' else state end) as state,
                   sum(quantity)::bigint as quantity, sum(settled_quantity)::bigint as "settledQuantity",
                   sum(returned_quantity)::bigint as "returnedQuantity",
                   sum(amount_minor)::bigint as "amountMinor", sum(settled_minor)::bigint as "settledMinor",
                   sum(refunded_minor)::bigint as "refundedMinor", max(expires_at) as "expiresAt"
              from purchases
             where purchase_id = any(string_to_array(${purchases}, E'\n')::uuid[])
             group by purchase_id`,
      ),
    ]);
  const [[named, standings], nameActor] = await Promise.all([
    transact(db, "read_around_asks", work, { readOnly: true }),
    nameActors(
      db,
      caller,
      asks.flatMap(({ askedBy }) => askedBy ?? []),
    ),
  ]);
  const names = new Map(named.map(({ id, name }) => [id, name]));
  const nameOf = (id: string | undefined): string | null => names.get(id ?? "") ?? null;
  const byId = new Map(standings.map((standing) => [standing.purchaseId, standing]));
  return read.map((one) => {
    const { purchaseId, askedBy } = one.ask;
    const asker = askedBy === null ? null : nameActor(askedBy);
    return { ...one, nameOf, standing: byId.get(purchaseId), asker };
  });
}

/** The public API has one line an ask; whoever asked for more past it sees them as they are. */
export function askedIn(body: string): Asked {
  const { kind: _, lines: wanted, ...rest } = JSON.parse(body) as Asked & { lines?: object[] };
  const [line, ...more] = wanted ?? [];
  return { ...rest, ...(more.length === 0 ? line : { lines: wanted }) };
}
