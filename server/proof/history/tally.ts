import { readVersion } from "../../base/version.ts";
import { fourNumbers, type FourNumbers, type Proof } from "../prove.ts";
import { checks } from "./check.ts";
import { CopiesTally, type CopiesReport } from "./copies-report.ts";
import type { EngineName } from "./engine.ts";
import type { Meanwhile } from "./gave-up.ts";
import type { Attempt, History, Violation } from "./history.ts";
import { OutsideTally, type OutsideReport } from "./outside-report.ts";
import type { Judged } from "./round.ts";
import { asLines, shrink } from "./shrink.ts";
import type { VerifyOptions } from "./verify.ts";

/** A fault as it was struck, and how long it then took until somebody was answered again. */
export interface Strike extends Partial<Meanwhile> {
  readonly name: string;
  readonly endedAt: number;
  readonly lastedMs: number;
  /** Absent where the world had ended before anybody asked again. */
  readonly recoveryMs?: number;
}

export interface VerifyReport {
  /** Every promise that was looked at was kept, and the run came to its end or was stopped. */
  readonly ok: boolean;
  /** Of ZeroRace. */
  readonly version: string;
  /** Absent where the run was a guest of somebody's database. */
  readonly engine?: EngineName;
  /** Absent for a guest, too. */
  readonly servers?: number;
  readonly minutes: number;
  readonly worldsAtOnce: number;
  readonly operationsPerWorld: number;
  readonly clients: number;
  /** That there was to be, by name. */
  readonly faults: readonly string[];
  readonly leftOut: readonly { readonly name: string; readonly needs: string }[];
  /** By somebody, before its time. */
  readonly stopped: boolean;
  /** Why it could not go on: what it tells is of before. */
  readonly failed?: string;
  readonly seed: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly operations: number;
  readonly attempts: number;
  readonly commands: number;
  /** By what was heard: granted, declined, told again, or why there was no answer. */
  readonly heard: Readonly<Record<string, number>>;
  readonly strikes: readonly Strike[];
  readonly witnessed: boolean;
  /** Absent where nobody reads copies. */
  readonly copies?: CopiesReport;
  /** Absent where nobody looks at webhooks and the audit log. */
  readonly outside?: OutsideReport;
  /** What this run could not look at is not said to hold: there is no count. */
  readonly checks: readonly { name: string; says: string; violations?: number }[];
  readonly invariants: FourNumbers;
  /** Everything that the proof found, these four among it. */
  readonly foundInTheBooks: number;
  /** The first violations of each promise, and what was found in the books. */
  readonly shown: readonly Shown[];
}

interface Shown {
  /** Of its world; absent where it was found in the books of all. */
  readonly seed?: number;
  readonly check: string;
  readonly says: string;
  /** The smallest part of its history that shows it, a line an attempt. */
  readonly history: readonly string[];
  /** That were at work between the first and the last moment of it. */
  readonly faults: readonly string[];
}

/** One kind must not hide the others. */
const shownOfEach = 2;
const linesMax = 20;

/** What all rounds came to; of each no more than that is kept. */
export class Tally {
  stopped = false;
  failed: string | undefined;
  rounds = 0;
  attempts = 0;
  faults = 0;
  #operations = 0;
  #commands = 0;
  #witnessed = true;
  readonly #options: VerifyOptions;
  readonly #heard: Record<string, number> = {};
  readonly #strikes: Strike[] = [];
  readonly #violations = new Map<string, number>();
  readonly #shown: Shown[] = [];
  readonly #four = { oversells: 0, duplicateSettlements: 0, ledgerDrift: 0, mandateBreaches: 0 };
  readonly #copies = new CopiesTally();
  readonly #outside = new OutsideTally();
  #broken = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  get progress() {
    const violations = [...this.#violations.values()].reduce((sum, n) => sum + n, this.#broken);
    return { rounds: this.rounds, faults: this.faults, violations };
  }

  add(worlds: readonly Judged[], strikes: readonly Strike[]): void {
    this.#strikes.push(...strikes);
    for (const world of worlds) {
      this.#addWorld(world);
      for (const violation of world.violations) this.#show(world.history, violation, strikes);
    }
  }

  #addWorld({ history, violations }: Judged): void {
    this.rounds++;
    this.attempts += history.attempts.length;
    this.#operations += new Set(history.attempts.map(({ op }) => op)).size;
    this.#commands += history.commands.length;
    this.#witnessed &&= history.books.writes !== undefined;
    this.#copies.add(history);
    this.#outside.add(history);
    for (const attempt of history.attempts) {
      const word = wordFor(attempt);
      this.#heard[word] = (this.#heard[word] ?? 0) + 1;
    }
    for (const { check } of violations)
      this.#violations.set(check, (this.#violations.get(check) ?? 0) + 1);
  }

  #show(history: History, violation: Violation, strikes: readonly Strike[]): void {
    const { check, says } = violation;
    if (this.#shown.filter((one) => one.check === check).length === shownOfEach) return;
    const part = shrink(history, violation);
    const lines = asLines(part);
    const more = lines.splice(linesMax).length;
    if (more > 0) lines.push(`and ${more} more`);
    const from = Math.min(...part.map(({ inv }) => inv));
    const to = Math.max(...part.map(({ ret }) => ret));
    const during = strikes.filter((one) => one.endedAt >= from && one.endedAt - one.lastedMs <= to);
    const faults = [...new Set(during.map(({ name }) => name))];
    this.#shown.push({ seed: history.seed, check, says, history: lines, faults });
  }

  /** Of a guest's own worlds, each once; or of all the books, again after each wave. */
  addProof(proof: Proof): void {
    const again = proof.tenantId === null;
    const added = (before: number, found: number): number =>
      again ? Math.max(before, found) : before + found;
    let broken = 0;
    for (const { name, says, count } of proof.findings) {
      broken += count;
      const shown = this.#shown.filter(({ check }) => check === name).length;
      if (count > 0 && shown < (again ? 1 : shownOfEach))
        this.#shown.push({ check: name, says: `${count} found: ${says}`, history: [], faults: [] });
    }
    this.#broken = added(this.#broken, broken);
    const found = fourNumbers(proof);
    for (const name of Object.keys(this.#four) as (keyof FourNumbers)[])
      this.#four[name] = added(this.#four[name], found[name]);
  }

  report(seconds: number): VerifyReport {
    const copies = this.#copies.report();
    const outside = this.#outside.report();
    const isSeen = (name: string): boolean => {
      if (name === "C8") return copies !== undefined;
      if (name === "C10") return this.#witnessed;
      return name !== "C11" || outside !== undefined;
    };
    const table = checks.map(([name, says]) => ({
      name,
      says,
      ...(this.rounds > 0 && isSeen(name) && { violations: this.#violations.get(name) ?? 0 }),
    }));
    const kept = this.#broken === 0 && this.#violations.size === 0;
    return {
      ok: kept && this.failed === undefined,
      ...this.#asked(),
      stopped: this.stopped,
      ...(this.failed !== undefined && { failed: this.failed }),
      seconds: Number(seconds.toFixed(1)),
      rounds: this.rounds,
      operations: this.#operations,
      attempts: this.attempts,
      commands: this.#commands,
      heard: this.#heard,
      strikes: this.#strikes,
      witnessed: this.#witnessed,
      ...(copies && { copies }),
      ...(outside && { outside }),
      checks: table,
      invariants: this.#four,
      foundInTheBooks: this.#broken,
      shown: this.#shown,
    };
  }

  #asked() {
    const { seed, minutes, worlds, operations, clients, faults, leftOut, stage } = this.#options;
    return {
      version: readVersion(),
      ...(stage && { engine: stage.engine.name, servers: stage.urls.length }),
      seed,
      minutes,
      worldsAtOnce: worlds,
      operationsPerWorld: operations,
      clients,
      faults: faults.map(({ name }) => name),
      leftOut: leftOut ?? [],
    };
  }
}

function wordFor({ what, outcome, replayed }: Attempt): string {
  if (outcome === "ok") return replayed === true ? "told again" : what;
  return outcome === "info" ? "in doubt" : /^[A-Z_]+$/.test(what) ? "rejected" : what;
}
