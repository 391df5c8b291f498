import type { History } from "./history.ts";

/** What the endpoints of the worlds got, and their logs noted. */
export interface OutsideReport {
  readonly arrivals: number;
  /** Of these the receiver said no, lost its answer or never gave one: on purpose. */
  readonly notAnswered: number;
  readonly entries: number;
}

export class OutsideTally {
  #sum: OutsideReport | undefined;

  add({ outside }: History): void {
    if (outside === undefined) return;
    const { arrivals, notAnswered, entries } = this.#sum ?? emptyReport;
    const heard = outside.heard?.arrivals ?? [];
    this.#sum = {
      arrivals: arrivals + heard.length,
      notAnswered: notAnswered + heard.filter(({ answered }) => answered !== "yes").length,
      entries: entries + outside.log.entries.length,
    };
  }

  /** Absent where nobody looked. */
  report(): OutsideReport | undefined {
    return this.#sum;
  }
}

const emptyReport: OutsideReport = { arrivals: 0, notAnswered: 0, entries: 0 };
