import { indexOf, isBuying } from "./indexed.ts";
import type { Attempt, Check, History, Violation } from "./history.ts";

/** C1: what was acknowledged is in the books, as it was acknowledged. */
export const nothingLost: Check = (history) => {
  const { answerByKey, linesOf } = indexOf(history);
  const booked = new Set(history.books.transactions.map(({ txnId }) => txnId));
  const found: Violation[] = [];
  for (const attempt of history.attempts) {
    if (attempt.outcome !== "ok") continue;
    const { key, id = "", asked } = attempt;
    const lost = (says: string): number => found.push({ check: "C1", says, keys: [key] });
    const row = answerByKey.get(key);
    if (row === undefined || row.id !== id) {
      lost(
        `${key} was answered ${attempt.what} as ${id}, and the books have ${row?.id ?? "no answer"}`,
      );
    } else if (row.granted !== (attempt.what === "granted") || row.said !== attempt.said) {
      lost(`${key} was answered ${attempt.said}, and the books have ${row.said}`);
    } else if (row.granted && row.kind !== "extend" && !booked.has(id)) {
      lost(`${key} was granted, and the ledger has no transaction ${id}`);
    } else if (row.granted && (asked.kind === "commit" || asked.kind === "hold")) {
      const amount = (linesOf.get(id) ?? []).reduce((sum, line) => sum + line.amountMinor, 0);
      if (amount !== asked.amountMinor)
        lost(`${key} was granted for ${asked.amountMinor}, and its purchase costs ${amount}`);
    }
  }
  return found;
};

/**
 * C2: each logical purchase once, under however many keys; each hold ends once; each grant is booked
 * in one balanced transaction.
 */
export const nothingTwice: Check = (history) => {
  const found: Violation[] = [];
  const twice = (says: string, keys: string[]): number => found.push({ check: "C2", says, keys });
  const opOf = new Map(history.attempts.map(({ key, op }) => [key, op]));
  const granted = history.books.answers.filter((row) => row.granted);
  const ops = Map.groupBy(
    granted.filter(({ kind }) => isBuying(kind)),
    ({ key }) => opOf.get(key) ?? key,
  );
  for (const [op, rows] of ops) {
    if (rows.length > 1)
      twice(
        `operation ${op} bought ${rows.length} times`,
        rows.map(({ key }) => key),
      );
  }
  for (const [key, rows] of Map.groupBy(history.books.answers, (row) => row.key)) {
    if (rows.length > 1) twice(`${key} has ${rows.length} answers`, [key]);
  }
  const ends = history.books.transactions.filter(({ kind }) =>
    /^(capture|release|expire)$/.test(kind),
  );
  for (const [purchaseId, all] of Map.groupBy(ends, (row) => row.purchaseId)) {
    if (all.length > 1) {
      const says = `hold ${purchaseId} ended ${all.length} times: ${all.map(({ kind }) => kind).join(", ")}`;
      twice(
        says,
        keysOf(
          history,
          all.map(({ txnId }) => txnId),
        ),
      );
    }
  }
  for (const { txnId, legs, offBy } of history.books.transactions) {
    if (offBy !== 0 || legs < 2) {
      twice(
        `transaction ${txnId} has ${legs} legs and is off by ${offBy}`,
        keysOf(history, [txnId]),
      );
    }
  }
  return found;
};

function keysOf(history: History, ids: readonly string[]): string[] {
  const { answerById } = indexOf(history);
  return ids.flatMap((id) => answerById.get(id)?.key ?? []);
}

/** C3: what is in the books was asked for by somebody. */
export const nothingUnasked: Check = (history) => {
  const { byKey, answerById, linesOf } = indexOf(history);
  const found: Violation[] = [];
  const phantom = (says: string, keys: string[]): number => found.push({ check: "C3", says, keys });
  for (const row of history.books.answers) {
    if (!byKey.has(row.key)) phantom(`nobody sent ${row.key}, and it has an answer`, [row.key]);
  }
  for (const { txnId, kind, purchaseId } of history.books.transactions) {
    const row = answerById.get(txnId);
    if (
      kind === "expire" ? row !== undefined : row?.granted !== true || row.purchaseId !== purchaseId
    )
      phantom(`transaction ${txnId} (${kind}) was granted to nobody`, row ? [row.key] : []);
  }
  for (const purchaseId of linesOf.keys()) {
    const row = answerById.get(purchaseId);
    if (row?.granted !== true || !isBuying(row.kind))
      phantom(`purchase ${purchaseId} was granted to nobody`, row ? [row.key] : []);
  }
  const sent = Map.groupBy(history.commands, ({ key }) => key);
  const openings = new Set(history.shelf.items.map(({ itemId }) => itemId));
  for (const { reason, itemId, quantity } of history.books.moves) {
    if (reason === "first stock" && openings.delete(itemId)) continue;
    const [sender] = sent.get(reason) ?? [];
    const asked = sender?.command.kind === "restock" && sender.command.quantity === quantity;
    if (!asked) phantom(`nobody moved ${quantity} units of ${itemId} (${reason})`, [reason]);
    sent.delete(reason);
  }
  return found;
};

/** C4: what was said to have recorded nothing recorded nothing. */
export const failuresHadNoEffect: Check = (history) => {
  const { byKey, answerByKey } = indexOf(history);
  const found: Violation[] = [];
  for (const [key, attempts] of byKey) {
    const row = answerByKey.get(key);
    if (row === undefined) continue;
    const same = attempts.filter(({ fingerprint }) => fingerprint === row.fingerprint);
    const says = wrongFailure(key, same);
    if (same.length > 0 && says !== undefined) found.push({ check: "C4", says, keys: [key] });
  }
  const moved = new Set(history.books.moves.map(({ reason }) => reason));
  for (const [key, sent] of Map.groupBy(history.commands, (command) => command.key)) {
    if (moved.has(key) && sent.every(({ outcome }) => outcome === "fail"))
      found.push({ check: "C4", says: `${key} was refused, and the stock moved`, keys: [key] });
  }
  return found;
};

/**
 * An answer that is called a replay was written by another attempt: one that was told it recorded
 * nothing cannot be the one.
 */
function wrongFailure(key: string, attempts: readonly Attempt[]): string | undefined {
  const may = attempts.filter(({ outcome }) => outcome !== "fail");
  if (may.length === 0) {
    return `${key} was ${attempts.map(({ what }) => what).join(", ")} each time, and has an answer`;
  }
  const refused = attempts.find(({ outcome }) => outcome === "fail");
  if (refused && may.every(({ outcome, replayed }) => outcome === "ok" && replayed === true))
    return `${key} was recorded by an attempt that was told ${refused.what}`;
  return undefined;
}

/** C5: who asks again under a key hears the same, and one of them at most hears it as new. */
export const sameKeySameAnswer: Check = (history) => {
  const found: Violation[] = [];
  for (const [key, attempts] of indexOf(history).byKey) {
    const ok = attempts.filter(({ outcome }) => outcome === "ok");
    const [first] = ok;
    if (first === undefined) continue;
    const other = ok.find(({ id, said }) => id !== first.id || said !== first.said);
    if (other) {
      const says = `${key} was answered ${first.said} and then ${other.said}`;
      found.push({ check: "C5", says, keys: [key] });
    }
    const news = ok.filter(({ replayed }) => replayed === false).length;
    if (news > 1)
      found.push({ check: "C5", says: `${key} was answered ${news} times as if new`, keys: [key] });
    if (news === 0 && ok.length === attempts.length)
      found.push({ check: "C5", says: `${key} was a replay for everybody`, keys: [key] });
    const others = new Set(ok.map(({ fingerprint }) => fingerprint));
    if (others.size > 1) {
      const says = `${key} was answered for ${others.size} different requests`;
      found.push({ check: "C5", says, keys: [key] });
    }
  }
  return found;
};

/** C6: whoever was left in doubt knows in the end. */
export const doubtsResolved: Check = (history) => {
  const found: Violation[] = [];
  for (const [key, attempts] of indexOf(history).byKey) {
    const doubts = attempts.filter(({ outcome }) => outcome === "info");
    if (doubts.length === 0 || attempts.some(({ outcome }) => outcome === "ok")) continue;
    const last = Math.max(...doubts.map(({ ret }) => ret));
    const settled = attempts.some(
      ({ outcome, what, inv }) => outcome === "fail" && !isLater(what) && inv > last,
    );
    if (!settled) {
      const says = `${key} was left in doubt (${doubts.map(({ what }) => what).join(", ")})`;
      found.push({ check: "C6", says, keys: [key] });
    }
  }
  return found;
};

/** It recorded nothing this time; of the time before it says nothing. */
const isLater = (what: string): boolean => what === "exhausted" || what === "overloaded";
