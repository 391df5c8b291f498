import { setTimeout as sleep } from "node:timers/promises";
import { crashPoint } from "../base/crash-points.ts";
import { DoubtError } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { sql, type Sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { leaveEvent, type CommandEvent } from "./command-events.ts";
import type { MandateGate, PoolGate } from "./facts.ts";

/** What a command found and what it left, by the same names, as the audit log shows it. */
export interface Change {
  readonly before: object;
  readonly after: object;
}

/** What became of a command. A refusal is an answer, as a decline is: nothing was changed. */
export type CommandResult =
  | ({ readonly kind: "done" } & Change)
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly says: string };

export type RefusalCode =
  | "UNKNOWN_ITEM"
  | "UNKNOWN_MANDATE"
  | "FORBIDDEN"
  | "INVALID_COMMAND"
  | "NOT_ENOUGH_STOCK"
  | "CAP_BELOW_SPENT"
  | "REVOKED"
  | "BUSY";

/** What goes with a command, in the transaction that makes the change. */
export interface Beside {
  /**
   * Whether this very command was done before: then it is not done again. With it a command is safe to
   * run once more when the answer to its COMMIT was lost.
   */
  readonly recall?: (tx: Tx) => Promise<boolean>;
  /** Written with the command or not at all, such as its entry in the audit log. */
  readonly write: (tx: Tx, change: Change) => Promise<void>;
}

/** What a command leaves in the transaction that makes its change. */
export interface Leaves {
  readonly event: CommandEvent;
  readonly beside: Beside | undefined;
}

export function done(before: object, after: object): CommandResult {
  return { kind: "done", before, after };
}

export function refused(code: RefusalCode, says: string): CommandResult {
  return { kind: "refused", code, says };
}

export type Gated =
  | { readonly on: "pool"; readonly id: string; readonly gate: PoolGate }
  | { readonly on: "mandate"; readonly id: string; readonly gate: MandateGate };

/**
 * A flag whose process died is ignored after this: well before those give up whom it makes wait. A command
 * takes some tens of milliseconds; one that takes longer goes on without its flag.
 */
const flagSeconds = 2;
const patienceMs = 5_000;

/**
 * A command that every sale must notice, in two commits. The first writes a flag that no sale
 * writes and every load reads: new batches refuse or wait. The second writes every bucket, so it
 * collides with each sale that loaded before the flag: once it is through, no sale of before can
 * come through any more. Only the second is acknowledged. Without the first the second starves:
 * beside eight sellers with 15 ms commits it never came through in 10 s; with it, in 2-3 attempts.
 */
export async function throughGate(
  db: Db,
  gated: Gated & Leaves,
  second: (tx: Tx) => Promise<CommandResult>,
): Promise<CommandResult> {
  const untilMs = performance.now() + patienceMs;
  while (!(await raiseFlag(db, gated))) {
    if (performance.now() > untilMs) {
      return refused("BUSY", "Another command on it is going through: try again in a few seconds.");
    }
    await sleep(5 + 20 * Math.random());
  }
  crashPoint("gate.raised");
  try {
    return await transact(
      db,
      `gate_${gated.gate}`,
      async (tx) => {
        db.metrics.gateAttempts.inc({ gate: gated.gate });
        const [result] = await Promise.all([
          withBeside(db, tx, gated, async () => second(tx)),
          tx.run(lower(gated)),
        ]);
        return result;
      },
      { attemptsMax: 200, recalls: canRecall(gated.beside) },
    );
  } catch (cause) {
    // The command failed as a whole; its flag must not stop the sales until it runs out by itself.
    await lowerFlag(db, gated);
    throw cause;
  }
}

async function lowerFlag(db: Db, gated: Gated): Promise<void> {
  // It can be lowered twice.
  const again = { recalls: true };
  await transact(db, "lower_gate", (tx) => tx.run(lower(gated)), again).catch(() => undefined);
}

/** A refused command leaves nothing, so nothing is written beside it either. */
export async function withBeside(
  db: Db,
  tx: Tx,
  { event, beside }: Leaves,
  command: () => Promise<CommandResult>,
): Promise<CommandResult> {
  if (await beside?.recall?.(tx)) return done({}, {});
  const result = await command();
  if (result.kind !== "done") return result;
  await Promise.all([leaveEvent(tx, db, event), beside?.write(tx, result)]);
  return result;
}

export function canRecall(beside: Beside | undefined): boolean {
  return beside?.recall !== undefined;
}

/** A flag that may have been raised is lowered: who asks again must not wait until it runs out. */
async function raiseFlag(db: Db, gated: Gated): Promise<boolean> {
  try {
    return (await transact(db, "raise_gate", (tx) => tx.run(raise(gated)))) === 1;
  } catch (cause) {
    if (cause instanceof DoubtError) await lowerFlag(db, gated);
    throw cause;
  }
}

function raise({ on, id, gate }: Gated): Sql {
  return on === "pool"
    ? sql`update pools set gate = ${gate}, gate_until = now() + ${flagSeconds} * interval '1 second'
           where pool_id = ${id} and (gate is null or gate_until <= now())`
    : sql`update mandates set gate = ${gate}, gate_until = now() + ${flagSeconds} * interval '1 second'
           where mandate_id = ${id} and (gate is null or gate_until <= now())`;
}

function lower({ on, id, gate }: Gated): Sql {
  return on === "pool"
    ? sql`update pools set gate = null, gate_until = null where pool_id = ${id} and gate = ${gate}`
    : sql`update mandates set gate = null, gate_until = null where mandate_id = ${id} and gate = ${gate}`;
}
