import { expect, it } from "vitest";
import { localDsql, type TestCluster } from "../testing/local-dsql.ts";
import { onServer } from "../testing/server.ts";
import { checkSchema, migrate } from "./migrate.ts";
import { parseMigration } from "./migration-files.ts";
import type { Db } from "./open.ts";
import { reasonAgainst } from "./ready.ts";

const shops = parseMigration("0001_shops.sql", "create table if not exists shops (id bigint)");
const desks = parseMigration(
  "0002_desks.sql",
  `create table if not exists desks (id bigint);

-- step
create index /*async*/ if not exists desks_by_id on desks (id);

-- step (postgres)
create or replace function noop() returns trigger language plpgsql as $$
begin
  return null;
end $$;

-- step
create unique index /*async*/ if not exists shops_once on shops (id);`,
);
const files = [shops, desks];

const indexes = (cluster: TestCluster) =>
  onServer<{ name: string; valid: boolean }>(
    cluster.backendUrl,
    `select indexrelid::regclass::text as name, indisvalid as valid from pg_index
      where indexrelid::regclass::text ~ '_(by_id|once)$' order by 1`,
  );

const finished = [
  { name: "desks_by_id", valid: true },
  { name: "shops_once", valid: true },
];

it("our own files are taken, each step by itself, and none the second time", async () => {
  const { db } = await localDsql();
  const steps = await migrate(db);
  expect(steps.length).toBeGreaterThan(20);
  expect(steps.filter(({ text }) => text.includes("plpgsql"))).toEqual([]);
  expect(await migrate(db)).toEqual([]);
  await checkSchema(db);
  expect(await reasonAgainst(db, 5_000)).toBeUndefined();
}, 60_000);

/** The connection is lost before statement number `nth` of whoever takes one from this database. */
function losing(db: Db, nth: number): Db {
  let left = nth;
  const connect = async () => {
    const client = await db.pool.connect();
    const query = client.query.bind(client);
    const counted = ((...given: Parameters<typeof query>) => {
      if (left-- > 0) return query(...given);
      return Promise.reject(new Error("Connection terminated"));
    }) as typeof query;
    return Object.assign(Object.create(client) as typeof client, { query: counted });
  };
  return { ...db, pool: Object.assign(Object.create(db.pool) as Db["pool"], { connect }) };
}

it("interrupted anywhere, it goes on the next time, and every index is valid", async () => {
  const cluster = await localDsql({ jobDelayMs: 5 });
  for (let nth = 0, done = false; !done; nth++) {
    await onServer(cluster.backendUrl, "drop schema if exists zerorace cascade");
    done = await migrate(losing(cluster.db, nth), { migrations: files }).then(
      () => true,
      () => false,
    );
    if (done) expect(nth).toBeGreaterThan(12);
    await migrate(cluster.db, { migrations: files });
    expect(await indexes(cluster)).toEqual(finished);
    expect(await migrate(cluster.db, { migrations: files })).toEqual([]);
  }
}, 60_000);

it("two runners at once take every step, and neither fails", async () => {
  const cluster = await localDsql({ jobDelayMs: 50 });
  const runs = [cluster.open(), cluster.open()].map((db) => migrate(db, { migrations: files }));
  expect((await Promise.all(runs)).flat().length).toBeGreaterThan(0);
  expect(await indexes(cluster)).toEqual(finished);
  await checkSchema(cluster.db, files);
});

it("a unique index over duplicates is dropped and reported, and built once they are gone", async () => {
  const cluster = await localDsql({ jobDelayMs: 5 });
  await migrate(cluster.db, { migrations: [shops] });
  await cluster.db.pool.query("insert into shops values (1), (1)");
  await expect(migrate(cluster.db, { migrations: files })).rejects.toThrow(
    "0002_desks.sql, step 4 failed: the index shops_once could not be built: Found duplicate key",
  );
  expect(await indexes(cluster)).toEqual([{ name: "desks_by_id", valid: true }]);
  await expect(checkSchema(cluster.db, files)).rejects.toThrow("1 steps are missing");
  await cluster.db.pool.query("delete from shops");
  await migrate(cluster.db, { migrations: files });
  expect(await indexes(cluster)).toEqual(finished);
});

it("the wreck of an earlier build is not taken for an index", async () => {
  const cluster = await localDsql({ jobDelayMs: 5 });
  await migrate(cluster.db, { migrations: [shops] });
  const { pool } = cluster.db;
  await pool.query("insert into shops values (1), (1)");
  const made = await pool.query<{ job_id: string }>(
    "create unique index async shops_once on shops (id)",
  );
  await pool.query(`call sys.wait_for_job('${made.rows[0]?.job_id}')`);
  expect(await reasonAgainst(cluster.db, 5_000)).toBe("The index shops_once is not valid (yet).");
  await pool.query("delete from shops");
  await migrate(cluster.db, { migrations: files });
  expect(await indexes(cluster)).toEqual(finished);
  expect(await reasonAgainst(cluster.db, 5_000)).toBeUndefined();
});
