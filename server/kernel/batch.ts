import { InvariantError } from "../base/assert.ts";
import { crashPoint } from "../base/crash-points.ts";
import { DoubtError, ExhaustedError, faultOf } from "../db/faults.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { apply } from "./apply.ts";
import { consider } from "./consider.ts";
import type { Decision, Entry } from "./types.ts";
import { bytesOf, rowsOf } from "./weight.ts";

/** An entry on its way; `live` turns false when its caller has been answered without us. */
export interface Traveller {
  readonly entry: Entry;
  readonly live: boolean;
}

export type Fate<T> = readonly [traveller: T, fate: Decision | BatchFailure];

export interface BatchResult<T> {
  readonly fates: readonly Fate<T>[];
  /** By the unluckiest of its asks. */
  readonly lostRaces: number;
}

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
  readonly bytesMax: number;
  /** Races that these asks lost in the batch that was cut into this one. */
  readonly lostBefore?: number;
  /** It was in doubt before it was cut: what fails now may yet be recorded. */
  readonly doubted?: boolean;
}

/**
 * The batch must be cut: its plan writes more than one transaction may, or it loses every race.
 * A large batch near the end of the stock claims from many buckets, and small ones of another process
 * overtake it again and again; halves are quicker and touch less.
 */
class CutBatch extends Error {}

const racesBeforeCut = 3;

/**
 * Answers many asks in one transaction: recall, load, decide, apply. Safe to run again after any
 * failure, a lost acknowledgement included, because it begins by recalling what was stored.
 */
export async function runBatch<T extends Traveller>(
  db: Db,
  travellers: readonly T[],
  options: BatchOptions,
): Promise<BatchResult<T>> {
  const { deadlineAt, attemptTimeoutMs, lostBefore = 0 } = options;
  let lostRaces = lostBefore;
  try {
    const { fates, expired } = await transact(db, "batch", work, {
      recalls: true,
      deadlineAt,
      attemptTimeoutMs,
    });
    db.metrics.expiredHoldsReleased.inc(expired);
    return { fates, lostRaces };
  } catch (error) {
    const doubted = options.doubted === true || error instanceof DoubtError;
    const cause = error instanceof DoubtError ? error.cause : error;
    if (travellers.length > 1 && mayBeOneAsk(cause)) {
      return runHalves(db, travellers, { ...options, lostBefore: lostRaces, doubted });
    }
    const kind = doubted ? "unknown" : cause instanceof ExhaustedError ? "exhausted" : "broken";
    const fates = travellers.map((traveller): Fate<T> => [traveller, { kind, cause }]);
    return { fates, lostRaces };
  }

  async function work(tx: Tx, lost: number): Promise<{ fates: Fate<T>[]; expired: number }> {
    lostRaces = lostBefore + lost;
    const live = travellers.filter((traveller) => traveller.live);
    const entries = live.map(({ entry }) => entry);
    const { luck } = options;
    const { decisions, plan } = await consider(db, tx, entries, { luck, attempt: 1 + lostRaces });
    const tooLarge = rowsOf(plan) > options.rowsMax || bytesOf(plan) > options.bytesMax;
    if (live.length > 1 && (tooLarge || lost >= racesBeforeCut)) throw new CutBatch();
    crashPoint("batch.decided");
    await apply(tx, plan);
    return {
      fates: decisions.map((decision, index) => [live[index] as T, decision]),
      expired: plan.events.filter(({ kind }) => kind === "purchase.expired").length,
    };
  }
}

/** Data that the database refuses, or a broken assumption about it, fails its own ask alone. */
function mayBeOneAsk(cause: unknown): boolean {
  return (
    cause instanceof InvariantError ||
    cause instanceof CutBatch ||
    faultOf(cause, false) === "poison"
  );
}

async function runHalves<T extends Traveller>(
  db: Db,
  travellers: readonly T[],
  options: BatchOptions,
): Promise<BatchResult<T>> {
  db.metrics.batchSplits.inc();
  const middle = Math.ceil(travellers.length / 2);
  const first = await runBatch(db, travellers.slice(0, middle), options);
  crashPoint("batch.halved");
  const second = await runBatch(db, travellers.slice(middle), options);
  return {
    fates: [...first.fates, ...second.fates],
    lostRaces: Math.max(first.lostRaces, second.lostRaces),
  };
}
