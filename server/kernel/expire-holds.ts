import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { apply } from "./apply.ts";
import { decide } from "./decide.ts";
import { loadExpiredFacts } from "./load.ts";

/** Where a look ended: holds are gone through by the end of their time. */
export interface HoldPosition {
  readonly expiresAt: string;
  readonly purchaseId: string;
}

export interface Expired {
  readonly released: number;
  /** Absent when there were no more. */
  readonly next?: HoldPosition;
}

/** So that what they write stays within what Aurora DSQL takes in one transaction. */
const linesMax = 100;

/**
 * Gives back what expired holds hold, some of them in one transaction: the very release that a claim
 * in need of them makes. It may run at any time, twice and beside others. A hold that waits for a
 * command on its item or mandate keeps its state until the next time.
 */
export async function expireHolds(db: Db, after?: HoldPosition): Promise<Expired> {
  const work = async (tx: Tx, lostRaces: number): Promise<Expired> => {
    const { ids, next } = await lapsed(tx, after);
    if (ids.length === 0) return { released: 0 };
    const newId = (): string => db.dialect.newId();
    const facts = await loadExpiredFacts(tx, ids, Math.random(), newId);
    const { plan } = decide([], facts, 1 + lostRaces);
    await apply(tx, plan);
    return { released: plan.events.length, ...(next && { next }) };
  };
  const done = await transact(db, "expire_holds", work, { recalls: true });
  db.metrics.expiredHoldsReleased.inc(done.released);
  return done;
}

async function lapsed(
  tx: Tx,
  { expiresAt, purchaseId }: HoldPosition = { expiresAt: "-infinity", purchaseId: noId },
): Promise<{ ids: string[]; next?: HoldPosition }> {
  const lines = await tx.rows<HoldPosition>(
    sql`select purchase_id as "purchaseId", expires_at::text as "expiresAt"
          from purchases
         where state = 'held' and expires_at <= now()
           and (expires_at, purchase_id) > (${expiresAt}::timestamptz, ${purchaseId}::uuid)
         order by expires_at, purchase_id
         limit ${linesMax}`,
  );
  const ids = [...new Set(lines.map((line) => line.purchaseId))];
  const last = lines.at(-1);
  return { ids, ...(last && lines.length === linesMax && { next: last }) };
}

const noId = "00000000-0000-0000-0000-000000000000";
