import type { Commanded } from "./history.ts";

/** How long a command whose end nobody heard may still take place, or its flag stand. */
const lingersMs = 11_000;

interface Stretch<V> {
  readonly from: number;
  readonly to: number;
  readonly value: V;
}

/** One thing that commands set, such as a price: what it may have been, at any moment. */
export class Register<V> {
  readonly #stretches: Stretch<V>[] = [];

  /** `sets` says what a command makes of it; undefined where it is about something else. */
  constructor(
    first: V,
    commands: readonly Commanded[],
    sets: (command: Commanded["command"]) => V | undefined,
  ) {
    let [value, since] = [first, -Infinity];
    for (const { command, outcome, inv, ret } of commands.toSorted((a, b) => a.inv - b.inv)) {
      const next = sets(command);
      if (next === undefined) continue;
      if (outcome === "ok") {
        this.#stretches.push({ from: since, to: ret, value });
        [value, since] = [next, inv];
      } else {
        // Its flag may stand although it failed, and its change may come although it was not heard of.
        this.#stretches.push({ from: inv, to: ret + lingersMs, value: next });
      }
    }
    this.#stretches.push({ from: since, to: Infinity, value });
  }

  within(from: number, to: number): Set<V> {
    const during = this.#stretches.filter((one) => one.from <= to && one.to >= from);
    return new Set(during.map(({ value }) => value));
  }
}
