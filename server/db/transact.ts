import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { InvariantError } from "../base/assert.ts";
import { crashPoint } from "../base/crash-points.ts";
import {
  CommitAborted,
  DeadlineError,
  DoubtError,
  ExhaustedError,
  LeftBehindError,
  faultOf,
  sqlStateOf,
  type Fault,
} from "./faults.ts";
import type { Db } from "./open.ts";
import type { Region } from "./regions.ts";
import { Round, type Reply } from "./round.ts";
import { socketOf } from "./socket.ts";
import type { Sql } from "./sql.ts";

/** One snapshot. Calls go out at once and answer in order: start several, then await them. */
export interface Tx {
  rows<Row>(query: Sql): Promise<Row[]>;
  /** Rows as arrays, for the statements that run thousands of times a second. */
  tuples<Row extends readonly unknown[]>(query: Sql): Promise<Row[]>;
  /** Must touch exactly `count` rows; anything else is a bug and takes the transaction down. */
  write(query: Sql, count: number): Promise<void>;
  run(query: Sql): Promise<number>;
}

export interface TransactOptions {
  readonly attemptsMax?: number;
  /** On the clock of `performance.now()`: no attempt starts after it. */
  readonly deadlineAt?: number;
  /** How long one attempt may take before its connection is destroyed. */
  readonly attemptTimeoutMs?: number;
  /** The work begins by recalling what it may have done before, so it may run again after doubt. */
  readonly recalls?: boolean;
  readonly readOnly?: boolean;
  /** Transactions of this process that name the same take turns: see turns.ts. */
  readonly turn?: string;
}

const defaults = { attemptsMax: 20, attemptTimeoutMs: 4_000, deadlineMs: 10_000 };

/**
 * Runs `work` in one REPEATABLE READ snapshot and commits it; again from the top when a race is lost.
 *
 * PostgreSQL reports a lost race at any statement, Aurora DSQL only at COMMIT. So `work` must be
 * repeatable: no HTTP, no queue, no clock, nothing outside `tx`.
 */
export async function transact<T>(
  db: Db,
  name: string,
  work: (tx: Tx, lostRaces: number) => Promise<T>,
  options: TransactOptions = {},
): Promise<T> {
  const deadlineAt = options.deadlineAt ?? performance.now() + defaults.deadlineMs;
  const run = () => untilDone(db, name, work, { ...options, deadlineAt });
  return options.turn === undefined ? run() : db.turns.inTurn(options.turn, deadlineAt, run);
}

async function untilDone<T>(
  db: Db,
  name: string,
  work: (tx: Tx, lostRaces: number) => Promise<T>,
  options: TransactOptions & { readonly deadlineAt: number },
): Promise<T> {
  const { deadlineAt } = options;
  const attemptsMax = options.attemptsMax ?? defaults.attemptsMax;
  let inDoubt = false;
  let lostRaces = 0;
  let tries = 0;
  // What the database said, where the last attempt only ran out of time: a refused login, say.
  let heard: unknown;
  for (let attempt = 1; ; attempt++) {
    if (options.readOnly) refuseInCrowd(db, name);
    const startedAt = performance.now();
    const done = await once(db, name, (tx) => work(tx, lostRaces), {
      ...options,
      timeLeftMs: deadlineAt - startedAt,
    });
    if (done.ok) {
      db.metrics.transactSeconds.observe({ name }, (performance.now() - startedAt) / 1000);
      if (inDoubt) db.metrics.doubtsEnded.inc({ as: "answered" });
      return done.value;
    }
    const { error, fault } = done;
    db.metrics.transactFaults.inc({ name, fault });
    const sqlState = sqlStateOf(error);
    if (fault === "bug" && sqlState) db.metrics.unforeseen.inc({ class: sqlState.slice(0, 2) });
    if (fault === "lostRace" || (fault === "duplicate" && options.recalls)) {
      lostRaces++;
      db.metrics.lostRaces.inc({ sqlstate: sqlState ?? "rollback" });
    }
    if (fault === "doubt") {
      inDoubt = true;
      db.metrics.doubts.inc();
    }
    // A server that is away for seconds answers a hundred times that it is: only the deadline ends that.
    if (fault !== "unavailable") tries++;
    if (!(error instanceof DeadlineError)) heard = error;
    const again = mayRunAgain(fault, options.recalls === true);
    const pauseMs = backoffMs(attempt, Math.random());
    if (again && tries < attemptsMax && performance.now() + pauseMs < deadlineAt) {
      await sleep(pauseMs);
      continue;
    }
    if (inDoubt) {
      db.metrics.doubtsEnded.inc({ as: "unknown" });
      throw new DoubtError(`${name}: the fate of its commit is unknown`, { cause: error });
    }
    const cause = error instanceof DeadlineError ? (heard ?? error) : error;
    if (again) {
      const words = `${name}: gave up after ${attempt} attempts: ${wordsOf(cause)}`;
      throw new ExhaustedError(words, { cause });
    }
    throw error;
  }
}

/**
 * Who only reads steps back while there are more than the connections can serve: better a refusal at once
 * than an answer after the deadline, and what writes keeps its place.
 */
function refuseInCrowd(db: Db, name: string): void {
  if (!db.regions.choose().isCrowded) return;
  db.metrics.readsRefused.inc({ name });
  throw new ExhaustedError(`${name}: too many wait for a connection to the database`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function mayRunAgain(fault: Fault, recalls: boolean): boolean {
  if (fault === "lostRace" || fault === "unavailable") return true;
  return recalls && (fault === "duplicate" || fault === "doubt");
}

/** Full jitter: losers of one race must not meet again. */
function backoffMs(attempt: number, luck: number): number {
  return luck * Math.min(100, 2 ** attempt);
}

type Done<T> = { ok: true; value: T } | { ok: false; error: unknown; fault: Fault };

async function once<T>(
  db: Db,
  name: string,
  work: (tx: Tx) => Promise<T>,
  options: TransactOptions & { readonly timeLeftMs: number },
): Promise<Done<T>> {
  const { timeLeftMs } = options;
  const region = db.regions.choose();
  let client: PoolClient;
  try {
    const connectedIn = db.metrics.connectSeconds.startTimer();
    client = await connected(region, timeLeftMs);
    connectedIn();
  } catch (error) {
    const fault = faultOf(error, false);
    if (fault === "unavailable" && !isOurOwnHurry(error, timeLeftMs)) db.regions.failed(region);
    return { ok: false, error, fault };
  }
  const timeoutMs = Math.max(
    1,
    Math.min(timeLeftMs, options.attemptTimeoutMs ?? defaults.attemptTimeoutMs),
  );
  const socket = socketOf(client);
  const alarm = setTimeout(() => {
    socket.destroy(new DeadlineError(`no answer from the database in ${Math.round(timeoutMs)} ms`));
  }, timeoutMs);
  const waiter = db.options.hurried && region.watch(client, (error) => socket.destroy(error));
  let atCommit = false;
  let broken = false;
  try {
    const tx = txOn(client);
    const begun = tx.run({ text: options.readOnly ? beginReadOnly : begin, values: [] });
    // Work that fails first leaves it unheard, and an unhandled rejection ends the process.
    begun.catch(() => undefined);
    const value = await work(tx);
    await begun;
    atCommit = true;
    crashPoint("commit.before", name);
    const committing = client.query("commit");
    crashPoint("commit.sent", name);
    const { command } = await committing;
    crashPoint("commit.after", name);
    if (command !== "COMMIT") throw new CommitAborted(`commit was answered with ${command}`);
    db.regions.answered(region);
    db.metrics.regionTransactions.inc({ region: region.name });
    return { ok: true, value };
  } catch (error) {
    // What only reads leaves nothing behind to be in doubt about.
    const fault = faultOf(error, atCommit && !options.readOnly);
    broken = fault === "unavailable" || fault === "doubt" || socket.destroyed;
    if (broken && !isOurOwnHurry(error, timeoutMs)) {
      db.regions.failed(region);
      // Behind a firewall that forgot us none of the others leads anywhere either.
      if (error instanceof DeadlineError) region.distrust();
    }
    if (!broken) broken = !(await rolledBack(client));
    return { ok: false, error, fault };
  } finally {
    clearTimeout(alarm);
    if (waiter) region.lookout.done(waiter);
    client.release(broken);
  }
}

/**
 * Not the endpoint's fault: nobody could have answered in so short a time, with a full pool, or when
 * the statement was to end after a while (57014). Who was left behind was so by one that answers.
 */
function isOurOwnHurry(error: unknown, givenMs: number): boolean {
  if (error instanceof LeftBehindError) return true;
  if (error instanceof DeadlineError) return givenMs < worthBlamingMs;
  if (!(error instanceof Error)) return false;
  const isCancelled = "code" in error && error.code === "57014";
  return isCancelled || error.message.startsWith("timeout exceeded when trying");
}

const worthBlamingMs = 100;

/** A connection within the time left; one that comes later goes back where it came from. */
async function connected(region: Region, timeLeftMs: number): Promise<PoolClient> {
  const coming = region.connect();
  const late = new AbortController();
  const givenUp = sleep(Math.max(1, timeLeftMs), undefined, { signal: late.signal }).then(() => {
    coming.then((client) => client.release()).catch(() => undefined);
    throw new DeadlineError(`no connection to the database in ${Math.round(timeLeftMs)} ms`);
  });
  givenUp.catch(() => undefined);
  try {
    return await Promise.race([coming, givenUp]);
  } finally {
    late.abort();
  }
}

const begin = "begin isolation level repeatable read";
const beginReadOnly = "begin isolation level repeatable read read only";

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false;
  }
}

/** Calls of one turn of the event loop go out together; their answers come together. */
function txOn(client: PoolClient): Tx {
  let round: Round | undefined;
  const send = (query: Sql, wantsRows: boolean): Promise<Reply> => {
    if (round === undefined) {
      const opened = new Round();
      round = opened;
      process.nextTick(() => {
        round = undefined;
        opened.send(client);
      });
    }
    return round.add(query, wantsRows);
  };
  return {
    async rows<Row>(query: Sql) {
      const { columns, rows } = await send(query, true);
      return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])) as Row);
    },
    async tuples<Row extends readonly unknown[]>(query: Sql) {
      return (await send(query, true)).rows as unknown as Row[];
    },
    run: async (query) => (await send(query, false)).count,
    async write(query, count) {
      const touched = (await send(query, false)).count;
      if (touched === count) return;
      throw new InvariantError(
        `a write touched ${touched} rows instead of ${count}: ${query.text}`,
      );
    },
  };
}
