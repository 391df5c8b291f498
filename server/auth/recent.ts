interface Options {
  readonly freshMs: number;
  readonly sizeMax: number;
  readonly now: () => number;
}

interface Cached<V> {
  readonly untilMs: number;
  readonly value: Promise<V | undefined>;
  isThere: boolean;
}

/** What was looked up lately: at most `freshMs` old, and who was asked for longest ago goes first. */
export class Recent<V> {
  readonly #lookUp: (key: string) => Promise<V | undefined>;
  readonly #options: Options;
  readonly #cache = new Map<string, Cached<V>>();

  constructor(lookUp: (key: string) => Promise<V | undefined>, options: Options) {
    this.#lookUp = lookUp;
    this.#options = options;
  }

  find(key: string): Promise<V | undefined> {
    const { freshMs, sizeMax, now } = this.#options;
    const cache = this.#cache;
    const nowMs = now();
    const cached = cache.get(key);
    if (cached && nowMs < cached.untilMs) return cached.value;
    // Counted from before the look-up: what it can miss was not yet committed by then.
    const isThere = cached?.isThere === true;
    const fresh: Cached<V> = { untilMs: nowMs + freshMs, value: this.#lookUp(key), isThere };
    fresh.value.then(
      (found) => (fresh.isThere = found !== undefined),
      () => cache.get(key) === fresh && cache.delete(key),
    );
    cache.delete(key);
    cache.set(key, fresh);
    const [oldest] = cache.keys();
    if (cache.size > sizeMax && oldest !== undefined) cache.delete(oldest);
    return fresh.value;
  }

  /** Whether it was looked up and found, however long ago; asks nobody. */
  knows(key: string): boolean {
    return this.#cache.get(key)?.isThere === true;
  }

  /** What changed here is seen here at once. */
  forget(): void {
    this.#cache.clear();
  }
}
