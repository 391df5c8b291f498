import { grantedText } from "./answers.ts";
import type { Books } from "./books.ts";
import { legs } from "./ledger.ts";
import { gated, purchaseOf, sum } from "./on-purchase.ts";
import { rejected, type Decision, type Decline, type Entry, type RefundAsk } from "./types.ts";

/** Whole or part of a settled line: budget back, units back if asked. Never above what was settled. */
export function refund(books: Books, entry: Entry, ask: RefundAsk): Decision | Decline {
  const lines = purchaseOf(books, ask);
  if ("kind" in lines) return lines;
  const line = lines.find(({ line: number }) => number === (ask.line ?? 0));
  if (!line) return rejected("INVALID_ASK", `Purchase ${ask.purchaseId} has no line ${ask.line}.`);
  const asked = ask.amountMinor;
  const returned = ask.returnQuantity ?? 0n;
  if (line.state !== "settled") {
    return { failureCode: "OVER_REFUND", reason: "NOT_SETTLED", limit: 0n, used: 0n, asked };
  }
  // A discount is a line of its own: neither the line nor the whole may give back more than it took.
  for (const part of [[line] as const, lines]) {
    const limit = sum(part, ({ settledMinor }) => settledMinor);
    const used = sum(part, ({ refundedMinor }) => refundedMinor);
    if (used + asked > limit) {
      return { failureCode: "OVER_REFUND", reason: "OVER_REFUND", limit, used, asked };
    }
  }
  if (line.returnedQuantity + returned > line.settledQuantity) {
    const { settledQuantity: limit, returnedQuantity: used } = line;
    return { failureCode: "OVER_REFUND", reason: "OVER_RETURN", limit, used, asked: returned };
  }
  if (gated(books, lines)) return { kind: "wait" };

  // After this point the ask is granted.
  const { purchaseId, tenantId, merchantId, mandateId, currency } = line;
  if (line.poolId !== null && returned > 0n) books.pool(line.poolId).giveBack(returned);
  if (asked > 0n) books.mandate(mandateId).giveBack(asked, line);
  books.change(lines, (other) =>
    other.line !== line.line
      ? {}
      : {
          refundedMinor: line.refundedMinor + asked,
          returnedQuantity: line.returnedQuantity + returned,
        },
  );
  books.book(
    ...legs(
      { purchaseId, txnId: entry.id, kind: "refund", tenantId, currency },
      ["MERCHANT_PAYABLE", merchantId, -asked],
      ["MANDATE_RESERVED", mandateId, asked],
    ),
  );
  books.announce({ eventId: entry.id, tenantId, kind: "purchase.refunded", subjectId: purchaseId });
  const ids = { intentId: entry.id, purchaseId, ledgerTxnId: entry.id };
  const amount = { amountMinor: asked, currency, attempts: books.attempt };
  const text = grantedText({ outcome: "REFUNDED", ...ids, ...amount });
  books.answer(entry, true, purchaseId, text);
  return { kind: "granted", id: entry.id, text };
}
