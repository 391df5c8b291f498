import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyDatabase, type TestDatabase } from "../testing/database.ts";
import { checkSchema, migrate } from "./migrate.ts";
import { parseMigration, readMigrations } from "./migration-files.ts";
import { SchemaError } from "./migration-step.ts";

const shops = parseMigration("0001_shops.sql", "create table if not exists shops (id bigint)");
const desks = parseMigration(
  "0002_desks.sql",
  `-- Where shops sell.
   create table if not exists desks (id bigint);

-- step
create index /*async*/ if not exists desks_by_id on desks (id);

-- step (postgres)
create or replace function noop() returns trigger language plpgsql as $$
begin
  return null;
end $$;`,
);
const files = [shops, desks];

let database: TestDatabase;
beforeEach(async () => {
  database = await emptyDatabase();
});
afterEach(() => database.close());

async function log(): Promise<string[]> {
  const { rows } = await database.db.pool.query<{ version: number; step: number }>(
    "select version, step from schema_migrations order by version, step",
  );
  return rows.map(({ version, step }) => `${version}.${step}`);
}

describe("migrate", () => {
  it("takes every step once, and none the second time", async () => {
    const steps = await migrate(database.db, { migrations: files });
    expect(steps.map(({ name, step }) => `${name} ${step}`)).toEqual([
      "0001_shops 1",
      "0002_desks 1",
      "0002_desks 2",
      "0002_desks 3",
    ]);
    expect(await log()).toEqual(["1.1", "2.1", "2.2", "2.3"]);
    expect(await migrate(database.db, { migrations: files })).toEqual([]);
  });

  it("applies our own files, each statement of which may run again", async () => {
    await migrate(database.db);
    await database.db.pool.query("delete from schema_migrations");
    await migrate(database.db);
    expect(await migrate(database.db)).toEqual([]);
    await checkSchema(database.db);
  });

  it("lets one runner work while the others wait, and then find nothing to do", async () => {
    const runs = [1, 2, 3].map(() => migrate(database.db, { migrations: files }));
    const taken = (await Promise.all(runs)).map((steps) => steps.length);
    expect(taken.toSorted((a, b) => a - b)).toEqual([0, 0, 4]);
  });

  it("goes on where it was interrupted", async () => {
    let seen = 0;
    const interrupted = migrate(database.db, {
      migrations: files,
      onStep() {
        if (++seen === 2) throw new Error("power cut");
      },
    });
    await expect(interrupted).rejects.toThrow("power cut");
    expect(await log()).toEqual(["1.1", "2.1"]);
    expect(await migrate(database.db, { migrations: files })).toHaveLength(2);
  });

  it("goes on after a connection that died in the middle of a step", async () => {
    const slow = parseMigration("0002_slow.sql", "select pg_sleep(20)");
    const dying = migrate(database.db, { migrations: [shops, slow] });
    const outcome = expect(dying).rejects.toThrow(SchemaError);
    const killSleeper = `select pg_terminate_backend(pid) from pg_stat_activity
                          where query like 'select pg_sleep%' and datname = current_database()`;
    while ((await database.db.pool.query(killSleeper)).rowCount === 0) await sleep(20);
    await outcome;
    expect(await migrate(database.db, { migrations: files })).toHaveLength(3);
  });

  it("leaves no half of a failed step, and names it", async () => {
    const bad = parseMigration("0002_bad.sql", "create table half (id bigint); select 1 / 0");
    await expect(migrate(database.db, { migrations: [shops, bad] })).rejects.toThrow(
      "0002_bad.sql, step 1 failed: division by zero",
    );
    const { rows } = await database.db.pool.query("select to_regclass('half') as half");
    expect(rows).toEqual([{ half: null }]);
  });

  it("does not stall others behind a long reader for longer than its lock timeout", async () => {
    await migrate(database.db, { migrations: [shops] });
    const reader = await database.db.pool.connect();
    await reader.query("begin");
    await reader.query("select * from shops");

    const alter = parseMigration("0002_alter.sql", "alter table shops add column name text");
    const lockTimeoutMs = 100;
    const migrating = migrate(database.db, { migrations: [shops, alter], lockTimeoutMs });
    let slowestMs = 0;
    for (let read = 0; read < 60; read++) {
      const startedAt = performance.now();
      await database.db.pool.query("select count(*) from shops");
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      await sleep(10);
    }
    // It did stand in the way, for its lock timeout and the noise of a busy machine, and no longer.
    expect(slowestMs).toBeGreaterThan(20);
    expect(slowestMs).toBeLessThan(lockTimeoutMs + 400);

    await reader.query("commit");
    reader.release();
    expect(await migrating).toHaveLength(1);
  });

  it("gives a step up when it cannot get its lock in the time it was given", async () => {
    await migrate(database.db, { migrations: [shops] });
    const reader = await database.db.pool.connect();
    await reader.query("begin");
    await reader.query("select * from shops");
    const alter = parseMigration("0002_alter.sql", "alter table shops add column name text");
    const options = { migrations: [shops, alter], lockTimeoutMs: 20, patienceMs: 100 };
    await expect(migrate(database.db, options)).rejects.toThrow("lock timeout");
    await reader.query("commit");
    reader.release();
  });
});

describe("what does not fit together", () => {
  it("is a database that this version does not know yet", async () => {
    await migrate(database.db, { migrations: files });
    const newer = "is newer than this version: it has migration 2";
    await expect(migrate(database.db, { migrations: [shops] })).rejects.toThrow(newer);
    await expect(checkSchema(database.db, [shops])).rejects.toThrow(newer);
  });

  it("is a database that has not been migrated, or not far enough", async () => {
    await expect(checkSchema(database.db, files)).rejects.toThrow("4 steps are missing");
    await migrate(database.db, { migrations: [shops] });
    await expect(checkSchema(database.db, files)).rejects.toThrow("0002_desks.sql, step 1");
    await migrate(database.db, { migrations: files });
    await checkSchema(database.db, files);
  });

  it("is a migration that was changed after it was applied, its comments excepted", async () => {
    await migrate(database.db, { migrations: [shops] });
    const said = parseMigration("0001_shops.sql", `-- Who sells.\n${shops.steps[0]}`);
    await checkSchema(database.db, [said]);
    const changed = parseMigration("0001_shops.sql", "create table if not exists shops (id text)");
    const refusal = "0001_shops.sql, step 1 was changed after it was applied";
    await expect(migrate(database.db, { migrations: [changed] })).rejects.toThrow(refusal);
    await expect(checkSchema(database.db, [changed])).rejects.toThrow(refusal);
  });

  it("is a migration that was slipped in before one that was applied", async () => {
    await migrate(database.db, { migrations: [desks] });
    await expect(migrate(database.db, { migrations: files })).rejects.toThrow(
      "0001_shops.sql, step 1 is new but comes before what was applied already",
    );
  });
});

it("reads our files in the order of their numbers", async () => {
  const versions = (await readMigrations()).map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  expect(versions[0]).toBe(1);
});
