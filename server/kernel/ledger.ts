import { assert } from "../base/assert.ts";
import type { Account, Leg, TxnKind } from "./plan.ts";

/** What the legs of one ledger transaction have in common. */
export interface Txn {
  readonly purchaseId: string;
  readonly txnId: string;
  readonly tenantId: string;
  readonly kind: TxnKind;
  readonly currency: string;
}

/** Account, whose it is, and the signed amount. */
export type Move = readonly [account: Account, ownerId: string, amountMinor: bigint];

/**
 * The legs of one ledger transaction. Signs follow the money: a purchase takes it from what the
 * mandate has reserved and owes it to the merchant; a hold parks it in between.
 */
export function legs(txn: Txn, ...moves: readonly Move[]): Leg[] {
  return moves.map(([account, ownerId, amountMinor], leg) => ({
    purchaseId: txn.purchaseId,
    txnId: txn.txnId,
    leg,
    tenantId: txn.tenantId,
    kind: txn.kind,
    account,
    ownerId,
    amountMinor,
    currency: txn.currency,
  }));
}

/** Money is neither made nor lost: the database checks it again. */
export function booking(entries: readonly Leg[]): void {
  let sum = 0n;
  for (const { amountMinor } of entries) sum += amountMinor;
  assert(sum === 0n, "the legs of a ledger transaction sum to zero");
}
