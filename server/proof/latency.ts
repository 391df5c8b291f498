/** From a microsecond up; 32 steps to a doubling are 2.2 % each, 31 doublings are over half an hour. */
const stepsPerDoubling = 32;
const doublings = 31;

/** How long things took, in a fixed 8 kB however many there were. */
export class Latency {
  count = 0;
  /** Exact, unlike the quantiles. */
  maxMs = 0;
  readonly #counts = new Float64Array(stepsPerDoubling * doublings);

  record(ms: number): void {
    this.count++;
    if (ms > this.maxMs) this.maxMs = ms;
    const step = Math.floor(Math.log2(ms * 1000) * stepsPerDoubling);
    const last = this.#counts.length - 1;
    // Also what is no time at all (the clock may stand still between two looks) has a place.
    const place = step > last ? last : step >= 0 ? step : 0;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  /** The time that a share `q` of them did not exceed, within 1.1 %; 0 when there were none. */
  quantile(q: number): number {
    const wanted = Math.max(1, Math.ceil(q * this.count));
    let seen = 0;
    for (let place = 0; place < this.#counts.length; place++) {
      seen += this.#counts[place] ?? 0;
      if (seen >= wanted) return Math.min(this.maxMs, middleOf(place));
    }
    return 0;
  }
}

function middleOf(place: number): number {
  return 2 ** ((place + 0.5) / stepsPerDoubling) / 1000;
}
