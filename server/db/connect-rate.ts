import { setTimeout as sleep } from "node:timers/promises";

/**
 * Keeps the openings of connections under a rate: so many at once, then so many a second. Each is
 * told how long to wait, in the order in which they came.
 */
export class ConnectRate {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #left: number;
  #countedAt: number;

  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
    this.#left = burst;
    this.#countedAt = now();
  }

  /** Takes a place and says in how many milliseconds it is there. */
  take(): number {
    const now = this.#now();
    const back = ((now - this.#countedAt) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + back) - 1;
    this.#countedAt = now;
    return this.#left >= 0 ? 0 : (-this.#left / this.#perSecond) * 1000;
  }

  async turn(): Promise<void> {
    const waitMs = this.take();
    if (waitMs > 0) await sleep(waitMs);
  }
}
