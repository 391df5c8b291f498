import type { Transaction } from "./transaction.ts";

/**
 * What can be made to happen to a COMMIT. `before`: the transaction is rolled back. `after`: it is
 * committed, and the client is told otherwise or nothing.
 */
export const faults = [
  "OC000",
  "OC001",
  "XX000-before",
  "XX000-after",
  "cut-before",
  "cut-after",
  "rollback",
] as const;
export type FaultName = (typeof faults)[number];

interface Injection {
  readonly spec: string;
  readonly fault: FaultName;
  /** Only transactions that wrote or locked rows of this table. */
  readonly table?: string;
  /** Only those of this application_name, or of a comment in the transaction. */
  readonly label?: string;
  /** Only the n-th COMMIT of those that match, counted from 1. */
  readonly nth?: number;
  /** Only this share of them, drawn from a sequence that the seed repeats. */
  readonly probability?: number;
  /** How often at most. */
  readonly times: number;
  seen: number;
  done: number;
  luck: number;
}

const names = ["fault", "table", "label", "nth", "probability", "seed", "times"];

/** Which COMMITs fail, and how. Changed while the server runs; the same seed fails the same ones. */
export class Injections {
  #list: Injection[] = [];

  /** A line of `name=value` pairs; throws an Error that says what is wrong with it. */
  add(spec: string): void {
    const values = new Map<string, string>();
    for (const pair of spec.trim().split(/[\s,]+/)) {
      const [, name = "", value = ""] = /^([a-z]+)=(.+)$/.exec(pair) ?? [];
      if (!names.includes(name)) {
        throw new Error(`"${pair}" is not one of ${names.map((one) => `${one}=…`).join(", ")}`);
      }
      values.set(name, value);
    }
    const fault = faults.find((name) => name.toLowerCase() === values.get("fault")?.toLowerCase());
    if (!fault) throw new Error(`fault= must be one of ${faults.join(", ")}`);
    const nth = numberIn(values, "nth", 1, 1e9);
    const probability = numberIn(values, "probability", 0, 1);
    const table = values.get("table");
    const label = values.get("label");
    this.#list.push({
      spec: spec.trim(),
      fault,
      ...(table !== undefined && { table }),
      ...(label !== undefined && { label }),
      ...(nth !== undefined && { nth }),
      ...(probability !== undefined && { probability }),
      times: numberIn(values, "times", 1, 1e9) ?? (nth === undefined ? Infinity : 1),
      seen: 0,
      done: 0,
      luck: numberIn(values, "seed", 0, 2 ** 32 - 1) ?? 1,
    });
  }

  clear(): void {
    this.#list = [];
  }

  status(): string {
    return this.#list
      .map(({ spec, seen, done }) => `${spec}: ${done} of ${seen} commits`)
      .join("\n");
  }

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** Asked once for each COMMIT. */
  next(transaction: Transaction, application: string): FaultName | undefined {
    for (const injection of this.#list) {
      const { table, label, nth, probability, times } = injection;
      if (table !== undefined && !transaction.tables.has(table)) continue;
      if (label !== undefined && label !== application && label !== transaction.label) continue;
      injection.seen++;
      if (injection.done >= times) continue;
      if (nth !== undefined && injection.seen !== nth) continue;
      if (probability !== undefined && drawn(injection) >= probability) continue;
      injection.done++;
      return injection.fault;
    }
    return undefined;
  }
}

function drawn(injection: Injection): number {
  injection.luck = (Math.imul(injection.luck, 1_664_525) + 1_013_904_223) >>> 0;
  return injection.luck / 2 ** 32;
}

function numberIn(
  values: ReadonlyMap<string, string>,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max) return value;
  throw new Error(`${name}= must be a number from ${min} to ${max}, not "${text}"`);
}
