import { effectsIn, type Effect } from "./effects.ts";
import type { BucketRow, BucketWrite, Check, History, Violation } from "./history.ts";

/**
 * C7, bucket by bucket, where the database kept a witness of every write: each bucket went through
 * its versions without a gap and without a fork, in an order that agrees with who was answered before
 * whom, by exactly what was granted, and only while it sold.
 */
export const bucketsLinearizable: Check = (history) => {
  const { writes } = history.books;
  if (writes === undefined) return [];
  const batches = batchesOf(history);
  const found: Violation[] = [];
  for (const [place, chain] of Map.groupBy(writes, placeOf)) {
    const sorted = chain.toSorted((a, b) => a.version - b.version);
    found.push(...brokenChain(place, sorted, batches), ...outOfOrder(place, sorted, batches));
  }
  found.push(...unlikeTheEnd(history, writes), ...notConserved(writes, batches));
  found.push(...ungated(writes, batches), ...halfGates(writes));
  return found;
};

const placeOf = ({ of, subjectId, bucket }: BucketWrite): string => `${of} ${subjectId}:${bucket}`;
const batchOf = ({ of, subjectId, xid = "" }: Pick<Effect, "of" | "subjectId" | "xid">): string =>
  `${of} ${subjectId} ${xid}`;

interface Batch {
  readonly effects: readonly Effect[];
  /** Its commit came after this, and before that. */
  readonly from: number;
  readonly to: number;
}

/** What each transaction did to each subject. */
type Batches = ReadonlyMap<string, Batch>;

function batchesOf(history: History): Batches {
  const known = effectsIn(history).filter(({ xid }) => xid !== undefined);
  const batches = new Map<string, Batch>();
  for (const [name, effects] of Map.groupBy(known, batchOf)) {
    const from = effects.reduce((latest, one) => Math.max(latest, one.from), -Infinity);
    const to = effects.reduce((first, one) => Math.min(first, one.to), Infinity);
    batches.set(name, { effects, from, to });
  }
  return batches;
}

const keysIn = (batch: Batch | undefined): string[] => [
  ...new Set((batch?.effects ?? []).slice(0, 4).map(({ key }) => key)),
];

function brokenChain(place: string, chain: readonly BucketWrite[], batches: Batches): Violation[] {
  const found: Violation[] = [];
  chain.forEach((write, index) => {
    const before = chain[index - 1];
    const follows =
      before === undefined
        ? write.versionBefore === null
        : write.versionBefore === before.version && write.version > before.version;
    if (follows && (before === undefined || write.before === before.after)) return;
    const was = before === undefined ? "nothing" : `version ${before.version} (${before.after})`;
    const says =
      `${place} went from version ${write.versionBefore} (${write.before}) to ${write.version} ` +
      `(${write.after}), and was at ${was}`;
    const keys = [write, before].flatMap((one) => (one ? keysIn(batches.get(batchOf(one))) : []));
    found.push({ check: "C7", says, keys });
  });
  return found;
}

/** From the last version back: what came later may not have been answered before this was asked. */
function outOfOrder(place: string, chain: readonly BucketWrite[], batches: Batches): Violation[] {
  const found: Violation[] = [];
  let earliest: { to: number; batch: Batch } | undefined;
  for (const write of chain.toReversed()) {
    const batch = batches.get(batchOf(write));
    if (batch === undefined) continue;
    if (earliest !== undefined && earliest.to < batch.from) {
      const says = `${place} has version ${write.version} before a write that was answered before it was asked for`;
      found.push({ check: "C7", says, keys: [...keysIn(batch), ...keysIn(earliest.batch)] });
    }
    if (earliest === undefined || batch.to < earliest.to) earliest = { to: batch.to, batch };
  }
  return found;
}

/** The last version is what stands there now. */
function unlikeTheEnd({ books }: History, writes: readonly BucketWrite[]): Violation[] {
  const last = new Map<string, BucketWrite>();
  for (const write of writes) {
    const before = last.get(placeOf(write));
    if (before === undefined || write.version > before.version) last.set(placeOf(write), write);
  }
  const differs = (of: "stock" | "money", row: BucketRow): Violation[] => {
    const write = last.get(`${of} ${row.subjectId}:${row.bucket}`);
    if (write?.version === row.version && write.after === row.amount) return [];
    const says = `${of} ${row.subjectId}:${row.bucket} is at version ${row.version} (${row.amount}), and was last written as ${write?.version} (${write?.after})`;
    return [{ check: "C7", says, keys: [] }];
  };
  return [
    ...books.stock.flatMap((row) => differs("stock", row)),
    ...books.money.flatMap((row) => differs("money", row)),
  ];
}

/** By exactly what was granted. A transaction without an ask is a command: caps are held against their sum. */
function notConserved(writes: readonly BucketWrite[], batches: Batches): Violation[] {
  const found: Violation[] = [];
  const moved = new Map<string, number>();
  for (const write of writes) {
    const name = batchOf(write);
    moved.set(name, (moved.get(name) ?? 0) + write.after - write.before);
  }
  for (const name of new Set([...moved.keys(), ...batches.keys()])) {
    const batch = batches.get(name);
    if (batch === undefined && name.startsWith("money")) continue;
    const due = (batch?.effects ?? []).reduce((sum, { amount }) => sum + amount, 0);
    const was = moved.get(name) ?? 0;
    if (was === due) continue;
    const says = `transaction ${name} moved ${was}, and its answers come to ${due}`;
    found.push({ check: "C7", says, keys: keysIn(batch) });
  }
  return found;
}

/** Whoever sells writes a bucket that sells, at this price and under these rules: that is the gate. */
function ungated(writes: readonly BucketWrite[], batches: Batches): Violation[] {
  const found: Violation[] = [];
  const written = Map.groupBy(writes, batchOf);
  for (const [name, { effects }] of batches) {
    for (const { key, grants, of } of effects) {
      if (grants === undefined) continue;
      const buckets = written.get(name) ?? [];
      const terms = of === "stock" ? grants.priceVersion : grants.rulesVersion;
      const wrong = buckets.find((write) => !write.usableBefore || write.termsBefore !== terms);
      if (buckets.length > 0 && wrong === undefined) continue;
      const why =
        wrong === undefined ? "wrote no bucket of it" : `wrote ${placeOf(wrong)}, which forbade it`;
      found.push({ check: "C7", says: `${key} was granted from ${name} and ${why}`, keys: [key] });
    }
  }
  return found;
}

/** What stops or changes a sale is written on every bucket in one transaction, or some sale misses it. */
function halfGates(writes: readonly BucketWrite[]): Violation[] {
  const found: Violation[] = [];
  const buckets = new Map<string, Set<number>>();
  const changes = new Map<string, { written: Set<number>; known: Set<number> }>();
  for (const write of writes) {
    const subject = `${write.of} ${write.subjectId}`;
    const known = buckets.get(subject) ?? new Set<number>();
    buckets.set(subject, known);
    const changed = write.usable !== write.usableBefore || write.terms !== write.termsBefore;
    if (write.versionBefore !== null && changed) {
      const name = batchOf(write);
      const change = changes.get(name) ?? { written: new Set<number>(), known: new Set(known) };
      change.written.add(write.bucket);
      changes.set(name, change);
    }
    known.add(write.bucket);
  }
  for (const [name, { written, known }] of changes) {
    const missed = [...known].filter((bucket) => !written.has(bucket));
    if (missed.length === 0) continue;
    const says = `transaction ${name} changed a gate, and not on bucket ${missed.join(", ")}`;
    found.push({ check: "C7", says, keys: [] });
  }
  return found;
}
