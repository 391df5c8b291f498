import type { Check, Violation } from "./history.ts";
import { indexOf } from "./indexed.ts";

/** C10: what was granted is announced exactly once, and nothing else is. */
export const eventsComplete: Check = (history) => {
  const { events, untold, answers, transactions } = history.books;
  if (events === undefined) return [];
  const found: Violation[] = [];
  if (untold > 0) {
    const says = `${untold} events were not told to the end, with nothing in the way`;
    found.push({ check: "C10", says, keys: [] });
  }
  const told = new Set(events);
  const due = new Map<string, string>();
  for (const row of answers) {
    if (row.granted) due.set(row.id, row.key);
  }
  for (const { txnId, kind } of transactions) if (kind === "expire") due.set(txnId, txnId);
  for (const [id, key] of due) {
    if (!told.has(id))
      found.push({ check: "C10", says: `${key} (${id}) was told to nobody`, keys: [key] });
  }
  const { answerById } = indexOf(history);
  for (const id of told) {
    const row = answerById.get(id);
    if (row !== undefined && !row.granted)
      found.push({ check: "C10", says: `${row.key} was declined, and announced`, keys: [row.key] });
  }
  return found;
};

/** C8: a copy never goes back for who read it before, and is never ahead of the books. */
export const copiesGoForward: Check = (history) => {
  const { linesOf, answerById } = indexOf(history);
  const found: Violation[] = [];
  const seen = new Map<string, { version: number; ret: number }>();
  for (const read of history.reads.toSorted((a, b) => a.inv - b.inv)) {
    const { reader, purchaseId, version } = read;
    const keys = [answerById.get(purchaseId)?.key ?? purchaseId];
    const place = `${reader} ${purchaseId}`;
    const before = seen.get(place);
    if (before !== undefined && before.ret <= read.inv && version < before.version) {
      const says = `reader ${reader} saw version ${before.version} of ${purchaseId}, and then ${version}`;
      found.push({ check: "C8", says, keys });
    }
    if (before === undefined || version > before.version) seen.set(place, read);
    const last = Math.max(0, ...(linesOf.get(purchaseId) ?? []).map((line) => line.version));
    if (version > last) {
      const says = `reader ${reader} saw version ${version} of ${purchaseId}, which has ${last}`;
      found.push({ check: "C8", says, keys });
    }
  }
  return found;
};
