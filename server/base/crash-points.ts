import { writeSync } from "node:fs";
import { closest } from "./closest.ts";
import type { Parser } from "./parsers.ts";

/**
 * Where a process can be made to kill itself, so that a test can see what a death at the worst moment leaves
 * behind. Each stands at one place of the code. Those of COMMIT stand around every transaction that there
 * is, and are named with one: `commit.after@batch`.
 */
export const crashPoints = {
  "batch.taken": "asks have left the queue, and no transaction has begun",
  "batch.decided": "it is decided what to sell, and nothing is written",
  "batch.halved": "one half of a batch is committed, the other has not begun",
  "commit.before": "everything is written, and COMMIT is not sent",
  "commit.sent": "COMMIT is on its way",
  "commit.after": "the database has said that it is committed, and nobody has been told",
  "reply.before": "the answer is known, and not one byte of it is sent",
  "reply.after": "the answer was handed to the network",
  "gate.raised": "a command has raised its flag, and changed nothing yet",
  "block.written": "an agent's block is written, and its sales are not outlasted",
  "relay.read": "the relay has read what is due",
  "relay.handed": "the relay has handed events over, and not noted that",
  "job.done": "the events of a job are told, and the queue has not heard of it",
  "project.read": "the books are read for copies, and no copy is written",
  "put.chunk": "some of the copies are written",
  "handle.told": "everybody has been told of events that still stand in the outbox",
  "handle.settled": "the events are off the outbox, and not in the balances in Redis",
  "handle.counted": "the balances are told, and those who watch are not",
  "webhook.claimed": "an attempt at a webhook is claimed, and not made",
  "webhook.posted": "a webhook was delivered, and that is not on record",
  "migrate.before": "a step of a migration is taken, and not committed",
  "migrate.after": "a step of a migration is committed, and the next has not begun",
  "restore.schema": "the schema of a backup is made, and none of its rows is loaded",
  "restore.table": "some tables of a backup are loaded",
  "restore.before": "a backup is loaded and proven, and not committed",
  "restore.after": "a backup is committed, and not brought to the schema of this version",
} as const;

export type CrashPoint = keyof typeof crashPoints;

interface Armed {
  readonly point: CrashPoint;
  readonly transaction: string | undefined;
  left: number;
}

/** The whole process dies, so it is the whole process that knows. */
let armed: Armed | undefined;

/** Costs one comparison, unless a test has armed one. */
export function crashPoint(point: CrashPoint, transaction?: string): void {
  if (armed !== undefined) reach(armed, point, transaction);
}

const points = Object.keys(crashPoints).map((name) => name.replace(".", "\\."));
const aimPattern = new RegExp(`^(${points.join("|")})(?:@([a-z_]+))?(?:#([1-9][0-9]{0,5}))?$`);

/** Of the setting: a point, `point@transaction`, and behind it `#3` for the third time that it is reached. */
export function crashPointName(): Parser<string> {
  return {
    form: "a crash point, like commit.after@batch or relay.read#3",
    schema: { type: "string", pattern: aimPattern.source },
    parse(text) {
      aimOf(text);
      return text;
    },
  };
}

/** From here on this process dies where it was told to. */
export function armCrashPoint(text: string): void {
  armed = aimOf(text);
}

function aimOf(text: string): Armed {
  const [, point = "", transaction, nth = "1"] = aimPattern.exec(text) ?? [];
  if (!isCrashPoint(point)) {
    const meant = closest(text.replace(/[@#].*/, ""), Object.keys(crashPoints));
    const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
    throw new Error(`must be ${crashPointName().form}${hint}`);
  }
  return { point, transaction, left: Number(nth) };
}

const isCrashPoint = (text: string): text is CrashPoint => Object.hasOwn(crashPoints, text);

function reach(aim: Armed, point: CrashPoint, transaction: string | undefined): void {
  if (aim.point !== point) return;
  if (aim.transaction !== undefined && aim.transaction !== transaction) return;
  aim.left -= 1;
  if (aim.left > 0) return;
  writeSync(2, `dies at ${point}${transaction === undefined ? "" : `@${transaction}`}\n`);
  // Nothing is closed, flushed or said to anybody.
  process.kill(process.pid, "SIGKILL");
}
