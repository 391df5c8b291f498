import type { Db } from "../../db/open.ts";
import { holds, prove, type Proof } from "../prove.ts";
import { readBooks } from "./books.ts";
import { violationsOf } from "./check.ts";
import type { History, Shelf, Violation } from "./history.ts";
import { Play, type LoadOptions } from "./play.ts";
import { Recorder } from "./recorder.ts";
import { openShelf } from "./shop.ts";
import type { Target } from "./target.ts";
import { placeWitness } from "./witness.ts";
import { Market } from "./workload.ts";

export interface RoundOptions extends LoadOptions {
  /** Puts a witness into the database: only into one that the run made for itself. */
  readonly witness: boolean;
  /** As the public API has it: over HTTP a purchase has one line. */
  readonly oneLine?: boolean;
  /** Where each attempt is a line of JSON as well. */
  readonly path?: string;
  readonly signal?: AbortSignal;
  /** Between the load and the last tries: nothing is in the way any more. */
  readonly heal?: () => Promise<void>;
  readonly onProgress?: (done: number, attempts: number) => void;
}

export interface RoundResult {
  readonly history: History;
  readonly violations: readonly Violation[];
  readonly proof: Proof;
  readonly ok: boolean;
}

const progressMs = 250;

/**
 * A world of its own is sold out, refunded, paused and dealt anew, by the seed; then what everybody
 * was told is held against the books, and the books against themselves.
 */
export async function playRound(
  db: Db,
  targetOf: (shelf: Shelf) => Target,
  options: RoundOptions,
): Promise<RoundResult> {
  const witnessed = options.witness && db.dialect.name === "postgres";
  if (witnessed) await placeWitness(db);
  const shelf = await openShelf(db, options.operations, `history ${options.seed}`);
  const recorder = new Recorder(shelf, options.path);
  const play = new Play(targetOf(shelf), recorder, new Market(shelf, options.oneLine), options);
  const look = (): void => options.onProgress?.(play.done, recorder.attempts.length);
  const timer = setInterval(look, progressMs);
  try {
    await play.run(options.signal);
    await options.heal?.();
    await play.settle();
    look();
  } finally {
    clearInterval(timer);
    await recorder.close();
  }
  return judge(db, { seed: options.seed, shelf, recorder }, witnessed);
}

interface Played {
  readonly seed: number;
  readonly shelf: Shelf;
  readonly recorder: Recorder;
}

/** What everybody was told, held against the books as they stand now, and these against themselves. */
export async function judge(
  db: Db,
  { seed, shelf, recorder }: Played,
  witnessed: boolean,
): Promise<RoundResult> {
  const books = await readBooks(db, shelf.tenantId, { witnessed });
  const { attempts, commands, reads } = recorder;
  const history = { seed, shelf, attempts, commands, reads, books };
  const violations = violationsOf(history);
  const proof = await prove(db, { tenantId: shelf.tenantId });
  return { history, violations, proof, ok: violations.length === 0 && holds(proof) };
}
