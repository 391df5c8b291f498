import type { AnswerRow, Check, History, Violation } from "./history.ts";
import { endIn, slackOf, type End } from "./hold-ends.ts";
import { momentsOf } from "./indexed.ts";
import { reasonOf } from "./said.ts";

/** C7: a hold is not called over before the end that it was told, and nothing keeps it for longer. */
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
