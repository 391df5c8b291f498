import { Bounds } from "./bounds.ts";
import { effectsIn, type Effect } from "./effects.ts";
import type { AnswerRow, Asked, Check, History, Violation } from "./history.ts";
import { askedOf, indexOf, isBuying, momentsOf } from "./indexed.ts";
import { partsOf, reasonOf } from "./said.ts";

/**
 * C7, in sum: at no moment was more out than there was, and who was told that it is sold out, or that
 * the mandate is spent, was told so at a moment when it may have been. The sum of the buckets is not
 * linearizable for who reads it, so that is a question of bounds; each bucket is (check-chains.ts).
 */
export const neverOversold: Check = (history) => {
  const found: Violation[] = [];
  const sums = sumsOf(history);
  for (const [subject, { bounds, effects }] of sums) {
    const at = bounds.negativeAt;
    if (at === undefined) continue;
    const takers = effects.filter(({ amount, to }) => amount < 0 && to <= at);
    const says = `${subject} was surely below zero ${at.toFixed(3)} ms into the run`;
    found.push({ check: "C7", says, keys: takers.slice(-shown).map(({ key }) => key) });
  }
  for (const row of history.books.answers) {
    const says = row.granted ? undefined : wrongDecline(history, sums, row);
    if (says !== undefined)
      found.push({ check: "C7", says: `${row.key} ${says}`, keys: [row.key] });
  }
  return found;
};

/** Of many that took together too much, the last ones. */
const shown = 5;

type Sums = ReadonlyMap<string, { readonly bounds: Bounds; readonly effects: readonly Effect[] }>;

function sumsOf(history: History): Sums {
  const all = Map.groupBy(effectsIn(history), ({ of, subjectId }) => `${of} ${subjectId}`);
  return new Map(
    [...all].map(([subject, effects]) => [subject, { bounds: new Bounds(effects), effects }]),
  );
}

function wrongDecline(history: History, sums: Sums, row: AnswerRow): string | undefined {
  const asked = askedOf(history, row);
  if (asked === undefined) return undefined;
  const reason = reasonOf(row.said);
  const moments = momentsOf(history, row);
  if (isBuying(asked.kind) && "lines" in asked) {
    if (reason === "SOLD_OUT") return wrongSoldOut(sums, asked, moments, row.said);
    if (reason === "CAP") return wrongCap(sums, asked, moments, row.said);
    if (reason === "DUPLICATE_SUSPECTED") return wrongDuplicate(history, asked, moments);
    return stops.has(reason) ? undefined : `was declined as ${reason}, which nothing here says`;
  }
  if (asked.kind === "refund") return wrongNoRefund(history, asked, reason, moments);
  return "purchaseId" in asked ? wrongEnd(history, asked.purchaseId, reason, moments) : undefined;
}

/** By commands: see check-gates.ts. A world's mandates have no other rules than a cap and a window. */
const stops = new Set<string | undefined>(["PAUSED", "REVOKED", "ITEM_CLOSED"]);

type Buying = Extract<Asked, { lines: unknown }>;
type Refunding = Extract<Asked, { kind: "refund" }>;
type Moments = readonly [from: number, to: number];

function wrongSoldOut(
  sums: Sums,
  { lines }: Buying,
  [from, to]: Moments,
  said: string,
): string | undefined {
  const units = Map.groupBy(lines, ({ itemId }) => itemId);
  const short = [...units].some(([itemId, some]) => {
    const wanted = some.reduce((sum, { quantity }) => sum + quantity, 0);
    return (sums.get(`stock ${itemId}`)?.bounds.leastWithin(from, to) ?? 0) < wanted;
  });
  if (!short) return "was told it is sold out, and there was enough all the while";
  const [only, ...others] = units.keys();
  const { limit } = partsOf(said);
  const bounds = others.length > 0 ? undefined : sums.get(`stock ${only}`)?.bounds;
  return outside(bounds, [from, to], limit, "units were left");
}

function wrongCap(
  sums: Sums,
  { mandateId, amountMinor }: Buying,
  [from, to]: Moments,
  said: string,
): string | undefined {
  const bounds = sums.get(`money ${mandateId}`)?.bounds;
  if (bounds === undefined) return undefined;
  if (bounds.leastWithin(from, to) >= amountMinor)
    return "was told the mandate is spent, and there was enough all the while";
  const { limit = 0, used = 0 } = partsOf(said);
  return outside(bounds, [from, to], limit - used, "of the mandate was left");
}

/** What it was told was left may have been left at some moment. */
function outside(
  bounds: Bounds | undefined,
  [from, to]: Moments,
  told: number | undefined,
  what: string,
): string | undefined {
  if (bounds === undefined || told === undefined) return undefined;
  const [least, most] = [bounds.leastWithin(from, to), bounds.mostWithin(from, to)];
  return told < least || told > most
    ? `was told that ${told} ${what}, and it was ${least} to ${most}`
    : undefined;
}

/** The same agent bought the same thing a moment before: under another key of the operation. */
function wrongDuplicate(
  history: History,
  { agentId }: Buying,
  [, to]: Moments,
): string | undefined {
  const { linesBy, answerById } = indexOf(history);
  const bought = (linesBy.get(agentId) ?? []).some(({ purchaseId }) => {
    const row = answerById.get(purchaseId);
    return row !== undefined && momentsOf(history, row)[0] <= to;
  });
  return bought ? undefined : `was called a repetition, and ${agentId} had bought nothing`;
}

/** Nothing was settled yet, or so much given back before that it could have been too much. */
function wrongNoRefund(
  history: History,
  { purchaseId, amountMinor, returnQuantity = 0, line: number = 0 }: Refunding,
  reason: string | undefined,
  [from, to]: Moments,
): string | undefined {
  const { linesOf, answersOn } = indexOf(history);
  const line = (linesOf.get(purchaseId) ?? []).find((one) => one.line === number);
  const rows = (answersOn.get(purchaseId) ?? []).filter(({ granted }) => granted);
  const settled = rows.some(
    (row) =>
      row.kind === "commit" || (row.kind === "capture" && momentsOf(history, row)[1] <= from),
  );
  if (reason === "NOT_SETTLED")
    return settled ? "was told that nothing is settled yet, and it was" : undefined;
  let [minor, units] = [amountMinor, returnQuantity];
  for (const row of rows) {
    const asked = row.kind === "refund" ? askedOf(history, row) : undefined;
    if (asked?.kind !== "refund" || momentsOf(history, row)[0] > to) continue;
    minor += asked.amountMinor;
    units += asked.returnQuantity ?? 0;
  }
  const [least, most] =
    reason === "OVER_RETURN" ? [units, line?.settledQuantity] : [minor, line?.settledMinor];
  return most !== undefined && least <= most
    ? `was declined as ${reason}, and all together comes to ${least} of ${most}`
    : undefined;
}

const endings: Readonly<Record<string, string>> = { CAPTURED: "capture", RELEASED: "release" };

/** A commit is captured from its first moment. */
function wrongEnd(
  history: History,
  purchaseId: string,
  reason: string | undefined,
  [, to]: Moments,
): string | undefined {
  const kind = endings[reason ?? ""];
  if (kind === undefined) return undefined;
  const ended = (indexOf(history).answersOn.get(purchaseId) ?? []).some(
    (row) =>
      row.granted &&
      (row.kind === kind || (row.kind === "commit" && kind === "capture")) &&
      momentsOf(history, row)[0] <= to,
  );
  return ended ? undefined : `was told its purchase has had its ${kind}, and it had none`;
}
