import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { makeMetrics, sumOf } from "../base/metrics.ts";
import { badLine, type BadLine } from "../testing/bad-line.ts";
import { freshDatabase, testPlace, type TestDatabase } from "../testing/database.ts";
import { ExhaustedError } from "./faults.ts";
import { openDb, type Db, type DbOptions } from "./open.ts";
import { sql } from "./sql.ts";
import { transact, type TransactOptions } from "./transact.ts";

/** A database that says nothing, or has no connection left: nobody waits for it longer than it helps. */
let test: TestDatabase;
beforeAll(async () => {
  test = await freshDatabase();
});
afterAll(() => test.close());

async function behind(
  options: Omit<DbOptions, "url" | "place">,
): Promise<{ line: BadLine; db: Db }> {
  const line = await badLine(test.url);
  const db = openDb({ place: testPlace(line.url), ...options }, makeMetrics());
  onTestFinished(async () => {
    await line.close();
    await db.close();
  });
  return { line, db };
}

/** Far longer than a test may take: who waited so long would be a failure. */
const everMs = 300_000;

const one = sql`select 1`;
const ask = (db: Db, options: TransactOptions = {}): Promise<unknown> =>
  transact(db, "ask", (tx) => tx.run(one), options);

it("the first connection that falls silent is the last: the others of its time are not tried", async () => {
  const { line, db } = await behind({ poolMax: 4 });
  await Promise.all(Array.from({ length: 4 }, () => ask(db)));
  expect(db.pool.totalCount).toBe(4);
  line.swallow(true);
  line.swallow(false);
  let attempts = 0;
  const work = transact(
    db,
    "ask",
    (tx) => {
      attempts += 1;
      return tx.run(one);
    },
    { attemptTimeoutMs: 1_000 },
  );
  await expect(work).resolves.toBe(1);
  expect(attempts).toBe(2);
});

it("where there is another way, a connection that does not open is given up for it", async () => {
  const line = await badLine(test.url);
  const [home, away] = [testPlace(line.url), testPlace(test.url)];
  const place = { ...home, endpoints: [...home.endpoints, ...away.endpoints] };
  const db = openDb({ place, hurried: true, connectTimeoutMs: everMs }, makeMetrics());
  onTestFinished(async () => {
    await line.close();
    await db.close();
  });
  line.swallow(true);
  await expect(ask(db, { deadlineAt: performance.now() + everMs })).resolves.toBe(1);
});

it("what only reads is never called unknown", async () => {
  const { line, db } = await behind({ poolMax: 1 });
  const silent = transact(
    db,
    "ask",
    async (tx) => {
      await tx.run(one);
      line.swallow(true);
    },
    { readOnly: true, attemptTimeoutMs: 200, deadlineAt: performance.now() + 1_500 },
  );
  await expect(silent).rejects.toThrow(ExhaustedError);
});

it("while too many wait, reads are refused at once and writes keep their place", async () => {
  const { db } = await behind({ poolMax: 2 });
  const guard = await test.db.pool.connect();
  await guard.query("select pg_advisory_lock(1)");
  const locked = sql`select pg_advisory_xact_lock_shared(1)`;
  const busy = Array.from({ length: 3 }, () => transact(db, "busy", (tx) => tx.run(locked)));
  await expect.poll(() => db.regions.home.isCrowded, { timeout: 10_000 }).toBe(true);
  const write = ask(db);
  await expect(ask(db, { readOnly: true })).rejects.toThrow("too many wait");
  expect(await sumOf(db.metrics.readsRefused)).toBe(1);
  await guard.query("select pg_advisory_unlock(1)");
  guard.release();
  await Promise.all([...busy, write]);
  await expect(ask(db, { readOnly: true })).resolves.toBe(1);
});

it("who waits for a connection that will not open is freed by a new one that is answered", async () => {
  const { line, db } = await behind({ poolMax: 1, connectTimeoutMs: everMs });
  line.swallow(true);
  const waiting = ask(db, { deadlineAt: performance.now() + everMs });
  await expect.poll(() => line.counts.connects, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  line.swallow(false);
  await expect(waiting).resolves.toBe(1);
});

it("so is who waits on a connection from before a silence, and none of its time is used again", async () => {
  const { line, db } = await behind({ hurried: true, poolMax: 3 });
  await Promise.all(Array.from({ length: 3 }, () => ask(db)));
  let attempts = 0;
  const work = transact(
    db,
    "ask",
    async (tx) => {
      attempts += 1;
      if (attempts === 1) line.swallow(true);
      return tx.run(one);
    },
    { attemptTimeoutMs: everMs, deadlineAt: performance.now() + everMs },
  );
  await expect.poll(() => line.counts.connects, { timeout: 20_000 }).toBeGreaterThanOrEqual(6);
  line.swallow(false);
  await expect(work).resolves.toBe(1);
  expect(attempts).toBe(2);
});

it("a greeting that nobody hears keeps a place in the pool no longer than a connection may", async () => {
  const { line, db } = await behind({ indexOnly: true, poolMax: 1, connectTimeoutMs: 1_000 });
  line.swallowAt("set enable_seqscan");
  await expect(ask(db, { deadlineAt: performance.now() + everMs })).resolves.toBe(1);
  expect(db.pool.totalCount).toBe(1);
});

it("a transaction that is only slow is not left, however often others are answered", async () => {
  const { line, db } = await behind({ hurried: true, poolMax: 1 });
  let attempts = 0;
  const work = transact(
    db,
    "ask",
    (tx) => {
      attempts += 1;
      return tx.run(sql`select pg_sleep(3)`);
    },
    { attemptTimeoutMs: everMs, deadlineAt: performance.now() + everMs },
  );
  await expect(work).resolves.toBe(1);
  expect(line.counts.connects).toBeGreaterThanOrEqual(3);
  expect(attempts).toBe(1);
});
