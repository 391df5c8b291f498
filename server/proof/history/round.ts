import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/open.ts";
import { sql } from "../../db/sql.ts";
import { transact } from "../../db/transact.ts";
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
  /** The PostgreSQL that holds the rows, where `db` is something before it. */
  readonly beneath?: Db;
  /** As the public API has it: over HTTP a purchase has one line. */
  readonly oneLine?: boolean;
  /** Where each attempt is a line of JSON as well. */
  readonly path?: string;
  readonly signal?: AbortSignal;
  /** What happens beside the load, until it is over. */
  readonly during?: (play: Play, over: AbortSignal) => Promise<void>;
  /** Between the load and the last tries: nothing is in the way any more. */
  readonly heal?: () => Promise<void>;
  /** A worker is there: at the end nothing may wait to be told. */
  readonly told?: boolean;
  /** In a database with which others work, too. */
  readonly guest?: boolean;
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
  targetOf: (shelf: Shelf) => Target | Promise<Target>,
  options: RoundOptions,
): Promise<RoundResult> {
  const { beneath = db } = options;
  const witnessed = options.witness && beneath.dialect.name === "postgres";
  if (witnessed) await placeWitness(beneath);
  const shelf = await openShelf(db, options.operations, `history ${options.seed}`);
  const recorder = new Recorder(shelf, options.path);
  const target = await targetOf(shelf);
  const market = new Market(shelf, options.oneLine);
  const play = new Play(target, recorder, market, options);
  const look = (): void => options.onProgress?.(play.done, recorder.attempts.length);
  const timer = setInterval(look, progressMs);
  try {
    await beside(play, options);
    await options.heal?.();
    await play.settle();
    look();
  } finally {
    clearInterval(timer);
    await recorder.close();
  }
  return judge(db, { seed: options.seed, shelf, recorder }, { ...options, witnessed });
}

interface Played {
  readonly seed: number;
  readonly shelf: Shelf;
  readonly recorder: Recorder;
}

interface JudgedAs {
  readonly witnessed: boolean;
  readonly beneath?: Db;
  readonly told?: boolean;
  readonly guest?: boolean;
}

/** What everybody was told, held against the books as they stand now, and these against themselves. */
export async function judge(
  db: Db,
  { seed, shelf, recorder }: Played,
  { witnessed, beneath = db, told = false, guest = false }: JudgedAs,
): Promise<RoundResult> {
  if (told) await untilTold(db, shelf.tenantId);
  const books = await readBooks(beneath, shelf.tenantId, { witnessed, told, guest });
  const { attempts, commands, reads } = recorder;
  const history = { seed, shelf, attempts, commands, reads, books };
  const violations = violationsOf(history);
  const proof = await prove(db, { tenantId: shelf.tenantId });
  return { history, violations, proof, ok: violations.length === 0 && holds(proof) };
}

async function beside(play: Play, { during, signal }: RoundOptions): Promise<void> {
  const over = new AbortController();
  const striking = during?.(play, over.signal);
  // It is awaited below; that it fails first must not end the process.
  striking?.catch(() => undefined);
  try {
    await play.run(signal);
  } finally {
    over.abort();
  }
  await striking;
}

const toldMs = 60_000;

async function untilTold(db: Db, tenantId: string): Promise<void> {
  const until = performance.now() + toldMs;
  const query = sql`select count(*) as waiting from outbox where tenant_id = ${tenantId}`;
  for (;;) {
    const [row] = await transact(db, "read_untold", (tx) => tx.rows<{ waiting: bigint }>(query), {
      readOnly: true,
    });
    if (row?.waiting === 0n || performance.now() > until) return;
    await sleep(100);
  }
}
