/** At most so many letters, however many agents or units there are. */
const arrivalCellsMax = 2_000;
const unitCellsMax = 400;

/** Who came and what they got, as a few thousand letters. */
export class Picture {
  /** Of the first units that went, in the order in which they did. */
  readonly buyers = { agents: [] as number[], afterMs: [] as number[], waitMs: [] as number[] };
  readonly #agents: number;
  readonly #units: number;
  readonly #isAnswered: Uint8Array;
  readonly #answered: Uint32Array;
  readonly #sold: Uint32Array;
  readonly #waitedMs: Float64Array;
  #soldUnits = 0;

  constructor({ agents, units }: { readonly agents: number; readonly units: number }) {
    this.#agents = agents;
    this.#units = units;
    const cells = Math.min(agents, arrivalCellsMax);
    this.#isAnswered = new Uint8Array(agents);
    this.#answered = new Uint32Array(cells);
    this.#sold = new Uint32Array(cells);
    this.#waitedMs = new Float64Array(cells);
  }

  /** An agent that asks twice counts once. `afterMs`: since the sale began; `waitMs`: since it asked. */
  note(agent: number, isSold: boolean, afterMs: number, waitMs: number): void {
    if (this.#isAnswered[agent] !== 0) return;
    this.#isAnswered[agent] = 1;
    const cell = Math.floor((agent * this.#answered.length) / this.#agents);
    this.#answered[cell] = (this.#answered[cell] ?? 0) + 1;
    this.#waitedMs[cell] = (this.#waitedMs[cell] ?? 0) + waitMs;
    if (!isSold) return;
    this.#sold[cell] = (this.#sold[cell] ?? 0) + 1;
    if (this.#soldUnits++ >= unitCellsMax) return;
    this.buyers.agents.push(agent);
    this.buyers.afterMs.push(Math.round(afterMs));
    this.buyers.waitMs.push(Math.round(waitMs));
  }

  /** `asked`: agents come in the order of their numbers. */
  arrivalCells(asked: number): string {
    let cells = "";
    const count = this.#answered.length;
    for (let cell = 0; cell < count; cell++) {
      const first = Math.ceil((cell * this.#agents) / count);
      const size = Math.ceil(((cell + 1) * this.#agents) / count) - first;
      if ((this.#sold[cell] ?? 0) > 0) cells += "s";
      else if (this.#answered[cell] === size) cells += "d";
      else cells += first < asked ? "w" : ".";
    }
    return cells;
  }

  /** How long those of a cell waited, on average: `0` nobody has an answer, `1` under 8 ms, each next one twice that. */
  waitCells(): string {
    let cells = "";
    for (let cell = 0; cell < this.#answered.length; cell++) {
      const answered = this.#answered[cell] ?? 0;
      const ms = (this.#waitedMs[cell] ?? 0) / answered;
      cells += answered === 0 ? 0 : Math.min(9, Math.max(1, Math.floor(Math.log2(ms)) - 1));
    }
    return cells;
  }

  /** Units of one kind are all alike: they are shown in the order in which they went. */
  unitCells(): string {
    const count = Math.min(this.#units, unitCellsMax);
    const filled = count === 0 ? 0 : (this.#soldUnits * count) / this.#units;
    const whole = Math.min(count, Math.floor(filled));
    const part = filled > whole && whole < count ? 1 : 0;
    return "s".repeat(whole) + "p".repeat(part) + "f".repeat(count - whole - part);
  }
}
