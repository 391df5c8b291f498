import type { Request, Response } from "express";
import { record } from "../audit/record.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { Beside, Change, CommandResult } from "../kernel/gate.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { throwRefusal } from "./refusal.ts";
import {
  needIdempotencyKey,
  recallKey,
  rememberKey,
  reused,
  type Keyed,
  type Known,
} from "./request-keys.ts";

/** A command as a request names it. */
export interface Commanded {
  /** `noun.verb`, for the audit log. */
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string };
  readonly route: string;
  readonly body: object;
}

/** The key of a command: there must be one where doing it twice is not the same as doing it once. */
export function readCommandKey(req: Request, counts: boolean): string | undefined {
  return counts ? needIdempotencyKey(req) : readIdempotencyKey(req);
}

const patienceMs = 10_000;

/**
 * A command with its entry in the audit log, and once for its key: the key is written in the commit
 * that makes the change, and looked for first in every attempt at it. A command that was refused has
 * changed nothing and does not use up its key.
 */
export async function commandOnce(
  db: Db,
  res: Response,
  { key, ...what }: Commanded & { readonly key: string | undefined },
  command: (beside: Beside) => Promise<CommandResult>,
): Promise<{ replayed: boolean }> {
  const { action, object, route, body } = what;
  const write = async (tx: Tx, { before, after }: Change): Promise<void> => {
    const { reason, ...asked } = body as { readonly reason?: string };
    // What the command left has the last word over what it was asked for.
    const left = { ...asked, ...after };
    await record(
      tx,
      entryBy(res, { action, object, before, after: left, ...(reason && { reason }) }),
    );
  };
  const { tenantId } = callerOf(res);
  // Before the gate is closed: sales wait for a command, but not for those before it.
  const inTurn = (run: () => Promise<CommandResult>): Promise<CommandResult> =>
    db.turns.inTurn(tenantId, performance.now() + patienceMs, run);
  if (key === undefined) {
    throwRefusal(await inTurn(() => command({ write })));
    return { replayed: false };
  }
  const keyed: Keyed = { tenantId, route, key, body };
  const recall = async (tx: Tx) => recallKey(tx, keyed);
  // A repeat is found without stopping the sales.
  const first = await transact(db, "recall_command", recall, { readOnly: true, recalls: true });
  if (first) return repeated(first);
  const requestId = db.dialect.newId();
  let known: Known | undefined;
  const beside: Beside = {
    async recall(tx) {
      known = await recall(tx);
      return known !== undefined;
    },
    async write(tx, change) {
      await write(tx, change);
      await rememberKey(tx, keyed, { objectId: object.id, requestId });
    },
  };
  const result = await inTurn(() => command(beside));
  throwRefusal(result);
  // Known to this very request: the answer to its COMMIT was lost, and it looked again.
  return known && known.requestId !== requestId ? repeated(known) : { replayed: false };
}

function repeated({ same }: Known): { replayed: true } {
  if (!same) throw reused();
  return { replayed: true };
}
