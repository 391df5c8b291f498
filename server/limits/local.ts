import { costOf, debtOf, verdictOn, type Check, type Verdict } from "./gcra.ts";

const subjectsMax = 100_000;

/** Limits in the memory of this process: for one that is alone, or while Redis is away. */
export class LocalLimiter {
  readonly #paidAt = new Map<string, number>();
  readonly #now: () => number;

  /** Microseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now() * 1_000) {
    this.#now = now;
  }

  /** All or nothing: a request that one policy refuses is not counted against the others. */
  take(checks: readonly Check[]): Verdict | undefined {
    const now = Math.floor(this.#now());
    const names = checks.map(({ policy, subject }) => `${policy.name}:${subject}`);
    const debts = checks.map(({ policy }, index) =>
      debtOf(policy, this.#paidAt.get(names[index] ?? "") ?? 0, now),
    );
    const verdict = verdictOn(checks, debts);
    if (verdict?.admitted !== true) return verdict;
    for (const [index, { policy }] of checks.entries()) {
      const name = names[index] ?? "";
      // At the end of the map: the first ones in it are those that were not seen for longest.
      this.#paidAt.delete(name);
      this.#paidAt.set(name, now + (debts[index] ?? 0) + costOf(policy));
    }
    while (this.#paidAt.size > subjectsMax) this.#forgetOldest();
    return verdict;
  }

  #forgetOldest(): void {
    const [oldest] = this.#paidAt.keys();
    if (oldest !== undefined) this.#paidAt.delete(oldest);
  }
}
