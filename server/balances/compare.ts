import type { Db } from "../db/open.ts";
import { prepared } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { sliceOf, type BalanceCopies, type CopiedBalances } from "./copies.ts";
import { renewBalances } from "./renew.ts";
import { readSnapshots, type Snapshot } from "./snapshot.ts";

/** A copy of a balance that is not what its owner's sums come to at the very same position. */
export interface WrongCopy {
  readonly ownerId: string;
  readonly account: string;
  readonly currency: string;
  /** What must be added to the copy. */
  readonly amountMinor: bigint;
  readonly legs: bigint;
}

const ownersAtOnce = 200;

/**
 * Holds the copies in Redis against the sums, which `reconcile` holds against the journal. A copy that has
 * not come as far, or has come further, says so itself and is no difference. With `repair` every copy is
 * written anew.
 */
export async function compareBalances(
  db: Db,
  copies: BalanceCopies,
  { repair = false } = {},
): Promise<WrongCopy[]> {
  const wrong: WrongCopy[] = [];
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const ownerIds = await ownersAfter(db, after);
    const last = ownerIds.at(-1);
    if (last === undefined) return wrong;
    for (const snapshot of await readSnapshots(db, ownerIds)) {
      const copy = await copies.read(snapshot.ownerId);
      if (copy && isAt(copy, snapshot)) wrong.push(...differences(copy, snapshot));
    }
    if (repair) await renewBalances(db, copies, ownerIds, { force: true });
    after = last;
  }
}

function isAt({ versions }: CopiedBalances, { additions }: Snapshot): boolean {
  return (
    versions.size === additions.length &&
    additions.every((one) => versions.get(sliceOf(one)) === one.version)
  );
}

function differences({ accounts }: CopiedBalances, { ownerId, additions }: Snapshot): WrongCopy[] {
  const sums = new Map<string, WrongCopy>();
  const add = (account: string, currency: string, amountMinor: bigint, legs: bigint): void => {
    const key = `${account} ${currency}`;
    const known = sums.get(key) ?? { ownerId, account, currency, amountMinor: 0n, legs: 0n };
    const [amount, count] = [known.amountMinor + amountMinor, known.legs + legs];
    sums.set(key, { ...known, amountMinor: amount, legs: count });
  };
  for (const one of additions) add(one.account, one.currency, one.amountMinor, one.legs);
  for (const one of accounts) add(one.account, one.currency, -one.balanceMinor, -one.legs);
  return [...sums.values()].filter(({ amountMinor, legs }) => amountMinor !== 0n || legs !== 0n);
}

async function ownersAfter(db: Db, after: string): Promise<string[]> {
  const query = prepared("balance_owners")`
    select distinct owner_id as "ownerId" from account_totals
     where owner_id > ${after} and account <> 'MANDATE_RESERVED'
     order by owner_id limit ${ownersAtOnce}`;
  const rows = await transact(db, "balance_owners", (tx) => tx.rows<{ ownerId: string }>(query), {
    readOnly: true,
  });
  return rows.map(({ ownerId }) => ownerId);
}
