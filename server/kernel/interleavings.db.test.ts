import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { buyingPairs, buyingThrees } from "../testing/interleavings/buying.ts";
import { commandingPairs, commandingThrees } from "../testing/interleavings/commanding.ts";
import { everyOrder, someOrders } from "../testing/interleavings/explore.ts";
import type { Grain } from "../testing/interleavings/link.ts";
import { Play, type Choose, type Run } from "../testing/interleavings/play.ts";
import { words, type Case } from "../testing/interleavings/scene.ts";
import { Way } from "../testing/interleavings/way.ts";
import { query } from "../testing/look.ts";
import { seedOfRun } from "../testing/seed-of-run.ts";

/**
 * Real kernels and real commands on a real database, stepped by a scheduler of ours: all orders in
 * which the steps of two can come, not those that a machine happens to take. A draw of them stands for
 * those of single writes and for those of three: `npm run test:long` goes through all, but for three
 * with commands among them and three write by write, of which there are too many.
 */
let test: TestDatabase;
let ways: Way[];
let stir: PromiseWithResolvers<void>;

beforeAll(async () => {
  test = await freshDatabase();
  // Circles of waiting end soon, and none of this is about a disk.
  const { rows } = await test.db.pool.query<{ name: string }>("select current_database() as name");
  await query(test.db, `alter database ${rows[0]?.name} set deadlock_timeout = '20ms'`);
  await query(test.db, `alter database ${rows[0]?.name} set synchronous_commit = off`);
  stir = Promise.withResolvers();
  const stirred = (): void => {
    stir.resolve();
    stir = Promise.withResolvers();
  };
  ways = await Promise.all([1, 2, 3].map(() => Way.open(test.url, stirred)));
  return () => Promise.all(ways.map((way) => way.close()));
});

afterAll(async () => {
  await test.close();
  process.stdout.write(`interleavings=${total.runs} violations=${total.violations}\n`);
});

const seed = seedOfRun();

const orders = inject("testOrders");
const isLong = orders > 1_000;

/** Attempts of one actor that are put into every order; later ones come when nobody else can step. */
const transactionsMax = isLong ? 4 : 2;

const total = { runs: 0, violations: 0 };

interface Tally {
  runs: number;
  blocked: number;
  readonly told: Map<string, number>;
  readonly violations: string[];
}

async function playAll(scene: Case, grain: Grain, explore: Explore): Promise<Tally> {
  const tally: Tally = { runs: 0, blocked: 0, told: new Map(), violations: [] };
  const { db } = test;
  const { unreached } = await explore(async (choose) => {
    const [first] = ways;
    if (!first) throw new Error("there are ways");
    const opened = await scene.open({ db, kernel: first.kernel });
    const given = { ways, observer: db, grain, transactionsMax, stirred: () => stir.promise };
    const run = await new Play(opened.actors, given).run(choose);
    const wrong = await opened.law(run);
    tally.runs += 1;
    tally.blocked += run.blocked;
    const said = words(run).join();
    tally.told.set(said, (tally.told.get(said) ?? 0) + 1);
    const order = run.choices.map(({ taken }) => taken).join("");
    if (wrong.length > 0) tally.violations.push(`${wrong.join("; ")} in the order ${order}`);
    return run;
  });
  const told = [...tally.told].map(([said, times]) => `${said} ${times}`).join(" | ");
  const { runs, blocked, violations } = tally;
  total.runs += runs;
  total.violations += violations.length;
  process.stdout.write(
    `${scene.name}, ${grain}: interleavings=${runs} violations=${violations.length} unreached=${unreached} waits=${blocked} seed=${seed} (${told})\n`,
  );
  expect(violations.slice(0, 5)).toEqual([]);
  await expectProven(db);
  return tally;
}

const pairs = [...buyingPairs, ...commandingPairs];
const limitMs = isLong ? 3_600_000 : 120_000;

type Explore = (play: (choose: Choose) => Promise<Run>) => Promise<{ unreached: number }>;

const drawn: Explore = (play) => someOrders(play, orders, seed);

const allIfLong = isLong ? everyOrder : drawn;

describe("two at once, in every order of their trips to the database", () => {
  it.each(pairs)(
    "$name",
    async (scene) => {
      const { runs } = await playAll(scene, "trips", everyOrder);
      expect(runs).toBeGreaterThan(5);
    },
    limitMs,
  );
});

describe.each([
  ["two at once, write by write", pairs, "statements", allIfLong],
  ["three asks at once", buyingThrees, "trips", allIfLong],
  ["three asks at once, write by write", buyingThrees, "statements", drawn],
  ["three at once, with commands", commandingThrees, "trips", drawn],
] as const)("%s", (_, scenes, grain, explore) => {
  it.each(scenes)(
    "$name",
    async (scene) => {
      const { runs } = await playAll(scene, grain, explore);
      expect(runs).toBeGreaterThanOrEqual(Math.min(orders, 10));
    },
    limitMs,
  );
});
