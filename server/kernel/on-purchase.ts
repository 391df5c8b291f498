import { assert } from "../base/assert.ts";
import type { Books } from "./books.ts";
import type { PurchaseLine } from "./facts.ts";
import { rejected, type Ask, type Decision } from "./types.ts";

type OnPurchaseAsk = Extract<Ask, { purchaseId: string }>;
export type Lines = readonly [PurchaseLine, ...PurchaseLine[]];

/** The lines of the purchase that an ask names, or why it may not: for capture, extend, release, refund. */
export function purchaseOf(books: Books, ask: OnPurchaseAsk): Lines | Decision {
  const [first, ...more] = books.purchase(ask.purchaseId) ?? [];
  if (!first) return rejected("UNKNOWN_PURCHASE", `There is no purchase ${ask.purchaseId}.`);
  if (first.tenantId !== ask.tenantId)
    return rejected("FORBIDDEN", "This purchase belongs to another tenant.");
  if (first.merchantId !== ask.merchantId) {
    return rejected(
      "UNKNOWN_PURCHASE",
      `Purchase ${ask.purchaseId} was not made at merchant ${ask.merchantId}.`,
    );
  }
  return [first, ...more];
}

/** What is given back lands in buckets that a command may be writing: let it finish. */
export function gated(books: Books, lines: Lines): boolean {
  if (books.mandate(lines[0].mandateId).fact.gate !== null) return true;
  return lines.some(({ poolId }) => poolId !== null && books.pool(poolId).fact.gate !== null);
}

export function sum(lines: Lines, of: (line: PurchaseLine) => bigint): bigint {
  return lines.reduce((total, line) => total + of(line), 0n);
}

/** Units and money of a hold return: what of each line was not settled. */
export function giveBackRest(
  books: Books,
  lines: Lines,
  settled: (line: PurchaseLine) => Settled,
): bigint {
  let restMinor = 0n;
  for (const line of lines) {
    const { settledQuantity, settledMinor } = settled(line);
    const units = line.quantity - settledQuantity;
    assert(units >= 0n, "no more can be settled than was held");
    if (line.poolId !== null && units > 0n) books.pool(line.poolId).giveBack(units);
    restMinor += line.amountMinor - settledMinor;
  }
  if (restMinor !== 0n) books.mandate(lines[0].mandateId).giveBack(restMinor, lines[0]);
  return restMinor;
}

export interface Settled {
  readonly settledQuantity: bigint;
  readonly settledMinor: bigint;
}
