import { InvariantError } from "../base/assert.ts";
import { DoubtError, ExhaustedError, faultOf } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { apply } from "./apply.ts";
import { decide } from "./decide.ts";
import { load } from "./load.ts";
import type { Plan } from "./plan.ts";
import type { Decision, Entry } from "./types.ts";

/** An entry on its way; `live` turns false when its caller has been answered without us. */
export interface Traveller {
  readonly entry: Entry;
  readonly live: boolean;
}

export type Fate<T> = readonly [traveller: T, fate: Decision | BatchFailure];

/** Why there is no decision: out of races, fate unknown, or a broken machine. */
export interface BatchFailure {
  readonly kind: "exhausted" | "unknown" | "broken";
  readonly cause: unknown;
}

export interface BatchOptions {
  readonly luck: number;
  readonly deadlineAt: number;
  readonly attemptTimeoutMs: number;
  readonly rowsMax: number;
}

/** The plan writes more rows than one transaction may: the batch must be cut. */
class PlanTooLarge extends Error {}

/**
 * Answers many asks in one transaction: recall, load, decide, apply. Safe to run again after any
 * failure, a lost acknowledgement included, because it begins by recalling what was stored.
 */
export async function runBatch<T extends Traveller>(
  db: Db,
  travellers: readonly T[],
  options: BatchOptions,
): Promise<Fate<T>[]> {
  const { deadlineAt, attemptTimeoutMs } = options;
  try {
    return await transact(db, "batch", (tx, lostRaces) => work(tx, lostRaces), {
      recalls: true,
      deadlineAt,
      attemptTimeoutMs,
    });
  } catch (cause) {
    if (travellers.length > 1 && mayBeOneAsk(cause)) return runHalves(db, travellers, options);
    const kind = cause instanceof DoubtError ? "unknown" : cause instanceof ExhaustedError ? "exhausted" : "broken";
    return travellers.map((traveller) => [traveller, { kind, cause }]);
  }

  async function work(tx: Parameters<typeof load>[0], lostRaces: number): Promise<Fate<T>[]> {
    const live = travellers.filter((traveller) => traveller.live);
    const entries = live.map(({ entry }) => entry);
    const facts = await load(tx, entries, options.luck, () => db.dialect.newId());
    const { decisions, plan } = decide(entries, facts, 1 + lostRaces);
    if (live.length > 1 && rowsOf(plan) > options.rowsMax) throw new PlanTooLarge("cut the batch");
    await apply(tx, plan);
    return decisions.map((decision, index) => [live[index] as T, decision]);
  }
}

/** Data that the database refuses, or a broken assumption about it, fails its own ask alone. */
function mayBeOneAsk(cause: unknown): boolean {
  return (
    cause instanceof InvariantError || cause instanceof PlanTooLarge || faultOf(cause, false) === "poison"
  );
}

async function runHalves<T extends Traveller>(
  db: Db,
  travellers: readonly T[],
  options: BatchOptions,
): Promise<Fate<T>[]> {
  db.metrics.batchSplits.inc();
  const middle = Math.ceil(travellers.length / 2);
  const first = await runBatch(db, travellers.slice(0, middle), options);
  const second = await runBatch(db, travellers.slice(middle), options);
  return [...first, ...second];
}

export function rowsOf(plan: Plan): number {
  const { nowMs: _, ...tables } = plan;
  return Object.values(tables).reduce((rows, table) => rows + table.length, 0);
}
