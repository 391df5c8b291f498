import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { sumOf } from "../base/metrics.ts";
import { kernelBehind } from "../testing/bad-network.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, makeShop, startKernel, tally, told } from "../testing/factories.ts";
import { look, query } from "../testing/look.ts";
import { cutting, scripted, type Policy } from "../proof/unreliable.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const behind = (policy: Policy, given = {}) => kernelBehind(database.url, policy, given);
const once = { purchases: 1, answers: 1, legs: 2, events: 1, available: 99n, remaining: 999_900n };

describe("a connection that is cut", () => {
  it("before COMMIT arrives left nothing: the ask runs again and is granted once", async () => {
    const shop = await makeShop(database.db);
    const { kernel, network } = await behind(scripted("cutBefore", "cutBefore"));
    const answer = await kernel.ask(commitAsk(shop));
    expect(answer).toMatchObject({ kind: "granted", replayed: false });
    expect(told(answer)).toMatchObject({ attempts: 1, replayed: false });
    expect(network.counts).toMatchObject({ commits: 3, cutsBefore: 2, cutsAfter: 0 });
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });

  it("after COMMIT arrived left the answer: the ask finds it, and it is no replay", async () => {
    const shop = await makeShop(database.db);
    const { kernel, network, metrics } = await behind(scripted("cutAfter"));
    const ask = commitAsk(shop);
    const answer = await kernel.ask(ask);
    expect(answer).toMatchObject({ kind: "granted", replayed: false });
    expect(told(answer)).toMatchObject({ attempts: 1, replayed: false });
    expect(network.counts).toMatchObject({ commits: 2, cutsAfter: 1 });
    expect(await sumOf(metrics.doubts)).toBe(1);
    expect((await metrics.doubtsEnded.get()).values).toEqual([
      { labels: { as: "answered" }, value: 1 },
    ]);
    expect(told(await kernel.ask(ask))).toEqual({ ...told(answer), replayed: true });
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });

  it("at random never sells twice, loses nothing, and every COMMIT is accounted for", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 260n, buckets: 16 } });
    const settings = { lanes: 3, batchMax: 3, askDeadlineMs: 25_000 };
    const { kernel, network, metrics } = await behind(cutting(20_261_120, 0.15, 0.15), settings);
    const asks = Array.from({ length: 400 }, () => commitAsk(shop));
    const answers = await Promise.all(asks.map((ask) => kernel.ask(ask)));
    expect(tally(answers)).toEqual({ granted: 260, SOLD_OUT: 140 });
    expect(answers.filter((answer) => told(answer).replayed)).toEqual([]);
    const { commits, cutsBefore, cutsAfter } = network.counts;
    expect(Math.min(cutsBefore, cutsAfter)).toBeGreaterThan(5);
    expect(await sumOf(metrics.doubts)).toBe(cutsBefore + cutsAfter);
    const { values } = await metrics.batchSize.get();
    const batches = values.find(({ metricName }) => metricName?.endsWith("_count"))?.value ?? 0;
    const splits = await sumOf(metrics.batchSplits);
    // On DSQL a race is lost at COMMIT, on PostgreSQL before it.
    const lost = db.dialect.name === "dsql" ? await sumOf(metrics.lostRaces) : 0;
    expect(commits).toBe(batches + splits + cutsBefore + cutsAfter + lost);
    expect(await look(db, shop)).toMatchObject({
      available: 0n,
      purchases: 260,
      answers: 400,
      legs: 520,
    });
    const healthy = startKernel(db);
    const replays = await Promise.all(asks.map((ask) => healthy.ask(ask)));
    expect(replays.map((answer) => told(answer))).toEqual(
      answers.map((answer) => ({ ...told(answer), replayed: true })),
    );
    await expectProven(db);
  });
});

describe("a COMMIT", () => {
  const hurried = { askDeadlineMs: 400, attemptTimeoutMs: 150 };

  it("that arrives after the deadline is unknown, and the same key then tells what became of it", async () => {
    const shop = await makeShop(database.db);
    const { kernel, metrics } = await behind(scripted({ delayMs: 900 }), hurried);
    const ask = commitAsk(shop);
    expect(await kernel.ask(ask)).toEqual({ kind: "unknown" });
    expect((await metrics.doubtsEnded.get()).values).toEqual([
      { labels: { as: "unknown" }, value: 1 },
    ]);
    const before = await look(database.db, shop);
    const answer = await vi.waitFor(
      async () => {
        const later = await kernel.ask(ask);
        expect(later.kind).toBe("granted");
        return later;
      },
      { timeout: 10_000, interval: 50 },
    );
    // The row was not there when a SELECT would have been asked: that is no proof of anything.
    expect(before).toMatchObject({ answers: 0 });
    expect(answer).toMatchObject({ kind: "granted", replayed: true });
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });

  it("whose answer is late was done: the ask finds its own answer", async () => {
    const shop = await makeShop(database.db);
    const settings = { attemptTimeoutMs: 200, askDeadlineMs: 8_000 };
    const { kernel, network } = await behind(scripted({ holdBackMs: 1_500 }), settings);
    const answer = await kernel.ask(commitAsk(shop));
    expect(answer).toMatchObject({ kind: "granted", replayed: false });
    expect(network.counts).toMatchObject({ commits: 2, late: 1 });
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });

  it("is never called harmless while it may still arrive", async () => {
    const shop = await makeShop(database.db);
    const { kernel, network } = await behind(() => "cutBefore");
    // Long before the deadline: there are only so many attempts.
    expect(await kernel.ask(commitAsk(shop))).toEqual({ kind: "unknown" });
    expect(network.counts.cutsBefore).toBeGreaterThan(0);
    expect(await look(database.db, shop)).toMatchObject({ answers: 0, purchases: 0 });
    await expectProven(database.db);
  });

  it("answered with ROLLBACK is no grant: the ask runs again", async () => {
    const shop = await makeShop(database.db);
    const { kernel, network } = await behind(scripted("abort"));
    const answer = await kernel.ask(commitAsk(shop));
    expect(told(answer)).toMatchObject({ outcome: "COMMITTED", attempts: 2, replayed: false });
    expect(network.counts.commits).toBe(2);
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });
});

describe("a database that cannot be reached", () => {
  it("for a while is waited for", async () => {
    const shop = await makeShop(database.db);
    const { kernel, network, metrics } = await behind(() => "pass");
    network.refuse(true);
    const answer = kernel.ask(commitAsk(shop));
    await vi.waitFor(async () => {
      const { values } = await metrics.transactFaults.get();
      expect(values.find(({ labels }) => labels.fault === "unavailable")?.value).toBeGreaterThan(
        25,
      ); // more than the tries that a lost race has
    }, 5_000);
    network.refuse(false);
    expect(await answer).toMatchObject({ kind: "granted", replayed: false });
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });

  it("for longer exhausts the ask, which is not doubt: nothing was recorded", async () => {
    const shop = await makeShop(database.db);
    const { kernel, network } = await behind(() => "pass", { askDeadlineMs: 300 });
    const ask = commitAsk(shop);
    network.refuse(true);
    expect(await kernel.ask(ask)).toEqual({ kind: "exhausted" });
    network.refuse(false);
    expect(await kernel.ask(ask)).toMatchObject({ kind: "granted", replayed: false });
    expect(await look(database.db, shop)).toMatchObject(once);
    await expectProven(database.db);
  });
});

describe("a backend that is terminated", () => {
  const kill = (limit: number) =>
    query(
      database.db,
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'zerorace-kernel'
        order by random() limit $1`,
      [limit],
    );

  it("in the middle of a run, again and again, costs no answer", async () => {
    const { db } = database;
    const shop = await makeShop(db, { item: { stock: 500n } });
    const kernel = startKernel(db, { batchMax: 3 });
    let killing = true;
    const killer = (async () => {
      for (let kills = 0; killing && kills < 40; kills++) {
        await kill(1);
        await pause(20);
      }
    })();
    const answers = await Promise.all(
      Array.from({ length: 400 }, () => kernel.ask(commitAsk(shop))),
    );
    killing = false;
    await killer;
    expect(tally(answers)).toEqual({ granted: 400 });
    expect(answers.filter((answer) => told(answer).replayed)).toEqual([]);
    expect(await look(db, shop)).toMatchObject({ available: 100n, purchases: 400, answers: 400 });
    await expectProven(db);
  });

  it("while its connection is idle does not end the process", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = startKernel(db);
    await Promise.all(Array.from({ length: 30 }, () => kernel.ask(commitAsk(shop))));
    await vi.waitFor(async () => expect(await kill(100)).toEqual([]));
    expect((await kernel.ask(commitAsk(shop))).kind).toBe("granted");
    expect(await look(db, shop)).toMatchObject({ purchases: 31 });
    await expectProven(db);
  });
});

describe("a batch in doubt that loses its races and is cut", () => {
  /** Rows of answers number `from` to `to` that are written meet a conflict; a sequence is never rolled back. */
  async function conflictsFrom(from: number, to: number): Promise<void> {
    await query(database.db, "create sequence turns");
    await query(
      database.db,
      `create function conflicted() returns trigger language plpgsql as $$
       begin
         if nextval('turns') <@ int8range(${from}, ${to}, '[]') then raise 'lost' using errcode = '40001'; end if;
         return new;
       end $$`,
    );
    await query(
      database.db,
      "create trigger conflicted before insert on asks for each row execute function conflicted()",
    );
    onTestFinished(async () => {
      await query(database.db, "drop function conflicted cascade");
      await query(database.db, "drop sequence turns");
    });
  }

  /** The first ask takes the only lane; the others gather into one batch, whose COMMIT is cut. */
  async function askTogether(count: number) {
    const shop = await makeShop(database.db);
    const { kernel, metrics } = await behind(scripted("pass", "cutBefore"), { lanes: 1 });
    const first = kernel.ask(commitAsk(shop));
    const others = Array.from({ length: count }, () => kernel.ask(commitAsk(shop)));
    expect((await first).kind).toBe("granted");
    const answers = await Promise.all(others);
    expect(await sumOf(metrics.doubts)).toBe(1);
    return { shop, answers };
  }

  it("is answered by its halves", async () => {
    await conflictsFrom(6, 8);
    const { shop, answers } = await askTogether(4);
    expect(tally(answers)).toEqual({ granted: 4 });
    expect(answers.map((answer) => told(answer).attempts)).toEqual([4, 4, 4, 4]);
    expect(await look(database.db, shop)).toMatchObject({ purchases: 5, answers: 5 });
    await expectProven(database.db);
  });

  it("stays in doubt where its halves lose too", async () => {
    await conflictsFrom(4, 1_000_000);
    const { shop, answers } = await askTogether(2);
    expect(tally(answers)).toEqual({ unknown: 2 });
    expect(await look(database.db, shop)).toMatchObject({ purchases: 1 });
    await expectProven(database.db);
  });
});
