import type { Db } from "../db/open.ts";
import type { BalanceCopies } from "./copies.ts";
import { readSnapshots } from "./snapshot.ts";

const looksMax = 5;

/**
 * Brings the copies of these owners up to the sums, and says as of when they are. Additions may overtake
 * the snapshot in some slices and not in others: then it is taken anew.
 */
export async function renewBalances(
  db: Db,
  copies: BalanceCopies,
  ownerIds: readonly string[],
  options: { readonly force?: boolean } = {},
): Promise<void> {
  let left = ownerIds;
  for (let look = 0; look < looksMax && left.length > 0; look++) {
    const again: string[] = [];
    for (const snapshot of await readSnapshots(db, left)) {
      if (!(await copies.put(snapshot, options))) again.push(snapshot.ownerId);
    }
    left = again;
  }
}
