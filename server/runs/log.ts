import type { RunEvent } from "./wire.ts";

/** What a run that fails again and again has more of is not told. */
const eventsMax = 40;
const quarters = [25, 50, 75, 100] as const;

interface Seen {
  readonly phase: "opening" | "selling" | "proving";
  readonly answered: number;
  readonly sold: number;
  readonly lostRaces: number;
  readonly sentAgain: number;
  readonly isStopping: boolean;
  /** How many of the four numbers' findings the last proof has; null before the first. */
  readonly wrong: number | null;
  readonly regions: readonly { readonly name: string; readonly isUsed: boolean }[];
}

/** What happened in a run, as far as one would tell it afterwards. */
export class RunLog {
  readonly events: RunEvent[] = [];
  readonly #agents: number;
  readonly #units: number;
  readonly #once = new Set<string>();
  readonly #isUsed = new Map<string, boolean>();
  #wrong: number | null = null;

  constructor({ agents, units }: { readonly agents: number; readonly units: number }) {
    this.#agents = agents;
    this.#units = units;
  }

  /** Looked at with every frame. */
  look(seen: Seen, elapsedMs: number): void {
    const tell = (what: RunEvent["what"], more: Partial<RunEvent> = {}): void => {
      if (this.events.length < eventsMax) this.events.push({ atMs: elapsedMs, what, ...more });
    };
    const once = (isSo: boolean, what: RunEvent["what"], count?: number): void => {
      const name = `${what} ${count ?? ""}`;
      if (!isSo || this.#once.has(name)) return;
      this.#once.add(name);
      tell(what, count === undefined ? {} : { count });
    };
    once(seen.phase !== "opening", "selling");
    once(seen.sold > 0, "first_sale");
    once(this.#units > 0 && seen.sold >= this.#units, "sold_out");
    once(seen.lostRaces > 0, "first_lost_race");
    once(seen.sentAgain > 0, "first_sent_again");
    for (const percent of quarters) {
      once(seen.answered >= (this.#agents * percent) / 100, "answered", percent);
    }
    if (seen.wrong !== this.#wrong) tell("proof", { count: seen.wrong ?? 0 });
    this.#wrong = seen.wrong;
    once(seen.isStopping, "stopping");
    once(seen.phase === "proving", "proving");
    for (const { name, isUsed } of seen.regions) {
      if ((this.#isUsed.get(name) ?? true) !== isUsed) {
        tell(isUsed ? "region_back" : "region_left", { region: name });
      }
      this.#isUsed.set(name, isUsed);
    }
  }
}
