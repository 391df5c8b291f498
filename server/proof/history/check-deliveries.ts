import type { AnswerRow, Check, Command, History, Violation } from "./history.ts";
import { askedOf, indexOf, momentsOf } from "./indexed.ts";
import type { Arrival } from "./outside.ts";

/** What an endpoint that picked nothing is promised to hear of, by what was asked. */
const wordOf: Readonly<Record<string, string>> = {
  commit: "purchase.committed",
  hold: "purchase.held",
  capture: "purchase.captured",
  extend: "purchase.extended",
  release: "purchase.released",
  refund: "purchase.refunded",
  expire: "purchase.expired",
};

/** Nobody is told that units were dealt anew: nothing that can be bought has changed. */
const commandWord: Readonly<Record<Command["kind"], string | undefined>> = {
  pause: "mandate.paused",
  activate: "mandate.activated",
  revoke: "mandate.revoked",
  topUp: "mandate.cap_changed",
  close: "item.closed",
  open: "item.opened",
  price: "item.price_changed",
  restock: "item.adjusted",
  reshard: undefined,
};

interface Due {
  readonly type: string;
  readonly purchaseId: string;
  readonly key: string;
  readonly row?: AnswerRow;
}

type Say = (says: string, keys?: readonly string[]) => void;

/**
 * C10, at the endpoint: each event of the books reached it and got its yes, under one id and with one body;
 * nothing else came, and nothing without a good signature. In which order is not promised, but that the
 * numbers of one purchase have no gap, and follow time.
 */
export const endpointHearsAll: Check = (history) => {
  const heard = history.outside?.heard;
  if (heard === undefined) return [];
  const found: Violation[] = [];
  const say: Say = (says, keys = []) => void found.push({ check: "C10", says, keys });
  const due = dueIn(history);
  const byId = Map.groupBy(heard.arrivals, ({ id }) => id);
  for (const [id, arrivals] of byId) lookAt(id, arrivals, say);
  for (const [id, one] of due) {
    const arrivals = byId.get(id);
    if (arrivals === undefined) say(`${one.type} ${id} never reached the endpoint`, [one.key]);
    else if (arrivals.every(({ answered }) => answered !== "yes"))
      say(`${one.type} ${id} was not sent again after it was refused`, [one.key]);
    for (const arrival of arrivals?.slice(0, 1) ?? []) compare(history, id, one, arrival, say);
  }
  const rest = new Map([...byId].filter(([id]) => !due.has(id)));
  countCommands(history, rest, heard.readAt, say);
  numbersFollow(history, due, byId, say);
  return found;
};

function dueIn({ books }: History): Map<string, Due> {
  const due = new Map<string, Due>();
  for (const row of books.answers) {
    if (!row.granted) continue;
    const { purchaseId, key } = row;
    due.set(row.id, { type: wordOf[row.kind] ?? row.kind, purchaseId, key, row });
  }
  for (const { txnId, kind, purchaseId } of books.transactions) {
    if (kind === "expire")
      due.set(txnId, { type: wordOf.expire ?? kind, purchaseId, key: purchaseId });
  }
  return due;
}

function lookAt(id: string, arrivals: readonly Arrival[], say: Say): void {
  const unsigned = arrivals.filter(({ isSigned }) => !isSigned).length;
  if (unsigned > 0) say(`${id} came ${unsigned} times with a bad signature`);
  if (arrivals.some(({ eventId }) => eventId !== id))
    say(`${id} came for the event ${arrivals.map(({ eventId }) => eventId).join(", ")}`);
  if (new Set(arrivals.map(({ digest }) => digest)).size > 1)
    say(`${id} came ${arrivals.length} times, and not always with the same body`);
}

function compare(history: History, id: string, due: Due, arrival: Arrival, say: Say): void {
  const { type, purchaseId, amountMinor } = arrival;
  if (type !== due.type || purchaseId !== due.purchaseId) {
    say(`${id} was told as ${type} of ${purchaseId}, and is ${due.type} of ${due.purchaseId}`, [
      due.key,
    ]);
  }
  const asked = due.row && askedOf(history, due.row);
  if (asked && "amountMinor" in asked && asked.amountMinor !== amountMinor)
    say(`${id} was told with ${amountMinor}, and ${asked.amountMinor} was asked`, [due.key]);
}

/** Of commands the books keep no id: as many as were acknowledged, and no more than were sent. */
function countCommands(
  { commands, books }: History,
  rest: ReadonlyMap<string, readonly Arrival[]>,
  readAt: number,
  say: Say,
): void {
  const announced = books.events && new Set(books.events);
  const told = Map.groupBy(
    [...rest].flatMap(([id, [first]]) => (first === undefined ? [] : [{ id, first }])),
    ({ first: { type, subjectId = "" } }) => `${type} of ${subjectId}`,
  );
  const sent = Map.groupBy(
    [...Map.groupBy(commands, ({ key }) => key).values()].flatMap((attempts) => {
      const [one] = attempts;
      const word = one && commandWord[one.command.kind];
      if (one === undefined || word === undefined) return [];
      const isDone = attempts.some(({ outcome }) => outcome === "ok");
      const isDoubted = attempts.some(({ outcome }) => outcome === "info");
      return [{ what: `${word} of ${subjectOf(one.command)}`, key: one.key, isDone, isDoubted }];
    }),
    ({ what }) => what,
  );
  for (const [what, some] of sent) {
    const done = some.filter(({ isDone }) => isDone).length;
    const most = some.filter(({ isDone, isDoubted }) => isDone || isDoubted).length;
    const count = told.get(what)?.length ?? 0;
    const keys = some.map(({ key }) => key);
    if (count < done) say(`${what} happened ${done} times, and was told ${count} times`, keys);
    if (count > most) say(`${what} happened ${most} times, and was told ${count} times`, keys);
  }
  for (const [what, some] of told) {
    for (const { id, first } of some) {
      const isOurs = announced?.has(id) ?? true;
      if (first.at < readAt && !(sent.has(what) && isOurs))
        say(`${what} was told as ${id}, and is not in the books`);
    }
  }
}

const subjectOf = (command: Command): string =>
  "itemId" in command ? command.itemId : command.mandateId;

/** Each transaction of a purchase has a number of its own, none is beyond their count, and time agrees. */
function numbersFollow(
  history: History,
  due: ReadonlyMap<string, Due>,
  byId: ReadonlyMap<string, readonly Arrival[]>,
  say: Say,
): void {
  const { answerById } = indexOf(history);
  const all = Map.groupBy(history.books.transactions, ({ purchaseId }) => purchaseId);
  for (const [purchaseId, transactions] of all) {
    const told = transactions.flatMap(({ txnId, kind }) => {
      const sequence = byId.get(txnId)?.[0]?.sequence;
      const row = answerById.get(txnId);
      const [from, to] = row ? momentsOf(history, row) : [-Infinity, Infinity];
      const key = due.get(txnId)?.key ?? "";
      return sequence === undefined ? [] : [{ sequence, from, to, kind, key }];
    });
    const numbers = told.map(({ sequence }) => sequence).toSorted((a, b) => a - b);
    const isWhole = told.length < transactions.length || numbers.every((one, n) => one === n + 1);
    const keys = told.map(({ key }) => key);
    if (!isWhole) say(`${purchaseId} was told with the numbers ${numbers.join(", ")}`, keys);
    const inOrder = told.toSorted((a, b) => a.sequence - b.sequence);
    const kinds = inOrder.map(({ kind }) => kind).join(", ");
    // Also of those that came at once: nothing is given back that was not sold, nor ends before it began.
    if (/refund, (commit|capture)|, (commit|hold)/.test(kinds))
      say(`${purchaseId} was told in the order ${kinds}`, keys);
    for (const [n, one] of inOrder.entries()) {
      const next = inOrder[n + 1];
      if (next && next.to < one.from)
        say(`${purchaseId}: ${next.key} came before ${one.key}, and has the later number`, keys);
    }
  }
}
