import type { AnswerRow, History, LineRow } from "./history.ts";
import { overFrom } from "./hold-ends.ts";
import { askedOf, indexOf, isBuying, momentsOf } from "./indexed.ts";

/** What one thing did to an item's free units, or to a mandate's free money. */
export interface Effect {
  readonly of: "stock" | "money";
  readonly subjectId: string;
  /** Below zero where something was taken. */
  readonly amount: number;
  /** It took place after `from` and before `to`. */
  readonly from: number;
  readonly to: number;
  readonly key: string;
  readonly xid?: string;
  /** It wrote the bucket that it was gated by, whatever the sum of the batch came to. */
  readonly grants?: LineRow;
}

const kept = new WeakMap<History, readonly Effect[]>();

export function effectsIn(history: History): readonly Effect[] {
  let effects = kept.get(history);
  if (effects === undefined) {
    effects = [...ofAnswers(history), ...ofExpiries(history), ...ofCommands(history)];
    kept.set(history, effects);
  }
  return effects;
}

function ofAnswers(history: History): Effect[] {
  const effects: Effect[] = [];
  for (const row of history.books.answers) {
    if (!row.granted) continue;
    const [from, to] = momentsOf(history, row);
    const rest = { from, to, key: row.key, ...(row.xid !== undefined && { xid: row.xid }) };
    effects.push(...partsOf(history, row).map((part) => ({ ...part, ...rest })));
  }
  return effects;
}

type Part = Pick<Effect, "of" | "subjectId" | "amount" | "grants">;

function partsOf(history: History, row: AnswerRow): Part[] {
  const lines = indexOf(history).linesOf.get(row.purchaseId) ?? [];
  const [first] = lines;
  if (first === undefined) return [];
  if (isBuying(row.kind)) return claimed(lines);
  if (row.kind === "release") return givenBack(lines);
  const asked = askedOf(history, row);
  if (asked?.kind === "capture") {
    return givenBack(
      lines,
      (line) => line.settledQuantity,
      (line) => line.settledMinor,
    );
  }
  if (asked?.kind !== "refund") return [];
  const { amountMinor, returnQuantity = 0, line: number = 0 } = asked;
  const itemId = lines.find(({ line }) => line === number)?.itemId ?? "";
  const parts: Part[] = [];
  if (returnQuantity > 0) parts.push({ of: "stock", subjectId: itemId, amount: returnQuantity });
  if (amountMinor > 0) parts.push({ of: "money", subjectId: first.mandateId, amount: amountMinor });
  return parts;
}

const claimed = (lines: readonly LineRow[]): Part[] =>
  lines.flatMap((line) => [
    { of: "stock", subjectId: line.itemId, amount: -line.quantity, grants: line },
    { of: "money", subjectId: line.mandateId, amount: -line.amountMinor, grants: line },
  ]);

const none = (): number => 0;

/** A hold's end: all that it held, less what was settled of it. */
function givenBack(
  lines: readonly LineRow[],
  units: (line: LineRow) => number = none,
  minor: (line: LineRow) => number = none,
): Part[] {
  return lines
    .flatMap((line): Part[] => [
      { of: "stock", subjectId: line.itemId, amount: line.quantity - units(line) },
      { of: "money", subjectId: line.mandateId, amount: line.amountMinor - minor(line) },
    ])
    .filter(({ amount }) => amount > 0);
}

/** Nobody asked for them: they may have come at any time after the end that the hold was told. */
function ofExpiries(history: History): Effect[] {
  const { linesOf } = indexOf(history);
  return history.books.transactions
    .filter(({ kind }) => kind === "expire")
    .flatMap(({ txnId, purchaseId, xid }) => {
      const rest = {
        from: overFrom(history, purchaseId),
        to: Infinity,
        key: txnId,
        ...(xid !== undefined && { xid }),
      };
      return givenBack(linesOf.get(purchaseId) ?? []).map((part) => ({ ...part, ...rest }));
    });
}

function ofCommands(history: History): Effect[] {
  const effects: Effect[] = [];
  const sent = Map.groupBy(history.commands, ({ key }) => key);
  for (const { itemId, quantity, reason, xid } of history.books.moves) {
    const attempts = sent.get(reason);
    const from = attempts === undefined ? -Infinity : Math.min(...attempts.map(({ inv }) => inv));
    const heard = (attempts ?? []).filter(({ outcome }) => outcome === "ok").map(({ ret }) => ret);
    const to = attempts === undefined ? -Infinity : Math.min(Infinity, ...heard);
    const rest = { from, to, key: reason, ...(xid !== undefined && { xid }) };
    effects.push({ of: "stock", subjectId: itemId, amount: quantity, ...rest });
  }
  for (const { mandateId, capMinor } of history.shelf.mandates) {
    const opening = { from: -Infinity, to: -Infinity, key: "opening" };
    effects.push({ of: "money", subjectId: mandateId, amount: capMinor, ...opening });
  }
  // A top-up in doubt may count once or not at all: it makes the upper bound higher, and not the lower.
  for (const [key, attempts] of sent) {
    const [{ command }] = attempts as [(typeof attempts)[0]];
    if (command.kind !== "topUp" || attempts.every(({ outcome }) => outcome === "fail")) continue;
    const from = Math.min(...attempts.map(({ inv }) => inv));
    const heard = attempts.filter(({ outcome }) => outcome === "ok").map(({ ret }) => ret);
    const { mandateId: subjectId, amountMinor: amount } = command;
    effects.push({ of: "money", subjectId, amount, from, to: Math.min(Infinity, ...heard), key });
  }
  return effects;
}
