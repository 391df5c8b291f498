import { invariants } from "../proof/invariants.ts";
import type { DatabaseSight, RoundTurn, Sight } from "./look.ts";
import { ago, bytes, span } from "./words.ts";

/** How the parts of an installation do, in words: pure, from what was seen. */

export const lineIds = [
  "database",
  "redis",
  "read-plane",
  "worker",
  "outbox",
  "parked-events",
  "invariants",
  "indexes",
  "disk",
  "backup",
] as const;
export type LineId = (typeof lineIds)[number];
export type State = "ok" | "warn" | "bad" | "off";

/** Each id is also the name of the runbook that goes with it. */
export interface Line {
  readonly id: LineId;
  readonly state: State;
  readonly says: string;
  /** The first thing to do; undefined while there is nothing to do. */
  readonly todo?: string | undefined;
}

type Told = Omit<Line, "id">;

const fine = (says: string): Told => ({ state: "ok", says });
const off = (says: string): Told => ({ state: "off", says });
const warn = (says: string, todo: string): Told => ({ state: "warn", says, todo });
const bad = (says: string, todo: string): Told => ({ state: "bad", says, todo });

const makers: Readonly<Record<LineId, (sight: Sight) => Told>> = {
  database: ({ database }) => databaseLine(database),
  redis: ({ redisIsAway }) => redisLine(redisIsAway),
  "read-plane": copiesLine,
  worker: workerLine,
  outbox: outboxLine,
  "parked-events": parkedLine,
  invariants: invariantsLine,
  indexes: indexesLine,
  disk: ({ disk }) => diskLine(disk),
  backup: backupLine,
};

export function linesOf(sight: Sight): readonly Line[] {
  return lineIds.map((id) => ({ id, ...makers[id](sight) }));
}

const unseen = (what: string, error: Error): Told =>
  warn(`${what} could not be looked at: ${error.message}`, "Look at the database first.");

function databaseLine(seen: DatabaseSight | Error): Told {
  const todo = "Nothing is sold until it answers: bring the database back.";
  if (seen instanceof Error) return bad(`It does not answer: ${seen.message}`, todo);
  const { reason, ms, engine, connections, bytes: size } = seen;
  if (reason !== undefined) return bad(reason, todo);
  const held = size === undefined ? "" : ` It holds ${bytes(size)}.`;
  if (connections && connections.open > 0.9 * connections.most) {
    const { open, most } = connections;
    const says = `${engine} answers, but ${open} of its ${most} connections are taken.`;
    return warn(says, "Lower ZERORACE_POOL_MAX of each process, or allow more connections.");
  }
  const taken = connections ? ` ${connections.open} of ${connections.most} connections.` : "";
  return fine(`${engine} answered in ${Math.ceil(ms)} ms.${taken}${held}`);
}

function redisLine(isAway: boolean | undefined): Told {
  if (isAway === undefined) {
    return off("None is named: this server counts limits by itself, and tells only who is here.");
  }
  if (!isAway) return fine("It answers, and takes writes.");
  return bad(
    "It does not answer. Sales go on and nothing is wrong; limits are counted in each server, " +
      "nobody can sign in or make an API key, and live pages hear less of other servers.",
    "Start Redis again, or look why it takes no writes.",
  );
}

const lateCopiesMs = 30_000;
const oldCopiesMs = 300_000;

function copiesLine({ copiesAsOf: asOf, now }: Sight): Told {
  const wait = "Wait for the worker; if it lasts, look at the worker and the outbox.";
  if (asOf === undefined) return off("No DynamoDB is named: everything is read from the books.");
  if (asOf instanceof Error) {
    const says =
      "It does not answer: lists and totals are read from the books, and that is slower.";
    return bad(`${says} ${asOf.message}`, "Look whether DynamoDB can be reached from here.");
  }
  if (asOf === null) return warn("No worker has said yet how far the copies are.", wait);
  const late = now - Date.parse(asOf);
  const says = `The copies hold all that was committed up to ${ago(late)}.`;
  if (late < lateCopiesMs) return fine(says);
  return late < oldCopiesMs ? warn(says, wait) : bad(says, wait);
}

/** Late by three of its intervals and a minute: a turn may take long, and rounds share a worker. */
export function isLate({ everyMs, endedAt }: RoundTurn, now: number): boolean {
  return now - endedAt.getTime() > 3 * everyMs + 60_000;
}

function workerLine({ workers, now }: Sight): Told {
  if (workers instanceof Error) return unseen("The workers", workers);
  const { alive, rounds } = workers;
  const start = "Start a worker: zerorace worker, or zerorace up, which brings one along.";
  if (alive === 0) {
    const waits = "Lapsed holds, copies, webhooks and the proof wait; sales go on.";
    const last = Math.max(...rounds.map(({ endedAt }) => endedAt.getTime()));
    const since =
      rounds.length === 0 ? "none was ever here" : `the last turn was ${ago(now - last)}`;
    return bad(`No worker runs; ${since}. ${waits}`, start);
  }
  const failed = rounds.filter(({ reason }) => reason !== null);
  if (failed.length > 0) {
    const says = `${failed.map(({ name }) => name).join(", ")} failed in the last turn.`;
    return bad(says, "The reason stands below; the next turn tries again by itself.");
  }
  const late = rounds.filter((round) => isLate(round, now));
  if (late.length > 0) {
    const names = late.map(({ name }) => name).join(", ");
    return warn(`${names} had no turn for long.`, "Look at the worker's log.");
  }
  return fine(
    `${alive === 1 ? "1 worker runs" : `${alive} workers run`}; every round had its turn.`,
  );
}

const waitedS = 30;
const waitedLongS = 300;

function outboxLine({ backlog }: Sight): Told {
  if (backlog instanceof Error) return unseen("The outbox", backlog);
  const { events, oldestSeconds } = backlog;
  if (events === 0) return fine("Nothing waits to be told.");
  const many = events === 1 ? "1 event waits" : `${events} events wait`;
  const says = `${many} to be told, the oldest for ${span(oldestSeconds * 1_000)}.`;
  if (oldestSeconds < waitedS) return fine(says);
  const todo = "Look whether a worker runs and whether DynamoDB answers; then it works itself off.";
  return oldestSeconds < waitedLongS ? warn(says, todo) : bad(says, todo);
}

function parkedLine({ backlog }: Sight): Told {
  if (backlog instanceof Error) return unseen("The parked events", backlog);
  const { parked } = backlog;
  if (parked === 0) return fine("Every event could be told.");
  const many = parked === 1 ? "1 event" : `${parked} events`;
  const says = `${many} could not be told, however often it was tried: copies and sums lack them.`;
  return bad(says, "Read the reason, mend it, and have them told again.");
}

const oldProofMs = 900_000;

function invariantsLine({ noted, now }: Sight): Told {
  if (noted instanceof Error) return unseen("The invariants", noted);
  const seen = invariants.flatMap(({ name }) => noted.get(name) ?? []);
  const broken = seen.filter(({ breaches }) => breaches > 0n).map(({ name }) => name);
  if (broken.length > 0) {
    const says = `Broken: ${broken.join(", ")}. Somebody was wronged, or the books were changed by hand.`;
    return bad(
      says,
      "Stop selling what is concerned, keep everything as it is, and read the runbook.",
    );
  }
  const wait = "A worker looks at one after the other: see that one runs.";
  if (seen.length < invariants.length) {
    return warn(
      `${seen.length} of ${invariants.length} were looked at so far; all of them hold.`,
      wait,
    );
  }
  const oldest = now - Math.min(...seen.map(({ checkedAt }) => checkedAt.getTime()));
  const says = `All ${invariants.length} hold; each was looked at in the last ${span(oldest)}.`;
  return oldest < oldProofMs ? fine(says) : warn(says, wait);
}

function indexesLine({ unusable }: Sight): Told {
  if (unusable instanceof Error) return unseen("The indexes", unusable);
  if (unusable.length === 0) return fine("All are built and used.");
  const says = `Being built, or broken: ${unusable.join(", ")}. No server says that it is ready.`;
  return bad(says, "Run zerorace migrate: it waits for them, and builds a broken one anew.");
}

function diskLine(disk: Sight["disk"]): Told {
  if (!disk) return off("The data is not on this machine: its owner knows how full the disk is.");
  const { freeBytes, bytes: whole } = disk;
  const says = `${bytes(freeBytes)} of ${bytes(whole)} are free beside the data.`;
  const todo = "Make room before it is full: a database without room takes no writes.";
  const part = freeBytes / whole;
  if (part < 0.05) return bad(says, todo);
  return part < 0.15 ? warn(says, todo) : fine(says);
}

const oldBackupMs = 26 * 3_600_000;

/** Who has begun to make them wants to hear that one is missing; who never did may have other ways. */
function backupLine({ backup, now }: Sight): Told {
  if (backup === undefined)
    return off("Aurora DSQL backs itself up, by AWS Backup: see the runbook.");
  if (backup instanceof Error) return unseen("The backups", backup);
  const { at, dir } = backup;
  const make = "zerorace backup create --keep 14, each night, while it sells";
  if (at === undefined) return off(`There is none in ${dir}. To make one: ${make}.`);
  const late = now - Date.parse(at);
  const says = `The newest in ${dir} was made ${ago(late)}.`;
  return late < oldBackupMs ? fine(says) : warn(says, `Make one: ${make}.`);
}
