export interface Dated<T> {
  readonly value: T;
  /** On the clock of `Date.now()`. */
  readonly goodUntilMs: number;
}

/** It is renewed when two thirds of its time are over: a source that is away for a while costs nothing. */
const renewAfter = 2 / 3;

/**
 * Something that runs out, fetched once for all who want it at the same time, and again before it
 * does. While it is good nobody waits for its successor.
 */
export class Fresh<T> {
  readonly #fetch: () => Promise<Dated<T>>;
  readonly #now: () => number;
  #held: (Dated<T> & { readonly renewAtMs: number }) | undefined;
  #coming: Promise<T> | undefined;

  constructor(fetch: () => Promise<Dated<T>>, now: () => number = Date.now) {
    this.#fetch = fetch;
    this.#now = now;
  }

  async get(): Promise<T> {
    const held = this.#held;
    const nowMs = this.#now();
    if (held === undefined || nowMs >= held.goodUntilMs) return this.#renewed();
    if (nowMs >= held.renewAtMs) this.#renewed().catch(() => undefined);
    return held.value;
  }

  /** Who was refused with it asks for another. */
  forget(): void {
    this.#held = undefined;
  }

  #renewed(): Promise<T> {
    this.#coming ??= this.#renew().finally(() => (this.#coming = undefined));
    return this.#coming;
  }

  async #renew(): Promise<T> {
    const fetchedAtMs = this.#now();
    const { value, goodUntilMs } = await this.#fetch();
    const renewAtMs = fetchedAtMs + (goodUntilMs - fetchedAtMs) * renewAfter;
    this.#held = { value, goodUntilMs, renewAtMs };
    return value;
  }
}
