import { assert } from "../base/assert.ts";
import { periodNames, type MandateFact, type PeriodName, type Room } from "./facts.ts";
import type { MandateWrite } from "./plan.ts";

/** Bucket `bucket` of `buckets`' share of an amount: the first ones carry the remainder. */
export function shareOf(amount: bigint, bucket: number, buckets: number): bigint {
  if (bucket >= buckets) return 0n;
  const of = BigInt(buckets);
  return amount / of + (BigInt(bucket) < amount % of ? 1n : 0n);
}

interface RunningBucket {
  remaining: bigint;
  version: bigint;
  rooms: Partial<Record<PeriodName, { startMs: number; left: bigint }>>;
}

/** Which purchase's money comes back: room under a limit returns only to its own period and rules. */
interface Spent {
  readonly createdAtMs: number;
  readonly rulesVersion: bigint;
}

/** A mandate's money and room as the asks of one batch leave them, one after the other. */
export class RunningMandate {
  readonly fact: MandateFact;
  remaining = 0n;
  readonly room: Partial<Record<PeriodName, bigint>> = {};
  readonly #buckets: RunningBucket[];
  readonly #limits: readonly PeriodName[];
  readonly #starts: Partial<Record<PeriodName, number>> = {};
  #firstMoney = 0;

  constructor(fact: MandateFact) {
    this.fact = fact;
    this.#limits = periodNames.filter((name) => fact.periods[name] !== undefined);
    for (const name of this.#limits) this.#starts[name] = this.#startOf(name);
    this.#buckets = fact.loaded.map((bucket) => {
      this.remaining += bucket.remainingMinor;
      const rooms: RunningBucket["rooms"] = {};
      for (const name of this.#limits) {
        const room = this.#current(name, bucket.bucket, bucket.rooms[name]);
        rooms[name] = room;
        this.room[name] = (this.room[name] ?? 0n) + room.left;
      }
      return { remaining: bucket.remainingMinor, version: bucket.version, rooms };
    });
  }

  /**
   * The period that counts: the running one, or a newer one in which a bucket was written already
   * (a transaction that began before midnight may look after it). A period never moves back.
   */
  #startOf(name: PeriodName): number {
    const starts = this.fact.loaded.map(({ rooms }) => rooms[name]?.startMs ?? 0);
    return Math.max(this.fact.periods[name]?.startMs ?? 0, ...starts);
  }

  /** Room as of that period: a bucket from an older one counts as full. */
  #current(name: PeriodName, bucket: number, room: Room | undefined) {
    const startMs = this.startMs(name);
    if (room && room.startMs >= startMs) return { startMs, left: room.leftMinor };
    const limitMinor = this.fact.periods[name]?.limitMinor ?? 0n;
    return { startMs, left: shareOf(limitMinor, bucket, this.fact.buckets) };
  }

  startMs(name: PeriodName): number {
    return this.#starts[name] ?? 0;
  }

  /** A purchase made now belongs to every period whose room it takes. */
  notBefore(nowMs: number): number {
    return Math.max(nowMs, ...this.#limits.map((name) => this.startMs(name)));
  }

  /** What can be spent under cap and limits together. */
  get spendable(): bigint {
    let least = this.remaining;
    for (const name of this.#limits) {
      const room = this.room[name] ?? 0n;
      if (room < least) least = room;
    }
    return least;
  }

  /** The first limit whose room cannot fill the amount. */
  shortOfRoom(amount: bigint): PeriodName | undefined {
    return this.#limits.find((name) => (this.room[name] ?? 0n) < amount);
  }

  /** Takes money and room; they may come from different buckets, and all of them are written. */
  debit(amount: bigint): void {
    assert(amount >= 0n && this.remaining >= amount, "a debit must be covered by the buckets' sum");
    const touched = new Set<RunningBucket>();
    this.remaining -= amount;
    let missing = amount;
    while (missing > 0n) {
      const bucket = this.#at(this.#firstMoney);
      if (bucket.remaining === 0n) {
        this.#firstMoney++;
        continue;
      }
      const taken = bucket.remaining < missing ? bucket.remaining : missing;
      bucket.remaining -= taken;
      missing -= taken;
      touched.add(bucket);
    }
    for (const name of this.#limits) this.#takeRoom(name, amount, touched);
    // A price of zero moves nothing, but a revoke must still collide with this sale.
    if (touched.size === 0) touched.add(this.#at(0));
    for (const bucket of touched) bucket.version += 1n;
  }

  #takeRoom(name: PeriodName, amount: bigint, touched: Set<RunningBucket>): void {
    this.room[name] = (this.room[name] ?? 0n) - amount;
    let missing = amount;
    for (let index = 0; missing > 0n; index++) {
      const bucket = this.#at(index);
      const room = bucket.rooms[name];
      if (room === undefined || room.left === 0n) continue;
      const taken = room.left < missing ? room.left : missing;
      room.left -= taken;
      missing -= taken;
      touched.add(bucket);
    }
  }

  /** Gives money back, into the lucky bucket, and room if its period and its rules still last. */
  giveBack(amount: bigint, spent: Spent): void {
    const lucky = this.#at(0);
    lucky.remaining += amount;
    lucky.version += 1n;
    this.remaining += amount;
    this.#firstMoney = 0;
    if (spent.rulesVersion !== this.fact.rulesVersion) return;
    for (const name of this.#limits) {
      const room = lucky.rooms[name];
      if (room === undefined || spent.createdAtMs < room.startMs) continue;
      room.left += amount;
      this.room[name] = (this.room[name] ?? 0n) + amount;
    }
  }

  #at(index: number): RunningBucket {
    const bucket = this.#buckets[index];
    assert(bucket !== undefined, "the sum of the buckets covers the debit");
    return bucket;
  }

  writes(): MandateWrite[] {
    const writes: MandateWrite[] = [];
    this.fact.loaded.forEach((before, index) => {
      const after = this.#at(index);
      if (after.version === before.version) return;
      const rooms: Partial<Record<PeriodName, Room>> = {};
      for (const name of this.#limits) {
        const room = after.rooms[name];
        if (room) rooms[name] = { startMs: room.startMs, leftMinor: room.left };
      }
      writes.push({
        mandateId: this.fact.mandateId,
        bucket: before.bucket,
        remainingMinor: after.remaining,
        rooms,
        versionBefore: before.version,
        version: after.version,
      });
    });
    return writes;
  }
}
