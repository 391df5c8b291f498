import { violationsOf } from "./check.ts";
import type { Attempt, History, Violation } from "./history.ts";

/**
 * The smallest part of a history that shows a violation: its keys alone, and of their attempts as few
 * as it takes. What hangs on the order of many (stock, buckets) is shown by its keys as they are.
 */
export function shrink(history: History, violation: Violation): readonly Attempt[] {
  const keys = new Set(violation.keys);
  const shown = history.attempts.filter(({ key }) => keys.has(key));
  if (!/^C[1-6]$/.test(violation.check)) return shown;
  const breaks = (attempts: readonly Attempt[]): boolean =>
    stillShows({ ...history, attempts }, violation);
  if (!breaks(shown)) return shown;
  return smallest(shown, breaks);
}

function stillShows(history: History, { check, keys }: Violation): boolean {
  const wanted = new Set(keys);
  const { books } = history;
  const answers = books.answers.filter(({ key }) => wanted.has(key));
  const ids = new Set(answers.map(({ purchaseId }) => purchaseId));
  const part: History = {
    ...history,
    commands: history.commands.filter(({ key }) => wanted.has(key)),
    reads: [],
    sums: [],
    books: {
      ...books,
      answers,
      lines: books.lines.filter(({ purchaseId }) => ids.has(purchaseId)),
      transactions: books.transactions.filter(({ purchaseId }) => ids.has(purchaseId)),
      moves: books.moves.filter(({ reason }) => wanted.has(reason)),
      events: undefined,
      writes: undefined,
    },
  };
  return violationsOf(part).some(
    (one) => one.check === check && one.keys.some((key) => wanted.has(key)),
  );
}

/** Leaves out one after the other for as long as it still breaks. */
function smallest(
  attempts: readonly Attempt[],
  breaks: (attempts: readonly Attempt[]) => boolean,
): readonly Attempt[] {
  let left = attempts;
  for (const attempt of attempts) {
    const without = left.filter((one) => one !== attempt);
    if (breaks(without)) left = without;
  }
  return left;
}

/** As it is printed: one line an attempt, in the order in which they were sent. */
export function asLines(attempts: readonly Attempt[]): string[] {
  return attempts
    .toSorted((a, b) => a.inv - b.inv)
    .map(({ nth, op, key, asked, inv, ret, outcome, what, id, replayed }) => {
      const [from, to] = [inv.toFixed(1).padStart(9), ret.toFixed(1).padStart(9)];
      const told = id === undefined ? what : `${what} ${id}${replayed === true ? " (again)" : ""}`;
      return `${from} to ${to} ms  #${nth} op ${op} ${asked.kind} ${key}: ${outcome}, ${told}`;
    });
}
