import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/open.ts";
import { fourNumbers, prove, type FourNumbers, type Proof } from "../prove.ts";
import { checks } from "./check.ts";
import { CopiesTally, type CopiesReport } from "./copies-report.ts";
import type { Copies } from "./copies.ts";
import type { Fault } from "./fault.ts";
import { heal } from "./faults.ts";
import { meanwhile, type Meanwhile } from "./gave-up.ts";
import type { Attempt, Shelf } from "./history.ts";
import { Luck } from "./luck.ts";
import { OutsideTally, type OutsideReport } from "./outside-report.ts";
import { loadDefaults, type Play } from "./play.ts";
import { playWave, type Judged } from "./round.ts";
import { asLines, shrink } from "./shrink.ts";
import type { Sink } from "./sink.ts";
import type { Stage } from "./stage.ts";
import type { Target } from "./target.ts";

export interface VerifyOptions {
  readonly seed: number;
  readonly minutes: number;
  /** That sell at the same time. */
  readonly worlds: number;
  /** So many at most, however much time there is. */
  readonly worldsMax?: number;
  readonly faults: readonly Fault[];
  /** Of a world: then its books are checked, and another one is opened. */
  readonly operations: number;
  readonly clients: number;
  /** Absent where the run is a guest of somebody's database. */
  readonly stage?: Stage;
  /** Where the webhooks of the worlds lead, to misbehave on purpose. */
  readonly sink?: Sink;
  /** Absent where there are no copies to read. */
  readonly copiesOf?: (shelf: Shelf) => Promise<Copies>;
  readonly path?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly share: number;
  readonly rounds: number;
  readonly attempts: number;
  readonly faults: number;
  readonly violations: number;
}

/** A fault as it was struck, and how long it then took until somebody was answered again. */
export interface Strike extends Partial<Meanwhile> {
  readonly name: string;
  readonly endedAt: number;
  readonly lastedMs: number;
  /** Absent where the world had ended before anybody asked again. */
  readonly recoveryMs?: number;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly seed: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly operations: number;
  readonly attempts: number;
  readonly commands: number;
  /** By what was heard: granted, declined, replayed, or why there was no answer. */
  readonly heard: Readonly<Record<string, number>>;
  readonly strikes: readonly Strike[];
  readonly witnessed: boolean;
  /** Absent where nobody reads copies. */
  readonly copies?: CopiesReport;
  /** Absent where nobody looks at webhooks and the audit log. */
  readonly outside?: OutsideReport;
  readonly checks: readonly { name: string; says: string; violations: number }[];
  readonly invariants: FourNumbers;
  /** Of the first violations: what, in which world, and the smallest part of its history that shows it. */
  readonly shown: readonly { seed?: number; check: string; says: string; history: string[] }[];
}

const shownMax = 5;
const wellAgainMs = 20_000;
const gapMs = [400, 1_600] as const;

/** Wave after wave of worlds until the time is over, with one fault after the other; each world is held to its history. */
export async function verify(
  db: Db,
  targetOf: (shelf: Shelf) => Target | Promise<Target>,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const startedAt = performance.now();
  const time = options.minutes * 60_000;
  const tally = new Tally(options);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  const timer = setTimeout(stop, time);
  options.signal.addEventListener("abort", stop, { once: true });
  const { clients, operations, stage, path, copiesOf, worldsMax = Infinity } = options;
  do {
    const strikes: Strike[] = [];
    const count = Math.min(options.worlds, worldsMax - tally.rounds);
    const seeds = Array.from({ length: count }, (_, nth) => options.seed + tally.rounds + nth);
    const worlds = await playWave(db, targetOf, seeds, {
      ...loadDefaults,
      clients,
      operations,
      seed: options.seed,
      witness: stage !== undefined,
      ...(stage !== undefined && { beneath: stage.engine.beneath }),
      oneLine: stage !== undefined,
      guest: stage === undefined,
      told: stage !== undefined,
      signal: stopping.signal,
      ...(path !== undefined && { path }),
      ...(copiesOf && { copiesOf }),
      during: (plays, over) => strikeUntil(over, plays, { options, tally, strikes }),
      async heal() {
        if (stage !== undefined) await heal(stage, options.sink);
      },
      onProgress(attempts) {
        const share = (performance.now() - startedAt) / time;
        options.onProgress?.({ ...tally.progress, share, attempts: tally.attempts + attempts });
      },
    });
    tally.add(worlds, withRecoveries(strikes, worlds));
    for (const proof of await proofsOf(db, worlds, stage)) tally.addProof(proof);
  } while (!stopping.signal.aborted && tally.rounds < worldsMax);
  clearTimeout(timer);
  return tally.report((performance.now() - startedAt) / 1000);
}

/** One fault after the other: how long things take to get well is told of each. */
async function strikeUntil(
  over: AbortSignal,
  plays: readonly Play[],
  { options, tally, strikes }: { options: VerifyOptions; tally: Tally; strikes: Strike[] },
): Promise<void> {
  const { seed, stage, sink, faults } = options;
  const luck = new Luck(seed, -100 - tally.rounds);
  const storm = async (count: number): Promise<void> => luck.pick(plays)?.storm(count);
  while (await pause(luck.from(...gapMs), over)) {
    const fault = faults[tally.faults % faults.length];
    if (fault === undefined) return;
    tally.faults++;
    const at = performance.now();
    await fault.strike({ stage, storm, sink }, luck);
    const endedAt = performance.now();
    strikes.push({ name: fault.name, endedAt, lastedMs: endedAt - at });
    const patience = endedAt + wellAgainMs;
    const isWell = (): boolean => plays.some(({ lastAnswered }) => lastAnswered >= endedAt);
    while (!isWell() && performance.now() < patience) if (!(await pause(20, over))) return;
  }
}

/** In a database of ours all is proven at once; as a guest only what is ours. */
async function proofsOf(
  db: Db,
  worlds: readonly Judged[],
  stage: Stage | undefined,
): Promise<Proof[]> {
  if (stage !== undefined) return [await prove(stage.engine.beneath)];
  const proofs: Proof[] = [];
  for (const { history } of worlds)
    proofs.push(await prove(db, { tenantId: history.shelf.tenantId }));
  return proofs;
}

/** False when it is over. */
async function pause(ms: number, over: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal: over }).catch(() => undefined);
  return !over.aborted;
}

/** Until the first answer to who asked after it was over. */
function withRecoveries(strikes: readonly Strike[], worlds: readonly Judged[]): Strike[] {
  const answered = worlds
    .flatMap(({ history }) => history.attempts.filter(({ outcome }) => outcome === "ok"))
    .toSorted((a, b) => a.ret - b.ret);
  return strikes.map((struck) => {
    const strike = { ...struck, ...meanwhile(worlds, struck) };
    const first = answered.find(({ inv }) => inv >= strike.endedAt);
    return first === undefined ? strike : { ...strike, recoveryMs: first.ret - strike.endedAt };
  });
}

/** What all rounds came to; of each no more than that is kept. */
class Tally {
  rounds = 0;
  attempts = 0;
  faults = 0;
  #operations = 0;
  #commands = 0;
  #witnessed = true;
  readonly #seed: number;
  readonly #heard: Record<string, number> = {};
  readonly #strikes: Strike[] = [];
  readonly #violations = new Map<string, number>();
  readonly #shown: VerifyReport["shown"][0][] = [];
  readonly #four = { oversells: 0, duplicateSettlements: 0, ledgerDrift: 0, mandateBreaches: 0 };
  readonly #copies = new CopiesTally();
  readonly #outside = new OutsideTally();
  #broken = 0;

  constructor({ seed }: VerifyOptions) {
    this.#seed = seed;
  }

  get progress() {
    const violations = [...this.#violations.values()].reduce((sum, one) => sum + one, 0);
    return { rounds: this.rounds, faults: this.faults, violations };
  }

  add(worlds: readonly Judged[], strikes: readonly Strike[]): void {
    this.#strikes.push(...strikes);
    for (const world of worlds) this.#addWorld(world);
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
    for (const violation of violations) {
      const { check, says } = violation;
      this.#violations.set(check, (this.#violations.get(check) ?? 0) + 1);
      if (this.#shown.length === shownMax) continue;
      const part = asLines(shrink(history, violation)).slice(0, 20);
      this.#shown.push({ seed: history.seed, check, says, history: part });
    }
  }

  addProof(proof: Proof): void {
    for (const { name, count } of proof.findings) {
      this.#broken += count;
      if (count > 0 && this.#shown.length < shownMax)
        this.#shown.push({ check: name, says: `${count} found in the books`, history: [] });
    }
    const found = fourNumbers(proof);
    for (const name of Object.keys(this.#four) as (keyof FourNumbers)[])
      this.#four[name] += found[name];
  }

  report(seconds: number): VerifyReport {
    const copies = this.#copies.report();
    const outside = this.#outside.report();
    const table = checks.map(([name, says]) => ({
      name,
      says,
      violations: this.#violations.get(name) ?? 0,
    }));
    return {
      ok: this.#broken === 0 && table.every(({ violations }) => violations === 0),
      seed: this.#seed,
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
      shown: this.#shown,
    };
  }
}

function wordFor({ what, outcome, replayed }: Attempt): string {
  if (outcome === "ok") return replayed === true ? "told again" : what;
  return outcome === "info" ? "in doubt" : /^[A-Z_]+$/.test(what) ? "rejected" : what;
}
