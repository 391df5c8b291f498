import type { AnswerRow, Asked, Attempt, History, LineRow } from "./history.ts";

/** The same history, found by what the checks look for. */
export interface Indexed {
  readonly byKey: ReadonlyMap<string, readonly Attempt[]>;
  readonly answerByKey: ReadonlyMap<string, AnswerRow>;
  readonly answerById: ReadonlyMap<string, AnswerRow>;
  readonly linesOf: ReadonlyMap<string, readonly LineRow[]>;
  readonly linesBy: ReadonlyMap<string, readonly LineRow[]>;
  readonly answersOn: ReadonlyMap<string, readonly AnswerRow[]>;
}

const kept = new WeakMap<History, Indexed>();

export function indexOf(history: History): Indexed {
  let found = kept.get(history);
  if (found === undefined) {
    const { answers, lines } = history.books;
    found = {
      byKey: Map.groupBy(history.attempts, ({ key }) => key),
      answerByKey: new Map(answers.map((row) => [row.key, row])),
      answerById: new Map(answers.map((row) => [row.id, row])),
      linesOf: Map.groupBy(lines, ({ purchaseId }) => purchaseId),
      linesBy: Map.groupBy(lines, ({ agentId }) => agentId),
      answersOn: Map.groupBy(answers, ({ purchaseId }) => purchaseId),
    };
    kept.set(history, found);
  }
  return found;
}

/** What was asked when a row was written: that of an attempt at its key with the same content. */
export function askedOf(history: History, row: AnswerRow): Asked | undefined {
  const attempts = indexOf(history).byKey.get(row.key) ?? [];
  return attempts.find(({ fingerprint }) => fingerprint === row.fingerprint)?.asked;
}

/**
 * Between which moments a row was surely written: after the first attempt at it was sent, and before
 * the first answer about it was heard.
 */
export function momentsOf(history: History, row: AnswerRow): [from: number, to: number] {
  let from = Infinity;
  let to = Infinity;
  for (const attempt of indexOf(history).byKey.get(row.key) ?? []) {
    if (attempt.fingerprint !== row.fingerprint) continue;
    from = Math.min(from, attempt.inv);
    if (attempt.outcome === "ok") to = Math.min(to, attempt.ret);
  }
  return [from === Infinity ? -Infinity : from, to];
}

export const isBuying = (kind: string): boolean => kind === "commit" || kind === "hold";
