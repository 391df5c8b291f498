import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/open.ts";
import { prove, type Proof } from "../prove.ts";
import type { Copies } from "./copies.ts";
import type { Fault } from "./fault.ts";
import { heal } from "./faults.ts";
import { meanwhile } from "./gave-up.ts";
import type { Shelf } from "./history.ts";
import { Luck } from "./luck.ts";
import { loadDefaults, type Play } from "./play.ts";
import { playWave, type Judged } from "./round.ts";
import type { Sink } from "./sink.ts";
import type { Stage } from "./stage.ts";
import { Tally, type Strike, type VerifyReport } from "./tally.ts";
import type { Target } from "./target.ts";

export interface VerifyOptions {
  readonly seed: number;
  readonly minutes: number;
  /** That sell at the same time. */
  readonly worlds: number;
  /** So many at most, however much time there is. */
  readonly worldsMax?: number;
  readonly faults: readonly Fault[];
  /** Of those that were wanted, what this machine has not the means for. */
  readonly leftOut?: VerifyReport["leftOut"];
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

const wellAgainMs = 20_000;
const gapMs = [400, 1_600] as const;

/**
 * Wave after wave of worlds until the time is over, with one fault after the other; each world is held to
 * its history. When it cannot go on, what was judged before is reported all the same.
 */
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
  const stopEarly = (): void => {
    tally.stopped = !stopping.signal.aborted;
    stop();
  };
  options.signal.addEventListener("abort", stopEarly, { once: true });
  if (options.signal.aborted) stopEarly();
  const { worldsMax = Infinity } = options;
  const onProgress = (attempts: number): void => {
    const share = (performance.now() - startedAt) / time;
    options.onProgress?.({ ...tally.progress, share, attempts: tally.attempts + attempts });
  };
  try {
    do await oneWave(db, targetOf, { options, tally, signal: stopping.signal, onProgress });
    while (!stopping.signal.aborted && tally.rounds < worldsMax);
  } catch (cause) {
    tally.failed = cause instanceof Error ? cause.message : String(cause);
  }
  clearTimeout(timer);
  options.signal.removeEventListener("abort", stopEarly);
  return tally.report((performance.now() - startedAt) / 1000);
}

interface Wave {
  readonly options: VerifyOptions;
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly onProgress: (attempts: number) => void;
}

async function oneWave(
  db: Db,
  targetOf: (shelf: Shelf) => Target | Promise<Target>,
  { options, tally, signal, onProgress }: Wave,
): Promise<void> {
  const { clients, operations, stage, path, copiesOf, worldsMax = Infinity } = options;
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
    signal,
    ...(path !== undefined && { path }),
    ...(copiesOf && { copiesOf }),
    during: (plays, over) => strikeUntil(over, plays, { options, tally, strikes }),
    async heal() {
      if (stage !== undefined) await heal(stage, options.sink);
    },
    onProgress,
  });
  tally.add(worlds, withRecoveries(strikes, worlds));
  for (const proof of await proofsOf(db, worlds, stage)) tally.addProof(proof);
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
