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
