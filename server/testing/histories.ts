import { violationsOf } from "../proof/history/check.ts";
import type {
  AnswerRow,
  Asked,
  Attempt,
  Books,
  BucketWrite,
  Commanded,
  History,
  LineRow,
} from "../proof/history/history.ts";

/** Histories made by hand: one that is right, and what it takes to make it wrong. */

export const itemId = "item";
export const mandateId = "purse";
const priceMinor = 100;

export const buying = (op: number, quantity = 1, kind: "commit" | "hold" = "commit"): Asked => ({
  kind,
  mandateId,
  agentId: `agent-${op}`,
  lines: [{ itemId, quantity }],
  amountMinor: quantity * priceMinor,
  ...(kind === "hold" && { holdSeconds: 60 }),
});

const said = (id: string): string => `{"outcome":"COMMITTED","intentId":"${id}","attempts":1`;

export const soldOut = (limit: number, asked: number): string =>
  `{"outcome":"DECLINED","reason":"SOLD_OUT","limit":${limit},"asked":${asked}`;

/** Operation `op` asks under its key and is granted between two moments. */
export function granted(
  op: number,
  inv: number,
  ret: number,
  given: Partial<Attempt> = {},
): Attempt {
  const asked = given.asked ?? buying(op);
  return {
    op,
    nth: op,
    key: `k${op}`,
    fingerprint: `f${op}`,
    asked,
    inv,
    ret,
    outcome: "ok",
    what: "granted",
    id: `i${op}`,
    said: said(`i${op}`),
    replayed: false,
    ...given,
  };
}

export function answerOf(attempt: Attempt, given: Partial<AnswerRow> = {}): AnswerRow {
  const { key, fingerprint, asked, id = "", said: text = "", what } = attempt;
  const purchaseId = "purchaseId" in asked ? asked.purchaseId : id;
  const row = { id, key, kind: asked.kind, purchaseId, fingerprint, said: text };
  return { ...row, granted: what === "granted", xid: `x${id}`, ...given };
}

export function lineOf(attempt: Attempt, given: Partial<LineRow> = {}): LineRow {
  const { asked, id = "", op } = attempt;
  const quantity = "lines" in asked ? (asked.lines[0]?.quantity ?? 0) : 0;
  const amountMinor = quantity * priceMinor;
  return {
    purchaseId: id,
    line: 0,
    mandateId,
    agentId: `agent-${op}`,
    itemId,
    quantity,
    amountMinor,
    unitPriceMinor: priceMinor,
    priceVersion: 1,
    rulesVersion: 1,
    version: 1,
    state: asked.kind === "hold" ? "held" : "settled",
    settledQuantity: quantity,
    settledMinor: amountMinor,
    ...given,
  };
}

export const commanded = (
  key: string,
  command: Commanded["command"],
  [inv, ret]: readonly [number, number],
  given: Partial<Commanded> = {},
): Commanded => ({ nth: 0, key, command, inv, ret, outcome: "ok", what: "done", ...given });

const stock = 10;
const capMinor = 100_000;

/** The books that such attempts leave when all is well: a bucket of stock and one of money. */
export function historyOf(attempts: readonly Attempt[], more: Partial<History> = {}): History {
  const seen = new Set<string>();
  const news = attempts.filter(({ outcome, key }) => {
    const isNew = outcome === "ok" && !seen.has(key);
    if (isNew) seen.add(key);
    return isNew;
  });
  const grants = news.filter(({ what }) => what === "granted");
  const bought = grants.filter(({ asked }) => "lines" in asked);
  const answers = news.map((attempt) => answerOf(attempt));
  const lines = bought.map((attempt) => lineOf(attempt));
  const transactions = grants
    .filter(({ asked }) => asked.kind !== "extend")
    .map(({ id = "", asked }) => {
      const purchaseId = "purchaseId" in asked ? asked.purchaseId : id;
      return { txnId: id, purchaseId, kind: asked.kind, legs: 2, offBy: 0, xid: `x${id}` };
    });
  const writes = [
    ...chainOf(
      "stock",
      itemId,
      stock,
      lines.map((line) => [line.purchaseId, -line.quantity]),
    ),
    ...chainOf(
      "money",
      mandateId,
      capMinor,
      lines.map((line) => [line.purchaseId, -line.amountMinor]),
    ),
  ];
  const books: Books = {
    answers,
    lines,
    transactions,
    writes,
    moves: [{ itemId, quantity: stock, reason: "first stock", xid: "x0" }],
    stock: lastOf("stock", writes),
    money: lastOf("money", writes),
    caps: new Map([[mandateId, capMinor]]),
    untold: 0,
    events: grants.map(({ id = "" }) => id),
  };
  const shelf = {
    tenantId: "tenant",
    merchantId: "merchant",
    currency: "USD",
    items: [{ itemId, stock, priceMinor }],
    mandates: [{ mandateId, capMinor }],
  };
  return { seed: 1, shelf, attempts, commands: [], reads: [], sums: [], books, ...more };
}

/** The same with other rows. */
export const withBooks = (history: History, books: Partial<Books>): History => ({
  ...history,
  books: { ...history.books, ...books },
});

function chainOf(
  of: "stock" | "money",
  subjectId: string,
  first: number,
  changes: readonly (readonly [id: string, by: number])[],
): BucketWrite[] {
  const fixed = {
    of,
    subjectId,
    bucket: 0,
    usable: true,
    usableBefore: true,
    terms: 1,
    termsBefore: 1,
  };
  const writes: BucketWrite[] = [
    { ...fixed, versionBefore: null, version: 0, before: 0, after: first, xid: "x0" },
  ];
  for (const [id, by] of changes) {
    const { version, after: before } = writes.at(-1) ?? { version: 0, after: 0 };
    const rest = { versionBefore: version, version: version + 1, before, after: before + by };
    writes.push({ ...fixed, ...rest, xid: `x${id}` });
  }
  return writes;
}

function lastOf(kind: "stock" | "money", writes: readonly BucketWrite[]): Books["stock"] {
  const last = writes.findLast(({ of }) => of === kind);
  if (last === undefined) return [];
  const { subjectId, bucket, after: amount, version } = last;
  return [{ subjectId, bucket, amount, version }];
}

/** Which checks find something. */
export const found = (history: History): string[] => [
  ...new Set(violationsOf(history).map(({ check }) => check)),
];
