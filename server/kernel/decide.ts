import { assert, unreachable } from "../base/assert.ts";
import { declinedText } from "./answers.ts";
import { Books } from "./books.ts";
import { capture } from "./capture.ts";
import { buy } from "./commit.ts";
import { extend } from "./extend.ts";
import type { Facts } from "./facts.ts";
import type { Plan } from "./plan.ts";
import { refund } from "./refund.ts";
import { expire, release } from "./release.ts";
import { rejected, type Ask, type Decision, type Decline, type Entry } from "./types.ts";

/** How an answer is found again: a key belongs to a merchant. */
export function keyOf({ merchantId, key }: Pick<Ask, "merchantId" | "key">): string {
  return `${merchantId}\n${key}`;
}

/**
 * The rule of the house, without the house: no I/O, no clock, no randomness. Walks the asks in the
 * order of their arrival over a running copy of the facts; says what each is answered and what all
 * of them together write.
 */
export function decide(
  entries: readonly Entry[],
  facts: Facts,
  attempt: number,
): { decisions: Decision[]; plan: Plan } {
  const books = openBooks(facts, attempt);
  const decisions = entries.map((entry) => decideOne(books, entry));
  return { decisions, plan: books.plan() };
}

/** The books before the first ask: what expired holds kept is free again. */
export function openBooks(facts: Facts, attempt: number): Books {
  const books = new Books(facts, attempt);
  for (const { purchaseId, txnId } of facts.expired) expire(books, purchaseId, txnId);
  return books;
}

function decideOne(books: Books, entry: Entry): Decision {
  const { ask } = entry;
  const owner = books.facts.merchants.get(ask.merchantId);
  if (owner === undefined)
    return rejected("UNKNOWN_MERCHANT", `There is no merchant ${ask.merchantId}.`);
  // Before recall: nobody replays another tenant's answer.
  if (owner !== ask.tenantId)
    return rejected("FORBIDDEN", "This merchant belongs to another tenant.");
  const stored = books.facts.recalled.get(keyOf(ask));
  if (stored) {
    assert(
      stored.tenantId === ask.tenantId,
      "a merchant's answers belong to the merchant's tenant",
    );
    if (stored.fingerprint !== entry.fingerprint) return { kind: "conflict" };
    return { kind: "recalled", stored };
  }
  const decided = decideKind(books, entry, ask);
  return "kind" in decided ? decided : declined(books, entry, decided);
}

function decideKind(books: Books, entry: Entry, ask: Ask): Decision | Decline {
  switch (ask.kind) {
    case "commit":
    case "hold":
      return buy(books, entry, ask);
    case "capture":
      return capture(books, entry, ask);
    case "extend":
      return extend(books, entry, ask);
    case "release":
      return release(books, entry, ask);
    case "refund":
      return refund(books, entry, ask);
    default:
      return unreachable(ask);
  }
}

/** A decline is an answer: stored under its key, replayed for ever. */
function declined(books: Books, entry: Entry, decline: Decline): Decision {
  const text = declinedText(entry.id, decline, books.attempt);
  const subject = "purchaseId" in entry.ask ? entry.ask.purchaseId : entry.id;
  books.answer(entry, false, subject, text);
  return { kind: "declined", id: entry.id, text };
}
