import type { Op } from "./conversation.ts";
import { sqlOver } from "./copies.ts";
import {
  bindFrame,
  closeFrame,
  executeFrame,
  noValues,
  parseFrame,
  queryFrame,
  syncFrame,
} from "./frames.ts";
import { argumentsOf, ownName, rebound, type Message, type Step } from "./steps.ts";
import type { Entry, Transaction } from "./transaction.ts";

/** What we say to the database ourselves, prepared once per connection. */
export const commands = {
  begin: "begin",
  savepoint: "savepoint dsql_local",
  // PostgreSQL takes it with the first statement, DSQL with BEGIN.
  snapshot: "select",
  back: "rollback to savepoint dsql_local",
  commit: "commit",
  rollback: "rollback",
} as const;
export type Command = keyof typeof commands;
export const nameOf = (command: Command): string => `dsql_local_${command}`;

export const hidden = (ends: Op["ends"], step = 0): Op => ({ ends, visible: false, step });
export const sync: Op = hidden("ready");

export const executed = (command: Command): Buffer[] => [
  bindFrame("", nameOf(command), noValues),
  executeFrame(""),
];

export const reboundOps = (step: number): Op[] => [
  hidden("closed", step),
  hidden("parsed", step),
  hidden("bound", step),
];

interface Encoded {
  readonly bytes: Buffer;
  readonly ops: readonly Op[];
  readonly entries: readonly (Entry | undefined)[];
}

/**
 * The messages of these steps as they are; ours go between them and are not heard by the client.
 * Of the first step only the execution is left to answer when it runs again.
 */
export function encode(
  steps: readonly Step[],
  isAgain: boolean,
  transaction: Transaction | undefined,
): Encoded {
  const frames: Buffer[] = [];
  const ops: Op[] = [];
  const isSimple = steps[0]?.isSimple === true;
  const say = (command: Command, step: number): void => {
    frames.push(...executed(command));
    ops.push(hidden("bound", step), hidden("completed", step));
  };
  const sayAlone = (step: number, ...names: readonly Command[]): void => {
    for (const name of names) say(name, step);
    if (isSimple) frames.push(syncFrame);
    if (isSimple) ops.push(hidden("ready", step));
  };
  if (transaction?.isImplicit && !transaction.isOpen) {
    sayAlone(0, "begin", "savepoint");
    transaction.isOpen = true;
  }
  const entries = steps.map((step) => entryOf(step, transaction));
  for (const [at, step] of steps.entries()) {
    const again = at === 0 && isAgain;
    const entry = entries[at];
    const sql = step.statement && transaction && sqlOver(step.statement, transaction.copies);
    for (const { bytes, ends, binds } of messagesOf(step, sql, again)) {
      const isRun = ends === "completed" || (step.isSimple && ends === "ready");
      frames.push(bytes);
      ops.push({
        ends,
        visible: (!binds || sql === undefined) && (isRun || !again),
        step: at,
        ...(isRun && entry && { entry }),
        ...(isRun && step.tag && { tag: step.tag }),
      });
    }
    if (step.statement?.kind === "begin" && !transaction?.isImplicit) {
      sayAlone(at, "savepoint", "snapshot");
    }
  }
  if (!isSimple) {
    frames.push(syncFrame);
    ops.push(hidden("ready", steps.length));
  }
  const bytes = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
  return { bytes, ops, entries };
}

function* messagesOf(step: Step, sql: string | undefined, isAgain: boolean): Generator<Message> {
  if (step.isSimple) {
    for (const message of step.messages) {
      yield sql === undefined ? message : { ...message, bytes: queryFrame(sql) };
    }
    return;
  }
  const { portal } = step;
  const own = sql !== undefined && portal;
  const { types, values } = argumentsOf(step);
  // Again: the portal that the rollback took is made anew.
  if (isAgain && portal) {
    if (own) yield* reparsed(sql, types);
    const name = own ? ownName : portal.prepared.name;
    yield { bytes: bindFrame(portal.name, name, values), ends: "bound", binds: false };
  }
  for (const message of step.messages) {
    if (isAgain && message.ends !== "completed") continue;
    if (own && message.binds) {
      yield* reparsed(sql, types);
      yield { bytes: bindFrame(portal.name, ownName, values), ends: "bound", binds: false };
    } else yield message;
  }
}

function* reparsed(sql: string, types: Buffer): Generator<Message> {
  yield { bytes: closeFrame(ownName), ends: "closed", binds: true };
  yield { bytes: parseFrame(ownName, sql, types), ends: "parsed", binds: true };
}

/** What writes or locks has to run again after a step aside; so has what reads behind it. */
function entryOf(step: Step, transaction: Transaction | undefined): Entry | undefined {
  const { statement } = step;
  if (!statement || !transaction) return undefined;
  const { writes, locks } = statement.effects;
  const reads = statement.kind === "read" && transaction.log.length > 0;
  if (!writes && !locks && !reads) return undefined;
  return { statement, ...argumentsOf(step), sum: 0 };
}

/** The whole log in one round trip. Before the race is lost its answers must repeat. */
export function encodeLog({ log, copies }: Transaction): { bytes: Buffer; ops: readonly Op[] } {
  const frames: Buffer[] = [];
  const ops: Op[] = [];
  const isLost = copies.size > 0;
  const add = (sql: string, step: number, { types, values }: Entry, entry?: Entry): void => {
    frames.push(...rebound(sql, types, "", values), executeFrame(""));
    ops.push(...reboundOps(step));
    ops.push({ ...hidden("completed", step), ...(entry && { entry, mustRepeat: true }) });
  };
  for (const [step, entry] of log.entries()) {
    const { sql, effects } = entry.statement;
    add(sqlOver(entry.statement, copies) ?? sql, step, entry, isLost ? undefined : entry);
    if (effects.touch !== undefined && !isLost) add(effects.touch, step, entry);
  }
  return { bytes: Buffer.concat([...frames, syncFrame]), ops: [...ops, sync] };
}
