import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { ExhaustedError } from "../../db/faults.ts";
import { sql } from "../../db/sql.ts";
import { transact, type Tx } from "../../db/transact.ts";
import type { Kernel } from "../../kernel/gather.ts";
import { kernelBehind } from "../../testing/bad-network.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectKept } from "../../testing/expect-kept.ts";
import { startKernel } from "../../testing/factories.ts";
import { query } from "../../testing/look.ts";
import { seedOfRun } from "../../testing/seed-of-run.ts";
import { cutting, type Fate } from "../unreliable.ts";
import type { Asked, Attempt, Shelf } from "../history/history.ts";
import { Recorder } from "../history/recorder.ts";
import { judge } from "../history/round.ts";
import { openShelf } from "../history/shop.ts";
import { kernelTarget } from "../history/target.ts";

/** COMMITs of which nobody can tell whether they happened. */
let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const { operations } = inject("testFaults");

/** One unit of the thing of which there is enough, for somebody else each time. */
function one({ items, mandates }: Shelf, op: number): Asked {
  const { itemId = "", priceMinor = 0 } = items.at(-1) ?? {};
  const { mandateId = "" } = mandates[0] ?? {};
  const lines = [{ itemId, quantity: 1 }];
  return { kind: "commit", mandateId, agentId: `agent-${op}`, lines, amountMinor: priceMinor };
}

async function play(
  count: number,
  kernel: Kernel,
  { prefix, patient }: { readonly prefix: string; readonly patient?: Kernel },
) {
  const { db } = database;
  const seed = seedOfRun();
  const shelf = await openShelf(db, count, prefix);
  const recorder = new Recorder(shelf);
  const ask = (by: Kernel, op: number): Promise<Attempt> =>
    recorder.ask(kernelTarget([by], db, shelf), op, `${prefix}-${op}`, one(shelf, op));
  const first = await Promise.all(Array.from({ length: count }, (_, op) => ask(kernel, op)));
  for (const { op, outcome } of first) {
    if (outcome === "ok" || patient === undefined) continue;
    await expect.poll(async () => (await ask(patient, op)).outcome, { timeout: 60_000 }).toBe("ok");
  }
  return { first, round: await judge(db, { seed, shelf, recorder }, { witnessed: false }) };
}

it(
  "that are cut before and after they arrive are each accounted for, exactly",
  { timeout: 600_000 },
  async () => {
    const cut = cutting(seedOfRun(), 0.15, 0.15);
    let last: Fate = "pass";
    // In one lane the next COMMIT is the same ask's: it passes, so that each cut is one ask's.
    const policy = (nth: number): Fate => (last = last === "pass" ? cut(nth) : "pass");
    const settings = { lanes: 1, batchMax: 1, askDeadlineMs: 300_000 };
    const { kernel, network, metrics } = await kernelBehind(database.url, policy, settings);
    const { first, round } = await play(operations, kernel, { prefix: "cut" });
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
    const patient = startKernel(database.db);
    const { first, round } = await play(8, hurried, { prefix: "late", patient });
    const unknown = first.filter(({ what }) => what === "unknown").length;
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
