/** Failures in a row after which an endpoint is left alone. One may be chance, and so may two. */
const failuresMax = 3;

/**
 * Whether an endpoint is worth trying: closed while it answers, open when it has failed three times
 * in a row. An open one is looked at by a probe, never by an ask.
 */
export class Breaker {
  #failures = 0;
  #openSince: number | undefined;

  get isOpen(): boolean {
    return this.#openSince !== undefined;
  }

  /** When it opened, on the clock of `performance.now()`. */
  get openSince(): number | undefined {
    return this.#openSince;
  }

  answered(): void {
    this.#failures = 0;
    this.#openSince = undefined;
  }

  /** True when this failure is the one that opens it. */
  failed(now: number): boolean {
    this.#failures++;
    if (this.#failures < failuresMax || this.isOpen) return false;
    this.#openSince = now;
    return true;
  }
}
