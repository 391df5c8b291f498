import { grantedText } from "./answers.ts";
import type { Books } from "./books.ts";
import type { PurchaseLine } from "./facts.ts";
import { legs, type Move } from "./ledger.ts";
import { gated, giveBackRest, purchaseOf, sum, type Lines, type Settled } from "./on-purchase.ts";
import { rejected, type CaptureAsk, type Decision, type Decline, type Entry } from "./types.ts";

/** Settles a hold, whole or part, once. Allowed after pause, revoke or close: the claim was made before. */
export function capture(books: Books, entry: Entry, ask: CaptureAsk): Decision | Decline {
  const lines = purchaseOf(books, ask);
  if ("kind" in lines) return lines;
  const decline = notHeld(lines, books.facts.nowMs);
  if (decline) return decline;
  if (gated(books, lines)) return { kind: "wait" };
  const settled = settledPart(lines, ask);
  if ("kind" in settled) return settled;

  // After this point the ask is granted.
  const [{ merchantId, mandateId, purchaseId, currency, tenantId }] = lines;
  const part = (line: PurchaseLine) =>
    settled.get(line.line) ?? { settledQuantity: 0n, settledMinor: 0n };
  const wholeMinor = sum(lines, (line) => line.amountMinor);
  const settledMinor = sum(lines, (line) => part(line).settledMinor);
  const restMinor = giveBackRest(books, lines, part);
  const rest: Move[] = restMinor === 0n ? [] : [["MANDATE_RESERVED", mandateId, restMinor]];
  books.change(lines, (line) => ({ state: "settled", ...part(line) }));
  books.book(
    ...legs(
      { purchaseId, txnId: entry.id, kind: "capture", tenantId, currency },
      ["MERCHANT_HELD", merchantId, -wholeMinor],
      ["MERCHANT_PAYABLE", merchantId, settledMinor],
      ...rest,
    ),
  );
  books.announce({ eventId: entry.id, tenantId, kind: "purchase.captured", subjectId: purchaseId });
  const ids = { intentId: entry.id, purchaseId, ledgerTxnId: entry.id };
  const amount = { amountMinor: settledMinor, currency, attempts: books.attempt };
  const text = grantedText({ outcome: "CAPTURED", ...ids, ...amount });
  books.answer(entry, true, purchaseId, text);
  return { kind: "granted", id: entry.id, text };
}

/** Why a hold can no longer be settled or kept longer. */
export function notHeld(lines: Lines, nowMs: number): Decline | undefined {
  const [{ state, expiresAtMs }] = lines;
  if (state === "settled") return { failureCode: "ALREADY_SETTLED", reason: "CAPTURED" };
  if (state === "released") return { failureCode: "ALREADY_SETTLED", reason: "RELEASED" };
  if (state === "expired" || (expiresAtMs !== null && nowMs >= expiresAtMs)) {
    return { failureCode: "HOLD_EXPIRED", reason: "HOLD_EXPIRED" };
  }
  return undefined;
}

/** By line, what of it is settled. A part is counted in units, of a hold with one item. */
function settledPart(lines: Lines, ask: CaptureAsk): Map<number, Settled> | Decision {
  const whole = new Map(
    lines.map((l): [number, Settled] => [
      l.line,
      { settledQuantity: l.quantity, settledMinor: l.amountMinor },
    ]),
  );
  if (ask.quantity === undefined) return whole;
  const [item, ...others] = lines.filter(({ itemId }) => itemId !== null);
  if (!item || others.length > 0) {
    return rejected(
      "INVALID_ASK",
      "Only a hold of one item can be captured in part: leave quantity out.",
    );
  }
  if (ask.quantity > item.quantity) {
    return rejected(
      "INVALID_ASK",
      `The hold has ${item.quantity} units; ${ask.quantity} cannot be captured.`,
    );
  }
  const settledMinor = item.unitPriceMinor * ask.quantity;
  whole.set(item.line, { settledQuantity: ask.quantity, settledMinor });
  const total = [...whole.values()].reduce((sumMinor, part) => sumMinor + part.settledMinor, 0n);
  if (total < 0n)
    return rejected("INVALID_ASK", "The discount is larger than what this part costs.");
  return whole;
}
