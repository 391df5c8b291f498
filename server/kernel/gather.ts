import { reopen, type Db } from "../db/open.ts";
import { replayedText } from "./answers.ts";
import { enter, faultOfAsk } from "./ask.ts";
import { runBatch, type BatchFailure } from "./batch.ts";
import { FairQueue, type BatchLimits, type Weighed } from "./fair-queue.ts";
import type { Answer, Ask, Decision, Entry } from "./types.ts";

export interface KernelSettings {
  /** Transactions at a time. Three keep a small PostgreSQL busy while one of them waits for its disk. */
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
  lanes: 3,
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
  const db = reopen(shared, { name: "zerorace-kernel", poolMax: lanes, indexOnly: true });
  const { metrics } = db;
  const limits: BatchLimits = {
    asks: settings.batchMax,
    rows: settings.rowsMax,
    bytes: settings.bytesMax,
  };
  const queue = new FairQueue<Job>();
  const inFlight = new Map<string, Job>();
  const freeLanes = Array.from({ length: lanes }, (_, lane) => lane);
  let closing: (() => void) | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  async function ask(one: Ask): Promise<Answer> {
    const fault = faultOfAsk(one);
    if (fault !== undefined) return { kind: "rejected", code: "INVALID_ASK", says: fault };
    const first = inFlight.get(flightOf(one));
    if (first) return join(first, one);
    if (closing || queue.length >= settings.queueMax) return { kind: "overloaded" };
    const job = makeJob(enter(one, db.dialect.newId()), settings.askDeadlineMs);
    inFlight.set(flightOf(one), job);
    queue.push(job);
    sweeper ??= setInterval(sweep, sweepMs);
    pump();
    return job.answered;
  }

  /** The same key is on its way already: this ask gets its answer, or a conflict, or its own turn. */
  async function join(first: Job, one: Ask): Promise<Answer> {
    metrics.joinedKeys.inc();
    const answer = await first.answered;
    const same = first.entry.fingerprint === enter(one, first.entry.id).fingerprint;
    if (answer.kind === "granted" || answer.kind === "declined") {
      if (!same) return { kind: "conflict" };
      return { ...answer, text: replayedText(answer.text), replayed: true };
    }
    return same ? answer : ask(one);
  }

  function pump(): void {
    while (freeLanes.length > 0 && queue.length > 0) {
      const lane = freeLanes.pop() as number;
      void drive(lane, queue.take(limits));
    }
    metrics.queueLength.set(queue.length);
  }

  async function drive(lane: number, jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) job.running = true;
    metrics.batchSize.observe(jobs.length);
    const [oldest] = jobs;
    const waitedMs = performance.now() - (oldest?.queuedAt ?? 0);
    metrics.queueWaitSeconds.observe(waitedMs / 1000);
    // Each lane draws from its own part of the buckets: lanes of one process do not race each other.
    const luck = (lane + Math.random()) / lanes;
    const deadlineAt = Math.max(...jobs.map((job) => job.deadlineAt));
    const { attemptTimeoutMs, rowsMax } = settings;
    const fates = await runBatch(db, jobs, { luck, deadlineAt, attemptTimeoutMs, rowsMax });
    const counts = new Map<string, number>();
    for (const [job, fate] of fates) {
      job.running = false;
      const outcome = `${job.entry.ask.kind} ${fate.kind}`;
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      close(job, fate);
    }
    for (const [name, count] of counts) {
      const [kind = "", outcome = ""] = name.split(" ");
      metrics.outcomes.inc({ kind, outcome }, count);
    }
    freeLanes.push(lane);
    pump();
    rest();
  }

  function close(job: Job, fate: Decision | BatchFailure): void {
    if (!job.live) return;
    switch (fate.kind) {
      case "wait":
        setTimeout(() => again(job), waitMs * (0.5 + Math.random()));
        return;
      case "broken":
        finish(job);
        job.fail(fate.cause);
        return;
      case "exhausted":
      case "unknown":
        answer(job, { kind: fate.kind });
        return;
      case "recalled": {
        const { granted, askId, text } = fate.stored;
        const kind = granted ? "granted" : "declined";
        // After doubt an ask may find its own row: that is its answer, not a replay.
        const replayed = askId !== job.entry.id;
        answer(job, { kind, id: askId, text: replayed ? replayedText(text) : text, replayed });
        return;
      }
      case "granted":
      case "declined":
        answer(job, { kind: fate.kind, id: fate.id, text: fate.text, replayed: false });
        return;
      default:
        answer(job, fate);
    }
  }

  function again(job: Job): void {
    if (!job.live) return;
    queue.push(job);
    pump();
  }

  function answer(job: Job, what: Answer): void {
    finish(job);
    job.settle(what);
  }

  function finish(job: Job): void {
    job.live = false;
    const flight = flightOf(job.entry.ask);
    if (inFlight.get(flight) === job) inFlight.delete(flight);
  }

  /** Nobody waits longer than the deadline, whatever hangs below: who is inside may have been sold to. */
  function sweep(): void {
    const now = performance.now();
    for (const job of inFlight.values()) {
      if (job.deadlineAt > now) continue;
      answer(job, { kind: job.running ? "unknown" : "exhausted" });
    }
    queue.drop((job) => !job.live);
    rest();
  }

  function rest(): void {
    if (inFlight.size > 0 || queue.length > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
    if (freeLanes.length === lanes) closing?.();
  }

  return {
    ask,
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      closing = resolve;
      rest();
      await promise;
      await db.close();
    },
  };
}

function flightOf({ tenantId, merchantId, key }: Ask): string {
  return `${tenantId}${merchantId}${key}`;
}

function makeJob(entry: Entry, deadlineMs: number): Job {
  const queuedAt = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { ask, body } = entry;
  const lines = "lines" in ask ? ask.lines.length + (ask.charges?.length ?? 0) : 1;
  return {
    entry,
    tenantId: ask.tenantId,
    // Answer, event, legs, a mandate bucket; a line each, with its bucket and its recent grant.
    rows: 5 + 2 * lines,
    bytes: 2_000 + 3 * body.length + 300 * lines,
    queuedAt,
    deadlineAt: queuedAt + deadlineMs,
    answered: promise,
    settle: resolve,
    fail: reject,
    live: true,
    running: false,
  };
}
