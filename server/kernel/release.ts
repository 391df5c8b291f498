import { grantedText } from "./answers.ts";
import type { Books } from "./books.ts";
import { legs } from "./ledger.ts";
import { gated, giveBackRest, purchaseOf, type Lines } from "./on-purchase.ts";
import type { Decision, Decline, Entry, ReleaseAsk } from "./types.ts";

const nothing = { settledQuantity: 0n, settledMinor: 0n };

/** Gives a hold back: cancelled, or its payment failed. By new legs, never by deleting. */
export function release(books: Books, entry: Entry, ask: ReleaseAsk): Decision | Decline {
  const lines = purchaseOf(books, ask);
  if ("kind" in lines) return lines;
  const [{ state, purchaseId, currency }] = lines;
  if (state === "settled") return { failureCode: "ALREADY_SETTLED", reason: "CAPTURED" };
  if (state === "released") return { failureCode: "ALREADY_SETTLED", reason: "RELEASED" };
  if (state === "expired") return { failureCode: "HOLD_EXPIRED", reason: "HOLD_EXPIRED" };
  if (gated(books, lines)) return { kind: "wait" };

  // After this point the ask is granted.
  const amountMinor = undo(books, lines, entry.id, "release");
  const ids = { intentId: entry.id, purchaseId, ledgerTxnId: entry.id };
  const { attempt: attempts } = books;
  const text = grantedText({ outcome: "RELEASED", ...ids, amountMinor, currency, attempts });
  books.answer(entry, true, purchaseId, text);
  return { kind: "granted", id: entry.id, text };
}

/**
 * Releases a hold past its time on behalf of a claim that needs what it holds: expiry does not wait
 * for a sweeper. Nobody asked, so there is no answer row and the ledger transaction has its own id.
 */
export function expire(books: Books, purchaseId: string, txnId: string): void {
  const [first, ...more] = books.purchase(purchaseId) ?? [];
  if (first?.state !== "held") return;
  const lines: Lines = [first, ...more];
  if (!gated(books, lines)) undo(books, lines, txnId, "expire");
}

function undo(books: Books, lines: Lines, txnId: string, kind: "release" | "expire"): bigint {
  const [{ purchaseId, tenantId, merchantId, mandateId, currency }] = lines;
  const amountMinor = giveBackRest(books, lines, () => nothing);
  books.change(lines, () => ({ state: kind === "release" ? "released" : "expired" }));
  books.book(
    ...legs(
      { purchaseId, txnId, kind, tenantId, currency },
      ["MERCHANT_HELD", merchantId, -amountMinor],
      ["MANDATE_RESERVED", mandateId, amountMinor],
    ),
  );
  const event = kind === "release" ? "purchase.released" : "purchase.expired";
  books.announce({ eventId: txnId, tenantId, kind: event, subjectId: purchaseId });
  return amountMinor;
}
