import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sumOf } from "../base/metrics.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { openKernel, type KernelSettings } from "../kernel/gather.ts";
import { openItems, openMandates } from "../kernel/openings.ts";
import type { Answer } from "../kernel/types.ts";
import { AnswerSheet } from "./answer-sheet.ts";
import { Crowd, type AgentAsk, type Shelf } from "./crowd.ts";
import { drive, type Drive } from "./drive.ts";
import { fourNumbers, holds, prove, type Proof } from "./prove.ts";
import type { SwarmReport } from "./swarm-report.ts";
import { openWorld } from "./world.ts";

export interface SwarmOptions {
  /** Who asks for one unit each. */
  readonly agents: number;
  readonly units: number;
  /** Among how many mandates the agents are spread; each has money for all of them. */
  readonly mandates: number;
  readonly concurrency: number;
  readonly seed: number;
  readonly duplicates: number;
  readonly kernel?: Partial<KernelSettings>;
  readonly signal?: AbortSignal;
  /** When it is stopped: what there was until then is reported, instead of an error. */
  readonly reportsWhenStopped?: boolean;
  readonly onWorld?: (tenantId: string) => void;
  /** Heard for each answer, tens of thousands of times a second. */
  readonly onAnswer?: (agent: number, answer: Answer, ms: number) => void;
}

export interface SwarmProgress extends Pick<
  AnswerSheet,
  "answered" | "sold" | "declined" | "declinedBy" | "replaysMatched" | "replaysMismatched"
> {
  readonly phase: "opening" | "selling" | "proving";
  readonly agents: number;
  /** Agents that have sent their ask. */
  readonly asked: number;
}

const priceMinor = 2_500n;
const currency = "USD";
const progressMs = 100;
const countingMs = 60_000;
/** An ask without an answer is sent again after a pause that grows to a second: for over a minute. */
const triesMax = 80;

/**
 * Many agents want few units, all at once, in a world of their own; then the books of that world
 * are proven, and held against what the agents were told.
 */
export async function runSwarm(
  db: Db,
  options: SwarmOptions,
  onProgress?: (progress: SwarmProgress) => void,
): Promise<SwarmReport> {
  const sheet = new AnswerSheet(options.agents);
  const { agents, signal } = options;
  let phase: SwarmProgress["phase"] = "opening";
  let crowd: Crowd | undefined;
  let peakBytes = 0;
  const look = (): void => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
    onProgress?.({ phase, agents, asked: crowd?.sent ?? 0, ...countsOf(sheet) });
  };
  const timer = setInterval(look, progressMs);
  try {
    look();
    const shelf = await openShelf(db, options);
    options.onWorld?.(shelf.tenantId);
    crowd = new Crowd(options, shelf);
    phase = "selling";
    const [racesBefore, regionsBefore] = [
      await sumOf(db.metrics.lostRaces),
      await transactionsOf(db),
    ];
    const sale = await sell(db, options, crowd, sheet);
    const lostRaces = (await sumOf(db.metrics.lostRaces)) - racesBefore;
    const regions = sharesOf(await transactionsOf(db), regionsBefore);
    if (options.reportsWhenStopped !== true) signal?.throwIfAborted();
    phase = "proving";
    look();
    const books = await readBooks(db, shelf.tenantId);
    const proof = await prove(db, { tenantId: shelf.tenantId });
    look();
    return report(options, { shelf, sheet, sale, lostRaces, regions, books, proof, peakBytes });
  } finally {
    clearInterval(timer);
  }
}

function countsOf(sheet: AnswerSheet): Omit<SwarmProgress, "phase" | "agents" | "asked"> {
  const { answered, sold, declined, declinedBy, replaysMatched, replaysMismatched } = sheet;
  return { answered, sold, declined, declinedBy, replaysMatched, replaysMismatched };
}

async function openShelf(db: Db, { agents, units, mandates }: SwarmOptions): Promise<Shelf> {
  const world = await openWorld(db, `swarm of ${agents}`);
  const { tenantId } = world;
  const itemId = randomUUID();
  const item = { ...world, itemId, sku: "swarm", name: "swarm", currency, priceMinor };
  await openItems(db, [{ ...item, stock: BigInt(units) }]);
  const mandateIds = Array.from({ length: mandates }, () => randomUUID());
  const capMinor = priceMinor * BigInt(agents);
  const mandate = { tenantId, name: "swarm", currency, capMinor };
  await openMandates(
    db,
    mandateIds.map((mandateId) => ({ ...mandate, mandateId })),
  );
  return { ...world, itemId, mandateIds, priceMinor, currency };
}

interface Sale extends Drive {
  readonly resent: number;
  readonly givenUp: number;
  readonly rejectedBecause: string | undefined;
}

async function sell(
  db: Db,
  options: SwarmOptions,
  crowd: Crowd,
  sheet: AnswerSheet,
): Promise<Sale> {
  const { concurrency, signal } = options;
  const tries = new Map<AgentAsk, number>();
  let givenUp = 0;
  let rejectedBecause: string | undefined;

  function onAnswer(ask: AgentAsk, answer: Answer, ms: number): Promise<unknown> | undefined {
    options.onAnswer?.(ask.agent, answer, ms);
    switch (answer.kind) {
      case "granted":
      case "declined":
        if (tries.size > 0) tries.delete(ask);
        sheet.note(ask.agent, answer, crowd.gapOf(ask.agent) !== undefined);
        return undefined;
      case "rejected":
        rejectedBecause ??= `${answer.code}: ${answer.says}`;
        return undefined;
      case "conflict":
        return undefined;
      case "exhausted":
      case "overloaded":
      case "unknown":
        return pauseBefore(ask);
    }
  }

  /** Nothing was decided, or nobody knows: the same key is safe, whichever it was. */
  function pauseBefore(ask: AgentAsk): Promise<unknown> | undefined {
    const tried = (tries.get(ask) ?? 0) + 1;
    tries.set(ask, tried);
    if (tried < triesMax) return sleep(Math.random() * Math.min(1000, 10 * 2 ** tried));
    givenUp++;
    tries.delete(ask);
    return undefined;
  }

  const kernel = openKernel(db, options.kernel);
  try {
    const driven = await drive(kernel, () => crowd.next(), {
      inFlight: concurrency,
      onAnswer,
      ...(signal && { signal }),
    });
    return { ...driven, resent: crowd.resent, givenUp, rejectedBecause };
  } finally {
    await kernel.close();
  }
}

interface Books {
  readonly answers: number;
  readonly purchases: number;
}

/** The other side of the story: what is on record, for comparison with what was told. */
async function readBooks(db: Db, tenantId: string): Promise<Books> {
  const query = sql`
    select (select count(*) from asks where tenant_id = ${tenantId})::integer as answers,
           (select count(*) from purchases where tenant_id = ${tenantId})::integer as purchases`;
  const read = (tx: Tx): Promise<Books[]> => tx.rows<Books>(query);
  const [books] = await transact(db, "swarm_books", read, {
    readOnly: true,
    attemptTimeoutMs: countingMs,
    deadlineAt: performance.now() + countingMs,
  });
  return books ?? { answers: 0, purchases: 0 };
}

/** By endpoint of the database, home first. */
async function transactionsOf(db: Db): Promise<Map<string, number>> {
  const { values } = await db.metrics.regionTransactions.get();
  const counts = new Map(values.map(({ labels, value }) => [labels.region, value]));
  return new Map(db.regions.all.map(({ name }) => [name, counts.get(name) ?? 0]));
}

function sharesOf(
  after: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): SwarmReport["regions"] {
  return [...after].map(([name, count]) => ({ name, batches: count - (before.get(name) ?? 0) }));
}

interface Outcome {
  readonly shelf: Shelf;
  readonly sheet: AnswerSheet;
  readonly sale: Sale;
  readonly lostRaces: number;
  readonly regions: SwarmReport["regions"];
  readonly books: Books;
  readonly proof: Proof;
  readonly peakBytes: number;
}

function report(options: SwarmOptions, outcome: Outcome): SwarmReport {
  const { agents, units, mandates, concurrency, seed, duplicates } = options;
  const { shelf, sheet, sale, proof } = outcome;
  const complaints = complaintsAbout(options, outcome);
  const { conflict: conflicts, rejected, exhausted, overloaded, unknown } = sale.counts;
  return {
    ok: complaints.length === 0,
    complaints,
    stopped: wasStopped(options),
    agents,
    units,
    mandates,
    concurrency,
    seed,
    duplicates,
    tenantId: shelf.tenantId,
    sold: sheet.sold,
    declined: sheet.declined,
    declinedBy: sheet.declinedBy,
    replays: sheet.replaysMatched,
    replaysMismatched: sheet.replaysMismatched,
    conflicts,
    rejected,
    retried: { exhausted, overloaded, unknown },
    lostRaces: outcome.lostRaces,
    regions: outcome.regions,
    longestSilenceMs: rounded(sale.longestSilenceMs),
    seconds: rounded(sale.seconds),
    asksPerSecond: Math.round(sale.asksPerSecond),
    p50Ms: rounded(sale.latency.quantile(0.5)),
    p99Ms: rounded(sale.latency.quantile(0.99)),
    maxMs: rounded(sale.latency.maxMs),
    peakMb: Math.round(outcome.peakBytes / 1024 / 1024),
    proofMs: Math.round(proof.ms),
    invariants: fourNumbers(proof),
  };
}

const wasStopped = ({ signal }: SwarmOptions): boolean => signal?.aborted === true;

/** In the words of who reads the report; none means that everything was as it must be. */
function complaintsAbout(options: SwarmOptions, outcome: Outcome): string[] {
  const { sheet, sale, books, proof } = outcome;
  const { agents, units } = options;
  const wanted = Math.min(units, agents);
  const { conflict, rejected } = sale.counts;
  const replays = sheet.replaysMatched + sheet.replaysMismatched;
  // Who was stopped may not have come to its turn, or not have heard how it ended.
  const atLeast: [broken: boolean, says: string][] = [
    [sheet.sold > wanted, `${sheet.sold} agents were told "sold", of ${wanted}`],
    [books.purchases < sheet.sold, `${books.purchases} purchases are in the books`],
    [books.answers < sheet.answered, `${books.answers} answers are on record`],
  ];
  const exactly: [broken: boolean, says: string][] = [
    [sheet.sold !== wanted, `${sheet.sold} agents were told "sold", not ${wanted}`],
    [sheet.answered !== agents, `${agents - sheet.answered} agents have no answer`],
    [replays !== sale.resent, `${sale.resent - replays} asks sent again have no answer`],
    [books.purchases !== sheet.sold, `${books.purchases} purchases are in the books`],
    [books.answers !== sheet.answered, `${books.answers} answers are on record`],
  ];
  const always: [broken: boolean, says: string][] = [
    [sheet.replaysMismatched > 0, `${sheet.replaysMismatched} replays differ: ${sheet.mismatch}`],
    [rejected > 0, `${rejected} asks were rejected (${sale.rejectedBecause})`],
    [conflict > 0, `${conflict} asks met a conflict over their own key`],
    [sale.givenUp > 0, `${sale.givenUp} asks were given up after ${triesMax} tries`],
    [!holds(proof), `the proof found ${brokenOf(proof)}`],
  ];
  const complaints = [...(wasStopped(options) ? atLeast : exactly), ...always];
  return complaints.filter(([broken]) => broken).map(([, says]) => says);
}

function brokenOf({ findings }: Proof): string {
  const broken = findings.filter(({ count }) => count > 0);
  return broken.map(({ name, count }) => `${name}: ${count}`).join(", ");
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
