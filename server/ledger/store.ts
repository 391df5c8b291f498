import type { Db } from "../db/open.ts";
import { Fragment, Part, sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Account, TxnKind } from "../kernel/plan.ts";

export interface Leg {
  readonly purchaseId: string;
  readonly txnId: string;
  readonly leg: number;
  readonly kind: TxnKind;
  readonly account: Account;
  readonly ownerId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly createdAt: string;
}

/** After which leg a page begins; `id` is its transaction's. */
export interface Place {
  readonly createdAt: string;
  readonly id: string;
  readonly leg: number;
}

export interface LegFilter {
  readonly merchantId?: string | undefined;
  readonly purchaseId?: string | undefined;
  readonly mandateId?: string | undefined;
  readonly account?: string | undefined;
  readonly kind?: string | undefined;
  readonly currency?: string | undefined;
  readonly side?: "debit" | "credit" | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface LegPage {
  readonly legs: readonly Leg[];
  readonly next: Place | undefined;
}

interface Wanted {
  readonly after: Place | undefined;
  readonly limit: number;
  /** How many legs are looked at for a page: a filter that fits few must not read all of them. */
  readonly most?: number;
}

const beginning = { createdAt: "infinity", id: "ffffffff-ffff-ffff-ffff-ffffffffffff", leg: 10 };

const columns = new Fragment(
  'purchase_id as "purchaseId", txn_id as "txnId", leg, kind, account, owner_id as "ownerId", ' +
    'amount_minor as "amountMinor", currency, created_at::text as "createdAt"',
);

/** Newest first. A page may be short, or empty, and yet not the last: see `most`. */
export async function listLegs(
  db: Db,
  tenantId: string,
  filter: LegFilter,
  { after = beginning, limit, most = 10_000 }: Wanted,
): Promise<LegPage> {
  const { createdAt, id, leg } = after;
  const { from = "-infinity", to = "infinity" } = filter;
  const work = async (tx: Tx): Promise<LegPage> => {
    if (filter.purchaseId !== undefined) {
      return pageOf(await legsOfPurchase(tx, filter.purchaseId, filter, after), limit);
    }
    const rows = await tx.rows<Leg>(
      sql`select ${columns}
            from (select * from ledger_entries
                   where tenant_id = ${tenantId}
                     and (created_at, txn_id, leg) < (${createdAt}::timestamptz, ${id}::uuid, ${leg}::integer)
                     and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
                   order by created_at desc, txn_id desc, leg desc limit ${most}) looked_at
           where ${new Conditions(filter)}
           order by looked_at.created_at desc, txn_id desc, leg desc limit ${limit + 1}`,
    );
    if (rows.length > limit) return pageOf(rows, limit);
    const [next] = await tx.rows<Place>(
      sql`select created_at::text as "createdAt", txn_id as id, leg from ledger_entries
           where tenant_id = ${tenantId}
             and (created_at, txn_id, leg) < (${createdAt}::timestamptz, ${id}::uuid, ${leg}::integer)
             and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
           order by created_at desc, txn_id desc, leg desc limit 1 offset ${most - 1}`,
    );
    return { legs: rows, next };
  };
  return transact(db, "list_legs", work, { readOnly: true });
}

/** What no index serves; what is not asked for is null. */
class Conditions extends Part {
  readonly values: readonly unknown[];

  constructor({ merchantId, mandateId, account, kind, currency, side }: LegFilter) {
    super();
    const all = [merchantId, mandateId, account, kind, currency, side];
    this.values = all.map((value) => value ?? null);
  }

  textFrom(first: number): string {
    const equal = ["owner_id::text", "owner_id::text", "account", "kind", "currency"];
    const side = "case when amount_minor < 0 then 'debit' when amount_minor > 0 then 'credit' end";
    return [...equal, side]
      .map((of, at) => `($${first + at}::text is null or ${of} = $${first + at})`)
      .join(" and ");
  }
}

function pageOf(rows: readonly Leg[], limit: number): LegPage {
  const legs = rows.slice(0, limit);
  const last = rows.length > limit ? legs.at(-1) : undefined;
  if (!last) return { legs, next: undefined };
  return { legs, next: { createdAt: last.createdAt, id: last.txnId, leg: last.leg } };
}

/** A purchase has a few legs, and some more for each refund. */
async function legsOfPurchase(
  tx: Tx,
  purchaseId: string,
  filter: LegFilter,
  { createdAt, id, leg }: Place,
): Promise<Leg[]> {
  const { from = "-infinity", to = "infinity" } = filter;
  return tx.rows<Leg>(
    sql`select ${columns} from ledger_entries
         where purchase_id = ${purchaseId}
           and (created_at, txn_id, leg) < (${createdAt}::timestamptz, ${id}::uuid, ${leg}::integer)
           and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
           and ${new Conditions(filter)}
         order by ledger_entries.created_at desc, txn_id desc, leg desc`,
  );
}

export interface Balances {
  readonly source: "books" | "copies";
  readonly asOf: string;
  readonly accounts: readonly {
    readonly account: Account;
    readonly currency: string;
    readonly balanceMinor: bigint;
    /** Both sides, where every leg was summed. */
    readonly debitMinor?: bigint;
    readonly creditMinor?: bigint;
    readonly legs: bigint;
  }[];
}

/** How long the legs may be summed: about 2 million of them take a second on 2 cores. */
export const sumPatienceMs = 5_000;

/** The database ends it itself where it can, before we would have to leave it alone with its work. */
const marginMs = 100;

/**
 * From the truth: every leg of the tenant is summed, where it pays in its index alone. That takes
 * longer with every purchase, so it has an end, at which the database itself gives up.
 */
export async function readBalances(
  db: Db,
  tenantId: string,
  { merchantId, to = "infinity" }: Pick<LegFilter, "merchantId" | "to">,
  patienceMs = sumPatienceMs,
): Promise<Balances> {
  const owner = merchantId ?? null;
  const timeout = db.dialect.statementTimeout(patienceMs - marginMs);
  const work = async (tx: Tx): Promise<Balances> => {
    const [, [now], accounts] = await Promise.all([
      timeout && tx.run(timeout),
      tx.tuples<[string]>(sql`select least(now(), ${to}::timestamptz)::text`),
      // As text: a sum of amounts may be larger than any amount.
      tx.tuples<[Account, currency: string, ...sums: string[]]>(
        sql`select account, currency, sum(amount_minor)::text, (-sum(least(amount_minor, 0)))::text,
                   sum(greatest(amount_minor, 0))::text, count(*)::text
              from ledger_entries
             where tenant_id = ${tenantId} and created_at < ${to}::timestamptz
               and (${owner}::uuid is null or owner_id = ${owner}::uuid)
             group by account, currency
             order by account, currency`,
      ),
    ]);
    return { source: "books", asOf: now?.[0] ?? "", accounts: accounts.map(accountOf) };
  };
  return transact(db, "sum_ledger", work, {
    readOnly: true,
    deadlineAt: performance.now() + patienceMs,
    attemptTimeoutMs: patienceMs,
  });
}

function accountOf([account, currency, ...sums]: [Account, string, ...string[]]) {
  const [balanceMinor = 0n, debitMinor = 0n, creditMinor = 0n, legs = 0n] = sums.map(BigInt);
  return { account, currency, balanceMinor, debitMinor, creditMinor, legs };
}

export interface Owners {
  readonly merchant: string | null;
  readonly mandate: string | null;
  readonly purchase: string | null;
}

/** The tenants of what a filter names; null for what is not named, or not there. */
export async function ownersOf(
  db: Db,
  { merchantId, mandateId, purchaseId }: Pick<LegFilter, "merchantId" | "mandateId" | "purchaseId">,
): Promise<Owners> {
  const query = sql`
    select (select tenant_id from merchants where merchant_id = ${merchantId ?? null}::uuid) as merchant,
           (select tenant_id from mandates where mandate_id = ${mandateId ?? null}::uuid) as mandate,
           (select tenant_id from purchases where purchase_id = ${purchaseId ?? null}::uuid limit 1) as purchase`;
  const [row] = await transact(db, "find_owners", (tx) => tx.rows<Owners>(query), {
    readOnly: true,
  });
  return row ?? { merchant: null, mandate: null, purchase: null };
}
