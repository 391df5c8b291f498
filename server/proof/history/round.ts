import { setTimeout as sleep } from "node:timers/promises";
import type { Db } from "../../db/open.ts";
import { sql } from "../../db/sql.ts";
import { transact } from "../../db/transact.ts";
import { holds, prove, type Proof } from "../prove.ts";
import { readBooks } from "./books.ts";
import type { Copies } from "./copies.ts";
import { untilCopied } from "./copied.ts";
import { violationsOf } from "./check.ts";
import type { History, Shelf, Violation } from "./history.ts";
import { Play, type LoadOptions } from "./play.ts";
import { Readers } from "./readers.ts";
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
  /** What happens beside the load, until it is over. */
  readonly during?: (play: Play, over: AbortSignal) => Promise<void>;
  /** Between the load and the last tries: nothing is in the way any more. */
  readonly heal?: () => Promise<void>;
  /** A worker is there: at the end nothing may wait to be told. */
  readonly told?: boolean;
  /** Where there are copies: they are read beside the load, and must equal the books at the end. */
  readonly copiesOf?: (shelf: Shelf) => Promise<Copies>;
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
  const witnessed = options.witness && db.dialect.name === "postgres";
  if (witnessed) await placeWitness(db);
  const shelf = await openShelf(db, options.operations, `history ${options.seed}`);
  const recorder = new Recorder(shelf, options.path);
  const target = await targetOf(shelf);
  const copies = await options.copiesOf?.(shelf);
  const market = new Market(shelf, options.oneLine);
  const play = new Play(target, recorder, market, options);
  const look = (): void => options.onProgress?.(play.done, recorder.attempts.length);
  const timer = setInterval(look, progressMs);
  const readers = copies && new Readers(copies, recorder, shelf, options.seed);
  try {
    await beside(play, options);
    await options.heal?.();
    await play.settle();
    look();
  } finally {
    clearInterval(timer);
    await readers?.stop();
    await recorder.close();
  }
  return judge(db, { seed: options.seed, shelf, recorder }, { ...options, witnessed, copies });
}

interface Played {
  readonly seed: number;
  readonly shelf: Shelf;
  readonly recorder: Recorder;
}

interface JudgedAs {
  readonly witnessed: boolean;
  readonly told?: boolean;
  readonly guest?: boolean;
  readonly copies?: Copies | undefined;
}

/** What everybody was told, held against the books as they stand now, and these against themselves. */
export async function judge(
  db: Db,
  { seed, shelf, recorder }: Played,
  { witnessed, told = false, guest = false, copies }: JudgedAs,
): Promise<RoundResult> {
  const { tenantId } = shelf;
  const copied = copies && (await untilCopied(db, copies.plane, tenantId));
  if (told) await untilTold(db, tenantId);
  const books = await readBooks(db, tenantId, { witnessed, told, guest });
  const { attempts, commands, reads, sums } = recorder;
  const records = { attempts, commands, reads, sums, ...(copied && { copied }) };
  const history = { seed, shelf, ...records, books };
  const violations = violationsOf(history);
  const proof = await prove(db, { tenantId });
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
