import type { AnswerRow, Check, History, Violation } from "./history.ts";
import { askedOf, indexOf, momentsOf } from "./indexed.ts";
import { reasonOf } from "./said.ts";

/**
 * C7: a hold keeps what it holds until the end that it was told, and not for longer. Its end is counted by
 * the database's clock and looked at by ours, so that both may differ by a little.
 */
export const holdsLast: Check = (history) => {
  const found: Violation[] = [];
  const endsOf = new Map<string, readonly End[]>();
  for (const row of history.books.answers) {
    const end = endIn(history, row);
    if (end) endsOf.set(row.purchaseId, [...(endsOf.get(row.purchaseId) ?? []), end]);
  }
  for (const row of history.books.answers) {
    const ends = row.kind === "hold" || row.kind === "refund" ? [] : endsOf.get(row.purchaseId);
    const says = ends && ends.length > 0 ? wrongAt(history, row, ends) : undefined;
    if (says !== undefined)
      found.push({ check: "C7", says: `${row.key} ${says}`, keys: [row.key] });
  }
  for (const { txnId, purchaseId, kind } of history.books.transactions) {
    if (kind !== "expire" || endsOf.has(purchaseId)) continue;
    found.push({
      check: "C7",
      says: `${purchaseId} is over (${txnId}), and was no hold`,
      keys: [],
    });
  }
  return found;
};

/** What a hold or an extension said: it was written between two moments, and for how long. */
interface End {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

function endIn(history: History, row: AnswerRow): End | undefined {
  if (!row.granted) return undefined;
  const asked = askedOf(history, row);
  if (asked?.kind !== "hold" && asked?.kind !== "extend") return undefined;
  const [from, to] = momentsOf(history, row);
  return { from, to, ms: (asked.holdSeconds ?? 0) * 1_000 };
}

/** A millisecond a second, and what a clock is set by. */
const slackOf = (ms: number): number => 100 + ms / 1_000;

function wrongAt(history: History, row: AnswerRow, ends: readonly End[]): string | undefined {
  const [from, to] = momentsOf(history, row);
  if (row.granted && row.kind !== "release") {
    // It may have been kept by any extension that did not surely come later.
    const latest = Math.max(
      ...ends.filter((end) => end.from <= to).map((end) => end.to + end.ms + slackOf(end.ms)),
    );
    return from > latest ? `was granted for a hold that was over` : undefined;
  }
  if (row.granted || reasonOf(row.said) !== "HOLD_EXPIRED") return undefined;
  // What is over is not extended any more, so each extension that was granted came before.
  const earliest = Math.max(...ends.map((end) => end.from + end.ms - slackOf(end.ms)));
  return to < earliest ? "was told its hold is over, and it was not" : undefined;
}

/** Before this it cannot have been over: to whoever buys what it held. */
export function overFrom(history: History, purchaseId: string): number {
  const row = indexOf(history).answerById.get(purchaseId);
  const end = row && endIn(history, row);
  return end ? end.from + end.ms - slackOf(end.ms) : -Infinity;
}
