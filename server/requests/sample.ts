/** Successes of a tenant in a second that are all kept; of those beyond, one in so many. */
const keptPerSecond = 20;
const oneIn = 100;

/** Which requests of a second are kept, and how many each of them stands for. Failures always are. */
export class Sample {
  #second = 0;
  readonly #successes = new Map<string, number>();

  /** Zero: it is left out. */
  weigh(tenantId: string, isFailure: boolean, nowMs: number): number {
    if (isFailure) return 1;
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#successes.clear();
    }
    const before = this.#successes.get(tenantId) ?? 0;
    this.#successes.set(tenantId, before + 1);
    if (before < keptPerSecond) return 1;
    return (before - keptPerSecond) % oneIn === oneIn - 1 ? oneIn : 0;
  }
}
