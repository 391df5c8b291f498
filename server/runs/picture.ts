/** At most so many letters, however many agents or units there are. */
const arrivalCellsMax = 2_000;
const unitCellsMax = 400;

/** Who came and what they got, as a few thousand letters. */
export class Picture {
  readonly #agents: number;
  readonly #units: number;
  readonly #isAnswered: Uint8Array;
  readonly #answered: Uint32Array;
  readonly #sold: Uint32Array;
  #soldUnits = 0;

  constructor({ agents, units }: { readonly agents: number; readonly units: number }) {
    this.#agents = agents;
    this.#units = units;
    const cells = Math.min(agents, arrivalCellsMax);
    this.#isAnswered = new Uint8Array(agents);
    this.#answered = new Uint32Array(cells);
    this.#sold = new Uint32Array(cells);
  }

  /** An agent that asks twice counts once. */
  note(agent: number, isSold: boolean): void {
    if (this.#isAnswered[agent] !== 0) return;
    this.#isAnswered[agent] = 1;
    const cell = Math.floor((agent * this.#answered.length) / this.#agents);
    this.#answered[cell] = (this.#answered[cell] ?? 0) + 1;
    if (!isSold) return;
    this.#sold[cell] = (this.#sold[cell] ?? 0) + 1;
    this.#soldUnits++;
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

  /** Units of one kind are all alike: they are shown in the order in which they went. */
  unitCells(): string {
    const count = Math.min(this.#units, unitCellsMax);
    const filled = count === 0 ? 0 : (this.#soldUnits * count) / this.#units;
    const whole = Math.min(count, Math.floor(filled));
    const part = filled > whole && whole < count ? 1 : 0;
    return "s".repeat(whole) + "p".repeat(part) + "f".repeat(count - whole - part);
  }
}
