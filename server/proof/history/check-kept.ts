import type { Check, History, LineRow, Violation } from "./history.ts";
import { askedOf, indexOf } from "./indexed.ts";

/** C1 and C3: what an answer or an acknowledged command says was done was done, and no more of it. */
export const nothingElse: Check = (history) => [
  ...capturesAsAsked(history),
  ...restocksKept(history),
  ...capsKept(history),
];

/** A capture settles what it was asked for: the part, or else all that was held. */
function capturesAsAsked(history: History): Violation[] {
  const found: Violation[] = [];
  for (const row of history.books.answers) {
    const asked = row.granted && row.kind === "capture" ? askedOf(history, row) : undefined;
    if (asked?.kind !== "capture") continue;
    const lines = indexOf(history).linesOf.get(row.purchaseId) ?? [];
    const due = asked.quantity ?? sumOf(lines, ({ quantity }) => quantity);
    const was = sumOf(lines, ({ settledQuantity }) => settledQuantity);
    const says = `${row.key} captured ${due} units, and ${was} are settled`;
    if (was !== due) found.push({ check: "C1", says, keys: [row.key] });
  }
  return found;
}

function restocksKept({ commands, books }: History): Violation[] {
  const moved = new Set(books.moves.map(({ reason }) => reason));
  return commands
    .filter(({ command, outcome, key }) => {
      return command.kind === "restock" && outcome === "ok" && !moved.has(key);
    })
    .map(({ key }) => {
      return { check: "C1", says: `${key} was acknowledged, and no stock moved`, keys: [key] };
    });
}

/** A top-up in doubt may count once or not at all. */
function capsKept({ shelf, commands, books }: History): Violation[] {
  const found: Violation[] = [];
  const sent = Map.groupBy(commands, ({ key }) => key);
  for (const { mandateId, capMinor } of shelf.mandates) {
    const cap = books.caps.get(mandateId);
    let [least, most] = [capMinor, capMinor];
    const keys: string[] = [];
    for (const [key, attempts] of sent) {
      const [{ command }] = attempts as [(typeof attempts)[0]];
      if (command.kind !== "topUp" || command.mandateId !== mandateId) continue;
      const isDone = attempts.some(({ outcome }) => outcome === "ok");
      if (isDone) least += command.amountMinor;
      if (isDone || attempts.some(({ outcome }) => outcome === "info")) most += command.amountMinor;
      keys.push(key);
    }
    if (cap === undefined || (cap >= least && cap <= most)) continue;
    const says = `the cap of ${mandateId} is ${cap}, and its top-ups make it ${least} to ${most}`;
    found.push({ check: cap < least ? "C1" : "C3", says, keys });
  }
  return found;
}

function sumOf(lines: readonly LineRow[], of: (line: LineRow) => number): number {
  return lines.reduce((sum, line) => sum + of(line), 0);
}
