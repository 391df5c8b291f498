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
  /** The PostgreSQL that holds the rows, where `db` is something before it. */
  readonly beneath?: Db;
  /** As the public API has it: over HTTP a purchase has one line. */
  readonly oneLine?: boolean;
  /** Where each attempt is a line of JSON as well. */
  readonly path?: string;
  readonly signal?: AbortSignal;
  /** What happens beside the load, until it is over. */
  readonly during?: (plays: readonly Play[], over: AbortSignal) => Promise<void>;
  /** Between the load and the last tries: nothing is in the way any more. */
  readonly heal?: () => Promise<void>;
  /** A worker is there: at the end nothing may wait to be told. */
  readonly told?: boolean;
  /** Where there are copies: they are read beside the load, and must equal the books at the end. */
  readonly copiesOf?: (shelf: Shelf) => Promise<Copies>;
  /** In a database with which others work, too. */
  readonly guest?: boolean;
  readonly onProgress?: (attempts: number) => void;
}

/** What was told in a world, and where its books say otherwise. */
export interface Judged {
  readonly history: History;
  readonly violations: readonly Violation[];
}

export interface RoundResult extends Judged {
  readonly proof: Proof;
  readonly ok: boolean;
}

type TargetOf = (shelf: Shelf) => Target | Promise<Target>;

const progressMs = 250;

/**
 * A world of its own is sold out, refunded, paused and dealt anew, by the seed; then what everybody
 * was told is held against the books, and the books against themselves.
 */
export async function playRound(
  db: Db,
  targetOf: TargetOf,
  options: RoundOptions,
): Promise<RoundResult> {
  const [world] = await playWave(db, targetOf, [options.seed], options);
  if (world === undefined) throw new Error("a wave of one seed has one world");
  return proven(db, world);
}

/** Worlds that sell at the same time, one for each seed. The books themselves are not proven here. */
export async function playWave(
  db: Db,
  targetOf: TargetOf,
  seeds: readonly number[],
  options: RoundOptions,
): Promise<Judged[]> {
  const { beneath = db } = options;
  const witnessed = options.witness && beneath.dialect.name === "postgres";
  if (witnessed) await placeWitness(beneath);
  const worlds = await Promise.all(seeds.map((seed) => setOut(db, targetOf, seed, options)));
  const plays = worlds.map(({ play }) => play);
  const look = (): void =>
    options.onProgress?.(worlds.reduce((sum, { recorder }) => sum + recorder.attempts.length, 0));
  const timer = setInterval(look, progressMs);
  const readers = worlds.flatMap(({ copies, recorder, shelf, seed }) =>
    copies === undefined ? [] : [new Readers(copies, recorder, shelf, seed)],
  );
  try {
    await beside(plays, options);
    await options.heal?.();
    await Promise.all(plays.map((play) => play.settle()));
    look();
  } finally {
    clearInterval(timer);
    await Promise.all(readers.map((reader) => reader.stop()));
    for (const { recorder } of worlds) await recorder.close();
  }
  return Promise.all(
    worlds.map((world) => heldToIt(db, world, { ...options, witnessed, copies: world.copies })),
  );
}

interface Played {
  readonly seed: number;
  readonly shelf: Shelf;
  readonly recorder: Recorder;
}

interface Playing extends Played {
  readonly play: Play;
  readonly copies: Copies | undefined;
}

async function setOut(
  db: Db,
  targetOf: TargetOf,
  seed: number,
  { operations, path, oneLine, copiesOf, ...load }: RoundOptions,
): Promise<Playing> {
  const shelf = await openShelf(db, operations, `history ${seed}`);
  const recorder = new Recorder(shelf, path);
  const market = new Market(shelf, oneLine);
  const options = { ...load, operations, seed };
  const play = new Play(await targetOf(shelf), recorder, market, options);
  return { seed, shelf, recorder, play, copies: await copiesOf?.(shelf) };
}

interface JudgedAs {
  readonly witnessed: boolean;
  readonly beneath?: Db;
  readonly told?: boolean;
  readonly guest?: boolean;
  readonly copies?: Copies | undefined;
}

/** What everybody was told, held against the books as they stand now, and these against themselves. */
export async function judge(db: Db, played: Played, as: JudgedAs): Promise<RoundResult> {
  return proven(db, await heldToIt(db, played, as));
}

async function heldToIt(
  db: Db,
  { seed, shelf, recorder }: Played,
  { witnessed, beneath = db, told = false, guest = false, copies }: JudgedAs,
): Promise<Judged> {
  const { tenantId } = shelf;
  const copied = copies && (await untilCopied(beneath, copies.plane, tenantId));
  if (told) await untilTold(db, tenantId);
  const books = await readBooks(beneath, tenantId, { witnessed, told, guest });
  const { attempts, commands, reads, sums } = recorder;
  const records = { attempts, commands, reads, sums, ...(copied && { copied }) };
  const history = { seed, shelf, ...records, books };
  return { history, violations: violationsOf(history) };
}

async function proven(db: Db, world: Judged): Promise<RoundResult> {
  const proof = await prove(db, { tenantId: world.history.shelf.tenantId });
  return { ...world, proof, ok: world.violations.length === 0 && holds(proof) };
}

async function beside(plays: readonly Play[], { during, signal }: RoundOptions): Promise<void> {
  const over = new AbortController();
  const striking = during?.(plays, over.signal);
  // It is awaited below; that it fails first must not end the process.
  striking?.catch(() => undefined);
  try {
    await Promise.all(plays.map((play) => play.run(signal)));
  } finally {
    over.abort();
  }
  await striking;
}

const toldMs = 120_000;

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
