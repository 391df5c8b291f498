import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { ExhaustedError } from "../../db/faults.ts";
import { sql } from "../../db/sql.ts";
import { transact, type Tx } from "../../db/transact.ts";
import { kernelBehind } from "../../testing/bad-network.ts";
import { Counter } from "../../testing/counter.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { startKernel } from "../../testing/factories.ts";
import { query } from "../../testing/look.ts";
import { cutting, type Fate } from "../unreliable.ts";
import { kernelTarget } from "../history/target.ts";

/** COMMITs of which nobody can tell whether they happened. */
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const { operations } = inject("testFaults");

it(
  "that are cut before and after they arrive are each accounted for, exactly",
  { timeout: 600_000 },
  async () => {
    const { db } = database;
    const counter = await Counter.open(db, "cut");
    const cut = cutting(counter.seed, 0.15, 0.15);
    let last: Fate = "pass";
    // In one lane the next COMMIT is the same ask's: it passes, so that each cut is one ask's.
    const policy = (nth: number): Fate => (last = last === "pass" ? cut(nth) : "pass");
    const settings = { lanes: 1, batchMax: 1, askDeadlineMs: 300_000 };
    const { kernel, network, metrics } = await kernelBehind(database.url, policy, settings);
    const target = kernelTarget([kernel], db, counter.shelf);
    const all = Array.from({ length: operations }, (_, op) => counter.ask(target, op));
    const first = await Promise.all(all);
    const round = await counter.judged(db);
    const { commits, cutsBefore, cutsAfter } = network.counts;
    const { values } = await metrics.outcomes.get();
    const found = values.find(({ labels }) => labels.outcome === "recalled")?.value ?? 0;
    const more = { cuts_before: cutsBefore, cuts_after: cutsAfter, found_again: found };
    expectKept(round, { name: "F05-commit-cut", faults: cutsBefore + cutsAfter, more });
    expect(Math.min(cutsBefore, cutsAfter)).toBeGreaterThan(operations / 50);
    expect(found).toBe(cutsAfter);
    expect(commits).toBe(operations + cutsBefore + cutsAfter);
    expect(first.filter(({ what, replayed }) => what !== "granted" || replayed)).toEqual([]);
  },
);

it(
  "that take longer than anybody waits are never called harmless",
  { timeout: 300_000 },
  async () => {
    await query(
      database.db,
      `create function dawdle() returns trigger language plpgsql as $$
     begin perform pg_sleep(2.5); return null; end $$`,
    );
    await query(
      database.db,
      `create constraint trigger dawdle after insert on asks deferrable initially deferred
        for each row when (new.key like 'late-%') execute function dawdle()`,
    );
    const hurried = startKernel(database.db, {
      lanes: 8,
      batchMax: 1,
      attemptTimeoutMs: 1_000,
      askDeadlineMs: 2_000,
    });
    const { db } = database;
    const counter = await Counter.open(db, "late");
    const target = kernelTarget([hurried], db, counter.shelf);
    const first = await Promise.all(Array.from({ length: 8 }, (_, op) => counter.ask(target, op)));
    await counter.settle(kernelTarget([startKernel(db)], db, counter.shelf));
    const round = await counter.judged(db);
    const unknown = counter.heard("unknown");
    expectKept(round, { name: "F05b-commit-late", faults: 8, more: { unknown } });
    expect(unknown).toBeGreaterThan(0);
    expect(first.filter(({ outcome }) => outcome === "ok")).toEqual([]);
  },
);

it("of transactions that had failed, which nobody heard, are no success", async () => {
  const { db } = database;
  await query(db, "create table heard (id integer)");
  const work = async (tx: Tx): Promise<void> => {
    await tx.run(sql`insert into heard values (1)`);
    // As a careless caller would.
    await tx.run(sql`select 1 / 0`).catch(() => undefined);
  };
  const done = transact(db, "swallow", work, { attemptsMax: 2 });
  await expect(done).rejects.toThrow(ExhaustedError);
  await expect(done).rejects.toThrow("commit was answered with ROLLBACK");
  expect(await query(db, "select id from heard")).toEqual([]);
});
