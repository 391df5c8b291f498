import type { RunFrame } from "./wire.ts";

/** Steps of time: eight to a doubling, from a quarter of a millisecond to four seconds. */
const stepsPerDoubling = 8;
const firstMs = 0.25;
const steps = stepsPerDoubling * 14;
/** Each is a doubling: within half a millisecond, within one, two, four … and all over two seconds. */
const rows = 14;
const columnsMax = 60;
const firstColumnMs = 250;

/**
 * How long answers took in the course of a run: sixty columns of time at most. When they are full, two and
 * two become one.
 */
export class LatencyStrip {
  #columnMs = firstColumnMs;
  #columns: Uint32Array[] = [];

  /** `afterMs`: since the sale began. */
  record(afterMs: number, ms: number): void {
    let at = Math.max(0, Math.floor(afterMs / this.#columnMs));
    while (at >= columnsMax) {
      this.#halve();
      at = Math.floor(afterMs / this.#columnMs);
    }
    while (this.#columns.length <= at) this.#columns.push(new Uint32Array(steps));
    const column = this.#columns[at] as Uint32Array;
    const step = Math.floor(Math.log2(ms / firstMs) * stepsPerDoubling);
    const place = step >= steps ? steps - 1 : step >= 0 ? step : 0;
    column[place] = (column[place] ?? 0) + 1;
  }

  /** A digit for each row, the fastest first: `0` none, up to `9` all of the column. */
  view(): RunFrame["latency"] {
    return {
      columnMs: this.#columnMs,
      columns: this.#columns.map(digitsOf),
      p50Ms: this.#columns.map((column) => quantile(column, 0.5)),
      p99Ms: this.#columns.map((column) => quantile(column, 0.99)),
    };
  }

  #halve(): void {
    this.#columnMs *= 2;
    const before = this.#columns;
    this.#columns = before
      .filter((_, at) => at % 2 === 0)
      .map((column, at) => column.map((count, step) => count + (before[2 * at + 1]?.[step] ?? 0)));
  }
}

function digitsOf(column: Uint32Array): string {
  const counts = Array.from({ length: rows }, () => 0);
  column.forEach((count, step) => {
    const row = Math.min(rows - 1, Math.floor(step / stepsPerDoubling));
    counts[row] = (counts[row] ?? 0) + count;
  });
  const all = counts.reduce((sum, count) => sum + count, 0);
  // The root, so that a few slow ones are seen beside the many.
  return counts.map((count) => (all === 0 ? 0 : Math.ceil(9 * Math.sqrt(count / all)))).join("");
}

function quantile(column: Uint32Array, q: number): number {
  const all = column.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (let step = 0; step < steps; step++) {
    seen += column[step] ?? 0;
    if (all > 0 && seen >= q * all) {
      return Number((firstMs * 2 ** ((step + 0.5) / stepsPerDoubling)).toFixed(1));
    }
  }
  return 0;
}
