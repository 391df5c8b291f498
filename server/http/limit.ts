export interface Rate {
  readonly perSecond: number;
  /** How many may come at once after a pause. */
  readonly burst: number;
}

const subjectsMax = 10_000;

/**
 * A rate limit per subject (an address, a key) in the memory of this process: GCRA, which keeps one
 * number, the time at which everything admitted so far would have been paid for.
 */
export class RateLimit {
  readonly #paidAt = new Map<string, number>();
  readonly #costMs: number;
  readonly #creditMs: number;

  constructor({ perSecond, burst }: Rate) {
    this.#costMs = 1000 / perSecond;
    this.#creditMs = (burst - 1) * this.#costMs;
  }

  /** 0 when admitted; otherwise how many milliseconds it is too early. */
  take(subject: string, nowMs: number): number {
    const paidAt = Math.max(this.#paidAt.get(subject) ?? 0, nowMs);
    const earlyMs = paidAt - nowMs - this.#creditMs;
    // A billionth of a request too early is a rounding error.
    if (earlyMs > 1e-6) return earlyMs;
    // At the end of the map: the first ones in it are those that were not seen for longest.
    this.#paidAt.delete(subject);
    this.#paidAt.set(subject, paidAt + this.#costMs);
    if (this.#paidAt.size > subjectsMax) this.#forgetOldest();
    return 0;
  }

  #forgetOldest(): void {
    const [oldest] = this.#paidAt.keys();
    if (oldest !== undefined) this.#paidAt.delete(oldest);
  }
}
