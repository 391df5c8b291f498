import { Latency } from "../latency.ts";
import type { History } from "./history.ts";
import { indexOf } from "./indexed.ts";

/** What readers of copies met with, over all worlds of a run. */
export interface CopiesReport {
  /** Looks at documents, and at sums by where they came from. */
  readonly reads: number;
  readonly sums: Readonly<Record<"copies" | "books", number>>;
  /** How long ago the first change was acknowledged that a reader did not see yet; 0 where it saw all. */
  readonly behindMs: Quantiles;
  /** How old sums from the copies said that they are. */
  readonly ageMs: Quantiles;
  /** Documents that were held against the books at the end of a world. */
  readonly documents: number;
  /** From the last answer of a world until all its copies equalled the books: of the slowest world. */
  readonly convergedMs: number;
}

type Quantiles = Readonly<Record<"p50" | "p99" | "max", number>>;

export class CopiesTally {
  readonly #behind = new Latency();
  readonly #age = new Latency();
  #worlds = 0;
  #reads = 0;
  readonly #sums = { copies: 0, books: 0 };
  #documents = 0;
  #convergedMs = 0;

  add(history: History): void {
    const { reads, sums, copied } = history;
    if (copied === undefined) return;
    this.#worlds++;
    this.#reads += reads.length;
    for (const { from, ret, asOf } of sums) {
      this.#sums[from]++;
      if (from === "copies") this.#age.record(Math.max(0, ret - asOf));
    }
    for (const ms of lagsIn(history)) this.#behind.record(ms);
    this.#documents += copied.documents;
    this.#convergedMs = Math.max(this.#convergedMs, copied.ms);
  }

  report(): CopiesReport | undefined {
    if (this.#worlds === 0) return undefined;
    return {
      reads: this.#reads,
      sums: this.#sums,
      behindMs: quantilesOf(this.#behind),
      ageMs: quantilesOf(this.#age),
      documents: this.#documents,
      convergedMs: Math.round(this.#convergedMs),
    };
  }
}

const quantilesOf = (latency: Latency): Quantiles => ({
  p50: Math.round(latency.quantile(0.5)),
  p99: Math.round(latency.quantile(0.99)),
  max: Math.round(latency.maxMs),
});

/** Of each look at a purchase: for how long there had been something that it did not show. */
function lagsIn(history: History): number[] {
  const heard = new Map<string, number[]>();
  const heardOn = (id: string): number[] => {
    let times = heard.get(id);
    if (times === undefined) {
      times = acknowledged(history, id);
      heard.set(id, times);
    }
    return times;
  };
  return history.reads
    .filter(({ of }) => of === "purchase")
    .map(({ id, version, inv }) => {
      // Of several acknowledged versions the first is shown first: by count, whichever ask it was.
      const missed = heardOn(id)[version];
      return missed === undefined || missed > inv ? 0 : inv - missed;
    });
}

/** When each change of a purchase was first acknowledged, in that order. */
function acknowledged(history: History, purchaseId: string): number[] {
  const { answersOn, byKey } = indexOf(history);
  const granted = (answersOn.get(purchaseId) ?? []).filter((row) => row.granted);
  const times = granted.map(({ key }) =>
    Math.min(
      Infinity,
      ...(byKey.get(key) ?? []).filter(({ outcome }) => outcome === "ok").map(({ ret }) => ret),
    ),
  );
  return times.toSorted((a, b) => a - b);
}
