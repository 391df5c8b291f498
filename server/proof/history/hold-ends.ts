import type { AnswerRow, History } from "./history.ts";
import { askedOf, indexOf, momentsOf } from "./indexed.ts";

/** What a hold or an extension said: it was written between two moments, and for how long. */
export interface End {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

export function endIn(history: History, row: AnswerRow): End | undefined {
  if (!row.granted) return undefined;
  const asked = askedOf(history, row);
  if (asked?.kind !== "hold" && asked?.kind !== "extend") return undefined;
  const [from, to] = momentsOf(history, row);
  return { from, to, ms: (asked.holdSeconds ?? 0) * 1_000 };
}

/**
 * Ends are counted by the database's clock and looked at by ours: a millisecond a second, and what a clock is
 * set by.
 */
export const slackOf = (ms: number): number => 100 + ms / 1_000;

/** Before this it cannot have been over: to whoever buys what it held. */
export function overFrom(history: History, purchaseId: string): number {
  const row = indexOf(history).answerById.get(purchaseId);
  const end = row && endIn(history, row);
  return end ? end.from + end.ms - slackOf(end.ms) : -Infinity;
}
