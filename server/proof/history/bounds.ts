/** A sum of which parts come and go: between which bounds it surely was, at any moment. */
export class Bounds {
  /** Moments in order, and the bound that holds from each of them to the next. */
  readonly #least: Steps;
  readonly #most: Steps;

  constructor(parts: readonly { amount: number; from: number; to: number }[]) {
    // The least: what was taken is gone as soon as it may be, what came counts when it surely came.
    this.#least = new Steps(parts.map(({ amount, from, to }) => [amount < 0 ? from : to, amount]));
    this.#most = new Steps(parts.map(({ amount, from, to }) => [amount < 0 ? to : from, amount]));
  }

  /** The least that it may have been at some moment from `from` to `to`. */
  leastWithin(from: number, to: number): number {
    return this.#least.lowest(from, to);
  }

  mostWithin(from: number, to: number): number {
    return 0 - this.#most.negated.lowest(from, to);
  }

  /** The first moment at which it was surely below zero. */
  get negativeAt(): number | undefined {
    return this.#most.firstBelowZero();
  }
}

/** A staircase, with the lowest step of any stretch in O(log n): a table of powers of two. */
class Steps {
  readonly #at: number[] = [];
  readonly #tables: number[][];
  #negated: Steps | undefined;

  constructor(changes: readonly (readonly [at: number, by: number])[], sign = 1) {
    const values: number[] = [];
    let sum = 0;
    const sorted = changes
      .filter(([at]) => at !== Infinity)
      .toSorted(([a], [b]) => (a === b ? 0 : a - b));
    for (const [at, by] of sorted) {
      sum += sign < 0 ? 0 - by : by;
      if (this.#at.at(-1) === at) values[values.length - 1] = sum;
      else {
        this.#at.push(at);
        values.push(sum);
      }
    }
    this.#tables = [values];
    for (let width = 1; 2 * width <= values.length; width *= 2) {
      const last = this.#tables.at(-1) ?? [];
      const next = last.slice(width).map((value, index) => Math.min(value, last[index] ?? value));
      this.#tables.push(next);
    }
    if (sign === 1) this.#negated = new Steps(changes, -1);
  }

  get negated(): Steps {
    return this.#negated ?? this;
  }

  lowest(from: number, to: number): number {
    const [first, last] = [Math.max(0, this.#placeOf(from)), this.#placeOf(to)];
    const before = this.#placeOf(from) < 0 ? 0 : Infinity;
    if (last < first) return before === Infinity ? 0 : before;
    const power = Math.floor(Math.log2(last - first + 1));
    const table = this.#tables[power] ?? [];
    const left = table[first] ?? Infinity;
    return Math.min(before, left, table[last - 2 ** power + 1] ?? left);
  }

  firstBelowZero(): number | undefined {
    const index = (this.#tables[0] ?? []).findIndex((value) => value < 0);
    return index < 0 ? undefined : this.#at[index];
  }

  /** Of the step that holds at a moment; below zero before the first. */
  #placeOf(moment: number): number {
    let low = 0;
    let high = this.#at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#at[middle] ?? 0) <= moment) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
