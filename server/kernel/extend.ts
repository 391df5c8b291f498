import { grantedText } from "./answers.ts";
import type { Books } from "./books.ts";
import { notHeld } from "./capture.ts";
import { purchaseOf, sum } from "./on-purchase.ts";
import type { Decision, Decline, Entry, ExtendAsk } from "./types.ts";

/** Moves a hold's end to `holdSeconds` from now, unless it is later already. No money moves. */
export function extend(books: Books, entry: Entry, ask: ExtendAsk): Decision | Decline {
  const lines = purchaseOf(books, ask);
  if ("kind" in lines) return lines;
  const decline = notHeld(lines, books.facts.nowMs);
  if (decline) return decline;

  // After this point the ask is granted.
  const [{ purchaseId, tenantId, currency, expiresAtMs: before }] = lines;
  const expiresAtMs = Math.max(before ?? 0, books.facts.nowMs + ask.holdSeconds * 1000);
  books.change(lines, () => ({ expiresAtMs }));
  books.announce({ eventId: entry.id, tenantId, kind: "purchase.extended", subjectId: purchaseId });
  const amountMinor = sum(lines, (line) => line.amountMinor);
  const { attempt: attempts } = books;
  const ids = { intentId: entry.id, purchaseId };
  const text = grantedText({
    outcome: "EXTENDED",
    ...ids,
    expiresAtMs,
    amountMinor,
    currency,
    attempts,
  });
  books.answer(entry, true, purchaseId, text);
  return { kind: "granted", id: entry.id, text };
}
