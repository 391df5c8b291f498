import { assert } from "../base/assert.ts";
import type { PoolFact } from "./facts.ts";
import type { StockWrite } from "./plan.ts";

/** A pool as the asks of one batch leave it, one after the other. Facts are never written to. */
export class RunningPool {
  readonly fact: PoolFact;
  total = 0n;
  readonly #buckets: { available: bigint; version: bigint }[];
  /** Everything before it is empty: the asks of a sold-out minute must not walk 64 buckets each. */
  #first = 0;

  constructor(fact: PoolFact) {
    this.fact = fact;
    this.#buckets = fact.loaded.map(({ available, version }) => ({ available, version }));
    for (const { available } of fact.loaded) this.total += available;
  }

  /** Takes units, from several buckets where one cannot fill. Returns the number of the first. */
  claim(units: bigint): number {
    assert(units > 0n && this.total >= units, "a claim must be covered by the sum of the buckets");
    this.total -= units;
    let chosen = -1;
    let missing = units;
    while (missing > 0n) {
      const bucket = this.#buckets[this.#first];
      assert(bucket !== undefined, "the sum of the buckets covers the claim");
      if (bucket.available === 0n) {
        this.#first++;
        continue;
      }
      const taken = bucket.available < missing ? bucket.available : missing;
      bucket.available -= taken;
      bucket.version += 1n;
      missing -= taken;
      if (chosen < 0) chosen = this.fact.loaded[this.#first]?.bucket ?? -1;
    }
    return chosen;
  }

  /** Puts units back, into the lucky bucket: no ask cares where they lie. */
  giveBack(units: bigint): void {
    const lucky = this.#buckets[0];
    assert(lucky !== undefined, "a pool has at least one bucket");
    lucky.available += units;
    lucky.version += 1n;
    this.total += units;
    this.#first = 0;
  }

  /** Every bucket that an ask touched, also where claims and returns cancelled out: it is the gate. */
  writes(): StockWrite[] {
    const writes: StockWrite[] = [];
    this.fact.loaded.forEach((before, index) => {
      const after = this.#buckets[index];
      if (after === undefined || after.version === before.version) return;
      writes.push({
        poolId: this.fact.poolId,
        bucket: before.bucket,
        available: after.available,
        versionBefore: before.version,
        version: after.version,
      });
    });
    return writes;
  }
}
