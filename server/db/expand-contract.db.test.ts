import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emptyDatabase, freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { checkSchema, migrate } from "./migrate.ts";
import { parseMigration } from "./migration-files.ts";
import { reasonAgainst } from "./ready.ts";

const shops = parseMigration("0133_shops.sql", "create table if not exists shops (id bigint)");
const city = parseMigration(
  "0134_city.sql",
  "alter table shops add column if not exists city text",
);
const noCity = (since: string) =>
  parseMigration(
    "0136_no_city.sql",
    `-- Contract: since ${since}: nobody reads it.\nalter table shops drop column if exists city`,
  );
const town = parseMigration(
  "0135_town.sql",
  "alter table shops add column if not exists town text",
);

let database: TestDatabase;
beforeEach(async () => {
  database = await emptyDatabase();
});
afterEach(() => database.close());

describe("a server of before", () => {
  it("serves on a schema that was only added to, and finds nothing to migrate there", async () => {
    await migrate(database.db, { migrations: [shops, city, town] });
    const { newer, pending } = await checkSchema(database.db, [shops]);
    expect(newer.map(({ version }) => version)).toEqual([134, 135]);
    expect(pending).toEqual([]);
    expect(await migrate(database.db, { migrations: [shops] })).toEqual([]);
  });

  it("serves where only what it does without was taken away, and the one before it does not", async () => {
    await migrate(database.db, { migrations: [shops, city, town, noCity("0135")] });
    await checkSchema(database.db, [shops, city, town]);
    const refusal =
      "has migration 136, step 1, which is for versions that know migration 135 at least; this one knows 134";
    await expect(checkSchema(database.db, [shops, city])).rejects.toThrow(refusal);
    await expect(migrate(database.db, { migrations: [shops, city] })).rejects.toThrow(refusal);
  });

  it("does not serve on steps that do not say what they need", async () => {
    await migrate(database.db, { migrations: [shops, city] });
    await query(database.db, "update schema_migrations set needs = null where version = 134");
    const refusal = "does not say that older versions may serve on it";
    await expect(checkSchema(database.db, [shops])).rejects.toThrow(refusal);
    await query(database.db, "alter table schema_migrations drop column needs");
    await expect(checkSchema(database.db, [shops])).rejects.toThrow(refusal);
  });

  it("does not serve where a step of its own is missing under newer ones", async () => {
    await migrate(database.db, { migrations: [shops, town] });
    const late = "0134_city.sql, step 1 is new but comes before what was applied already";
    await expect(checkSchema(database.db, [shops, city])).rejects.toThrow(late);
  });

  it("is no longer ready once what it uses was taken away while it served", async () => {
    const mine = await freshDatabase();
    try {
      const add = "insert into schema_migrations (version, step, checksum, needs) values";
      await query(mine.db, `${add} (9998, 1, 'x', 0)`);
      expect(await reasonAgainst(mine.db, 5_000)).toBeUndefined();
      await query(mine.db, `${add} (9999, 1, 'x', 9999)`);
      expect(await reasonAgainst(mine.db, 5_000)).toContain("A newer version took away");
    } finally {
      await mine.close();
    }
  });
});

it("what servers of now use is taken away only where somebody says that none runs", async () => {
  const tenants = parseMigration("0002_tenants.sql", "create table if not exists tenants (id int)");
  const before = [tenants, shops, city, town];
  const all = [...before, noCity("0136")];
  await migrate(database.db, { migrations: before });
  await query(database.db, "insert into tenants values (1)");
  const refusal = "0136_no_city.sql, step 1 takes away what servers from before migration 136 use";
  await expect(migrate(database.db, { migrations: all })).rejects.toThrow(refusal);
  await checkSchema(database.db, before);
  expect(await migrate(database.db, { migrations: all, alone: true })).toHaveLength(1);
  await expect(checkSchema(database.db, before)).rejects.toThrow("this one knows 135");
});

it("a first migration that was interrupted goes on by itself", async () => {
  const tenants = parseMigration("0002_tenants.sql", "create table if not exists tenants (id int)");
  await migrate(database.db, { migrations: [tenants, shops, city] });
  const all = [tenants, shops, city, noCity("0136")];
  expect(await migrate(database.db, { migrations: all })).toHaveLength(1);
});

describe("an index of a large table", () => {
  const byName = parseMigration(
    "0134_by_name.sql",
    "create unique index /*async*/ if not exists shops_by_id on shops (id)",
  );
  beforeEach(async () => {
    await migrate(database.db, { migrations: [shops] });
    await query(database.db, "insert into shops select generate_series(1, 250000)");
  });

  it("is built while others write, behind one who has not finished", async () => {
    const { pool } = database.db;
    const slow = await pool.connect();
    await slow.query("begin; insert into shops values (-1)");
    const building = migrate(database.db, { migrations: [shops, byName] });
    const waits = `select 1 from pg_stat_activity
                    where query ilike 'create unique index%' and wait_event_type = 'Lock'
                      and datname = current_database()`;
    while ((await query(database.db, waits)).length === 0) await sleep(20);
    // A plain build would have this one wait until the slow one is through.
    await query(database.db, "set lock_timeout = '5s'; insert into shops values (-2)");
    await slow.query("commit");
    slow.release();
    expect(await building).toHaveLength(1);
    expect(await valid()).toEqual([{ valid: true }]);
  });

  it("over rows that do not fit is refused and leaves nothing, and is built once they do", async () => {
    await query(database.db, "insert into shops values (1)");
    const all = [shops, byName];
    await expect(migrate(database.db, { migrations: all })).rejects.toThrow("could not create");
    expect(await valid()).toEqual([]);
    await query(database.db, "delete from shops where id = 1");
    expect(await migrate(database.db, { migrations: all })).toHaveLength(1);
  });

  it("takes the place of what an interrupted build left", async () => {
    await query(database.db, "create unique index shops_by_id on shops (id)");
    await query(
      database.db,
      "update pg_index set indisvalid = false where indexrelid = 'shops_by_id'::regclass",
    );
    await migrate(database.db, { migrations: [shops, byName] });
    expect(await valid()).toEqual([{ valid: true }]);
  });

  const valid = () =>
    query(
      database.db,
      "select indisvalid as valid from pg_index where indexrelid = to_regclass('shops_by_id')",
    );
});
