import { crashPoint } from "../base/crash-points.ts";
import { reopen, type Db } from "../db/open.ts";
import { replayedText } from "./answers.ts";
import { enter, faultOfAsk } from "./ask.ts";
import { runBatch, type BatchFailure } from "./batch.ts";
import { FairQueue, type BatchLimits, type Weighed } from "./fair-queue.ts";
import type { Answer, Ask, Decision, Entry } from "./types.ts";
import { weightOf } from "./weight.ts";

export interface KernelSettings {
  /** Transactions at a time. Four keep a small PostgreSQL busy while some of them wait for its disk. */
  readonly lanes: number;
  readonly batchMax: number;
  /** Asks that may wait; one more is refused at once. */
  readonly queueMax: number;
  readonly askDeadlineMs: number;
  readonly attemptTimeoutMs: number;
  /** Aurora DSQL takes 3,000 changed rows a transaction, 10 MiB of them. */
  readonly rowsMax: number;
  readonly bytesMax: number;
}

export const kernelDefaults: KernelSettings = {
  lanes: 4,
  batchMax: 500,
  queueMax: 20_000,
  askDeadlineMs: 10_000,
  attemptTimeoutMs: 4_000,
  rowsMax: 3_000,
  bytesMax: 8 * 1024 * 1024,
};

export interface Kernel {
  /** Never throws for a business reason; throws when the machine is broken. */
  ask(ask: Ask): Promise<Answer>;
  /** Answers what is inside, takes no more. */
  close(): Promise<void>;
}

/** How often overdue asks are looked for, and how long an ask waits for a command to go through. */
const sweepMs = 50;
const waitMs = 4;
const graceMs = 100;
const worthwhileBatch = 32;
const lanesPerBatch = 1 / 16;
/** How long asks wait for a fuller batch while a lane is free. */
const laneWaitMs = 25;

interface Job extends Weighed {
  readonly entry: Entry;
  readonly queuedAt: number;
  readonly deadlineAt: number;
  readonly answered: Promise<Answer>;
  readonly settle: (answer: Answer) => void;
  readonly fail: (cause: unknown) => void;
  live: boolean;
  running: boolean;
}

/** Opens the kernel on connections of its own: nothing else can starve a purchase of them. */
export function openKernel(shared: Db, given: Partial<KernelSettings> = {}): Kernel {
  const settings = { ...kernelDefaults, ...given };
  const { lanes } = settings;
  return new Gather(
    reopen(shared, { name: "zerorace-kernel", poolMax: lanes, indexOnly: true, hurried: true }),
    settings,
  );
}

/** Collects asks while all lanes are busy, and answers as many as a transaction takes at once. */
class Gather implements Kernel {
  readonly #db: Db;
  readonly #settings: KernelSettings;
  readonly #limits: BatchLimits;
  readonly #queue = new FairQueue<Job>();
  readonly #inFlight = new Map<string, Job>();
  readonly #freeLanes: number[];
  /**
   * How many lanes are worth opening: half as many after a lost race, a little more after each batch
   * that lost none. Lanes that all want the one bucket of an item only stand in each other's way.
   */
  #open: number;
  /** Asks inside the busy lanes. */
  #running = 0;
  #closing: (() => void) | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(db: Db, settings: KernelSettings) {
    this.#db = db;
    this.#settings = settings;
    this.#limits = { asks: settings.batchMax, rows: settings.rowsMax, bytes: settings.bytesMax };
    this.#open = settings.lanes;
    this.#freeLanes = Array.from({ length: settings.lanes }, (_, lane) => lane);
  }

  async ask(ask: Ask): Promise<Answer> {
    const fault = faultOfAsk(ask);
    if (fault !== undefined) return { kind: "rejected", code: "INVALID_ASK", says: fault };
    const first = this.#inFlight.get(flightOf(ask));
    if (first) return this.#join(first, ask);
    if (this.#closing || this.#queue.length >= this.#settings.queueMax)
      return { kind: "overloaded" };
    const job = makeJob(enter(ask, this.#db.dialect.newId()), this.#settings.askDeadlineMs);
    this.#inFlight.set(flightOf(ask), job);
    this.#queue.push(job);
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs);
    this.#pump();
    return job.answered;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing = resolve;
    this.#rest();
    await promise;
    await this.#db.close();
  }

  /** The same key is on its way already: this ask gets its answer, or a conflict, or its own turn. */
  async #join(first: Job, ask: Ask): Promise<Answer> {
    this.#db.metrics.joinedKeys.inc();
    const answer = await first.answered;
    const same = first.entry.fingerprint === enter(ask, first.entry.id).fingerprint;
    if (answer.kind === "granted" || answer.kind === "declined") {
      if (!same) return { kind: "conflict" };
      return { ...answer, text: replayedText(answer.text), replayed: true };
    }
    return same ? answer : this.ask(ask);
  }

  #pump(): void {
    while (this.#freeLanes.length > 0 && this.#queue.length > 0 && this.#worthALane()) {
      const lane = this.#freeLanes.pop() as number;
      void this.#drive(lane, this.#queue.take(this.#limits));
    }
    this.#db.metrics.queueLength.set(this.#queue.length);
  }

  /**
   * A batch costs about two milliseconds before its first ask. So a further lane opens only for a
   * batch that is worth it: as many asks as the busy lanes carry on average, and some tens at
   * least. 64 askers share two batches of 32, and one lane computes while the other waits for its
   * disk. But not for long: a lane that hangs must not keep the others closed.
   */
  #worthALane(): boolean {
    const busy = this.#settings.lanes - this.#freeLanes.length;
    if (busy === 0) return true;
    const waiting = this.#queue.length;
    const average = Math.min(this.#running / busy, this.#limits.asks);
    const full = waiting >= Math.max(average, worthwhileBatch);
    if (full && busy + 1 <= this.#open) return true;
    const waitedMs = performance.now() - (this.#queue.next()?.queuedAt ?? 0);
    return waitedMs > (laneWaitMs * this.#settings.lanes) / this.#open;
  }

  async #drive(lane: number, jobs: readonly Job[]): Promise<void> {
    const { lanes, attemptTimeoutMs, rowsMax, bytesMax } = this.#settings;
    const { metrics } = this.#db;
    for (const job of jobs) job.running = true;
    this.#running += jobs.length;
    metrics.batchSize.observe(jobs.length);
    metrics.queueWaitSeconds.observe((performance.now() - (jobs[0]?.queuedAt ?? 0)) / 1000);
    // Each lane draws from its own part of the buckets: lanes of one process do not race each other.
    const luck = (lane + Math.random()) / lanes;
    const deadlineAt = Math.max(...jobs.map((job) => job.deadlineAt));
    const options = { luck, deadlineAt, attemptTimeoutMs, rowsMax, bytesMax };
    crashPoint("batch.taken");
    const { fates, lostRaces } = await runBatch(this.#db, jobs, options);
    this.#open =
      lostRaces > 0 ? Math.max(1, this.#open / 2) : Math.min(lanes, this.#open + lanesPerBatch);
    const counts = new Map<string, number>();
    for (const [job, fate] of fates) {
      job.running = false;
      const outcome = `${job.entry.ask.kind} ${fate.kind}`;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      this.#close(job, fate);
    }
    for (const [name, count] of counts) {
      const [kind = "", outcome = ""] = name.split(" ");
      metrics.outcomes.inc({ kind, outcome }, count);
    }
    this.#running -= jobs.length;
    this.#freeLanes.push(lane);
    this.#pump();
    this.#rest();
  }

  #close(job: Job, fate: Decision | BatchFailure): void {
    if (!job.live) return;
    switch (fate.kind) {
      case "wait":
        setTimeout(() => this.#again(job), waitMs * (0.5 + Math.random()));
        return;
      case "broken":
        this.#finish(job);
        job.fail(fate.cause);
        return;
      case "exhausted":
      case "unknown":
        this.#answer(job, { kind: fate.kind });
        return;
      case "recalled": {
        const { granted, askId, text } = fate.stored;
        const kind = granted ? "granted" : "declined";
        // After doubt an ask may find its own row: that is its answer, not a replay.
        const replayed = askId !== job.entry.id;
        this.#answer(job, {
          kind,
          id: askId,
          text: replayed ? replayedText(text) : text,
          replayed,
        });
        return;
      }
      case "granted":
      case "declined":
        this.#answer(job, { kind: fate.kind, id: fate.id, text: fate.text, replayed: false });
        return;
      default:
        this.#answer(job, fate);
    }
  }

  #again(job: Job): void {
    if (!job.live) return;
    this.#queue.push(job);
    this.#pump();
  }

  #answer(job: Job, answer: Answer): void {
    this.#finish(job);
    job.settle(answer);
  }

  #finish(job: Job): void {
    job.live = false;
    const flight = flightOf(job.entry.ask);
    if (this.#inFlight.get(flight) === job) this.#inFlight.delete(flight);
  }

  /** Nobody waits longer than the deadline, whatever hangs below: who is inside may have been sold to. */
  #sweep(): void {
    const now = performance.now();
    for (const job of this.#inFlight.values()) {
      // A transaction that ends in time knows more than we do: whether it had sent its COMMIT.
      if (job.deadlineAt + (job.running ? graceMs : 0) > now) continue;
      this.#answer(job, { kind: job.running ? "unknown" : "exhausted" });
    }
    this.#queue.drop((job) => !job.live);
    this.#pump();
    this.#rest();
  }

  #rest(): void {
    if (this.#inFlight.size > 0 || this.#queue.length > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    if (this.#freeLanes.length === this.#settings.lanes) this.#closing?.();
  }
}

function flightOf({ tenantId, merchantId, key }: Ask): string {
  return `${tenantId}${merchantId}${key}`;
}

function makeJob(entry: Entry, deadlineMs: number): Job {
  const queuedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  return {
    entry,
    tenantId: entry.ask.tenantId,
    ...weightOf(entry),
    queuedAt,
    deadlineAt: queuedAt + deadlineMs,
    answered: promise,
    settle: resolve,
    fail: reject,
    live: true,
    running: false,
  };
}
