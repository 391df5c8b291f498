import { Bounds } from "./bounds.ts";
import type { AnswerRow, Check, History, Read, SumsRead, Violation } from "./history.ts";
import { askedOf, indexOf, momentsOf } from "./indexed.ts";

/** C8: a copy never goes back for who read it before, and is never ahead of the books. */
export const copiesGoForward: Check = (history) => {
  const found: Violation[] = [];
  const keysOf = (id: string): string[] => [indexOf(history).answerById.get(id)?.key ?? id];
  const mostOf = mostSeen(history);
  const seen = new Map<string, Read>();
  for (const read of history.reads.toSorted((a, b) => a.inv - b.inv)) {
    const { reader, of, id, version } = read;
    const place = `${reader} ${of} ${id}`;
    const before = seen.get(place);
    if (before !== undefined && before.ret <= read.inv && version < before.version) {
      const says = `reader ${reader} saw version ${before.version} of ${of} ${id}, and then ${version}`;
      found.push({ check: "C8", says, keys: keysOf(id) });
    }
    if (before === undefined || version > before.version) seen.set(place, read);
    const most = mostOf(read);
    if (version > most) {
      const says = `reader ${reader} saw version ${version} of ${of} ${id}, which had ${most} at most`;
      found.push({ check: "C8", says, keys: keysOf(id) });
    }
  }
  return found;
};

/** The highest version that a reader may have seen: of a purchase by then, of other things at the end. */
function mostSeen(history: History): (read: Read) => number {
  const { books } = history;
  const versions = new Map<string, number>();
  const add = (id: string, version: number): unknown =>
    versions.set(id, (versions.get(id) ?? 0) + version);
  for (const { purchaseId, version } of books.lines) add(purchaseId, version);
  for (const { subjectId, version } of [...books.stock, ...books.money]) add(subjectId, version);
  const { answersOn, linesOf } = indexOf(history);
  const expired = new Set(
    books.transactions.filter(({ kind }) => kind === "expire").map((row) => row.purchaseId),
  );
  return ({ of, id, ret }) => {
    const last = versions.get(id) ?? 0;
    // Each ask that was granted on a purchase of one line is a version of it; so is its hold's end.
    if (of !== "purchase" || linesOf.get(id)?.length !== 1) return last;
    const asked = (answersOn.get(id) ?? []).filter(
      (row) => row.granted && momentsOf(history, row)[0] < ret,
    );
    return Math.min(last, asked.length + (expired.has(id) ? 1 : 0));
  };
}

/**
 * C8: sums have in them what they say of themselves: all that was acknowledged before `asOf`, and the
 * ask that the reader named; and nothing that nobody had asked for yet. Who keeps of two answers the
 * one with the later `asOf` never goes back.
 */
export const sumsKeepTheirWord: Check = (history) => {
  const found: Violation[] = [];
  const kept = new Map<string, SumsRead>();
  const { grown, added } = growthOf(history);
  const broken = (read: SumsRead, says: string): unknown =>
    found.push({
      check: "C8",
      says: `reader ${read.reader} got a ${read.by} from the ${read.from} ${says}`,
      keys:
        read.after === undefined ? [] : [indexOf(history).answerById.get(read.after)?.key ?? ""],
    });
  for (const read of history.sums.toSorted((a, b) => a.inv - b.inv)) {
    for (const [name, value] of Object.entries(read.sums)) {
      const { least, most } = grown(name, read);
      if (value < least)
        broken(read, `with ${value} ${name}, and ${least} were in the books by then`);
      if (value > most)
        broken(read, `with ${value} ${name}, and ${most} had been asked for at most`);
    }
    const place = `${read.reader} ${read.by}`;
    const before = kept.get(place);
    if (before !== undefined && before.asOf > read.asOf) continue;
    for (const [name, value] of Object.entries(read.sums)) {
      const was = (before?.sums[name] ?? 0) + added(name, read, before?.ret ?? -Infinity);
      // What Redis keeps is as complete as it says, and may have more in it by chance: see freshness.md.
      if (read.by === "summary" && value < was)
        broken(read, `with ${value} ${name}, after one that makes it ${was} at least`);
    }
    kept.set(place, read);
  }
  return found;
};

interface Growth {
  /** What a sum must have come to when it was read, and what it can have come to. */
  readonly grown: (name: string, read: SumsRead) => Within;
  /** What the ask that a reader named adds, where it was asked after that moment. */
  readonly added: (name: string, read: SumsRead, since: number) => number;
}

interface Within {
  readonly least: number;
  readonly most: number;
}

function growthOf(history: History): Growth {
  const rows = history.books.answers.filter(({ granted }) => granted);
  const steps = rows.map((row) => {
    const [from, to] = momentsOf(history, row);
    return { id: row.id, from, to, adds: addedBy(history, row) };
  });
  const byId = new Map(steps.map((step) => [step.id, step]));
  const bounds = new Map<string, Bounds>();
  const boundsOf = (name: string): Bounds => {
    let one = bounds.get(name);
    if (one === undefined) {
      one = new Bounds(steps.map(({ from, to, adds }) => ({ amount: adds[name] ?? 0, from, to })));
      bounds.set(name, one);
    }
    return one;
  };
  return {
    grown(name, { asOf, ret, after = "" }) {
      const of = boundsOf(name);
      const own = byId.get(after);
      const more = own !== undefined && own.to > asOf ? (own.adds[name] ?? 0) : 0;
      return { least: of.leastWithin(asOf, asOf) + more, most: of.mostWithin(ret, ret) };
    },
    added(name, { after = "" }, since) {
      const own = byId.get(after);
      return own !== undefined && own.from > since ? (own.adds[name] ?? 0) : 0;
    },
  };
}

function addedBy(history: History, row: AnswerRow): Readonly<Record<string, number>> {
  const lines = indexOf(history).linesOf.get(row.purchaseId) ?? [];
  const sum = (field: "amountMinor" | "settledMinor"): number =>
    lines.reduce((all, line) => all + line[field], 0);
  switch (row.kind) {
    case "commit":
      return { sales: 1, soldMinor: sum("amountMinor"), payments: 1 };
    case "capture":
      return { sales: 1, soldMinor: sum("settledMinor"), payments: 1 };
    case "refund": {
      const asked = askedOf(history, row);
      const refundedMinor = asked?.kind === "refund" ? asked.amountMinor : 0;
      return { refunds: 1, refundedMinor, payments: 1 };
    }
    case "hold":
      return { holds: 1 };
    default:
      return {};
  }
}

/** C8: when nothing was in the way any more, each copy came to be equal to the books. */
export const copiesComplete: Check = ({ copied }) =>
  (copied?.wrong ?? []).map(({ name, says }) => {
    const [, id = name] = /#([^/]+)/.exec(name) ?? [];
    return { check: "C8", says: `${name}: ${says}`, keys: [id] };
  });
