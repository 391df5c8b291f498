import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { prepared } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

/** What a slice of a sum became by one write, or is as a whole: then it is everything up to its version. */
export interface Addition {
  readonly account: string;
  readonly kind: string;
  readonly currency: string;
  readonly slice: number;
  readonly version: bigint;
  readonly amountMinor: bigint;
  readonly legs: bigint;
}

/** An owner's sums at one moment. */
export interface Snapshot {
  readonly ownerId: string;
  /** All that was committed before is in them. */
  readonly asOf: Date;
  readonly additions: readonly Addition[];
}

interface Row extends Addition {
  readonly ownerId: string;
  readonly tenantId: string;
}

/** A row is dated at the beginning of its transaction, and until that ends nobody sees it. */
const underWayMs = 5_000;

/**
 * The sums of these owners, as of one moment. What stands in the outbox is not in them yet, nor what is
 * parked: so they are complete up to the oldest of those.
 */
export async function readSnapshots(db: Db, ownerIds: readonly string[]): Promise<Snapshot[]> {
  if (ownerIds.length === 0) return [];
  const work = async (tx: Tx): Promise<Snapshot[]> => {
    const [rows, [told], parked] = await Promise.all([
      tx.rows<Row>(slicesOf(ownerIds)),
      tx.rows<{ asOf: Date }>(toldUpTo),
      tx.rows<{ tenantId: string; oldest: Date }>(parkedSince),
    ]);
    const since = new Map(parked.map(({ tenantId, oldest }) => [tenantId, oldest.getTime()]));
    const owners = Map.groupBy(rows, ({ ownerId }) => ownerId);
    return [...owners].map(([ownerId, additions]) => {
      const oldest = since.get(additions[0]?.tenantId ?? "") ?? Infinity;
      const asOf = new Date(Math.min(told?.asOf.getTime() ?? 0, oldest));
      return { ownerId, asOf, additions };
    });
  };
  return transact(db, "balance_snapshots", work, { readOnly: true });
}

const slicesOf = (ownerIds: readonly string[]) => prepared("balance_slices")`
  select t.owner_id as "ownerId", t.tenant_id as "tenantId", account, kind, currency, slice, version,
         amount_minor as "amountMinor", legs
    from unnest(string_to_array(${lines(ownerIds)}, E'\\n')::uuid[]) as o(owner_id)
    join account_totals t on t.owner_id = o.owner_id`;

const toldUpTo = prepared("balances_told")`
  select least(now() - ${underWayMs} * interval '1 millisecond',
               (select min(created_at) from outbox where kind like 'purchase.%')) as "asOf"`;

const parkedSince = prepared("balances_parked")`
  select tenant_id as "tenantId", min(created_at) as oldest
    from parked_events where kind like 'purchase.%' group by tenant_id`;
