import { afterAll, beforeAll, expect, it } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { localDsql } from "../testing/local-dsql.ts";
import { checkSchema, migrate } from "./migrate.ts";
import { openDb, type Db } from "./open.ts";
import { prepareRoles, roleNames } from "./roles.ts";
import { readTables } from "./tables.ts";
import { transact } from "./transact.ts";

let database: TestDatabase;
const opened: Db[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  await prepareRoles(database.db);
});
afterAll(async () => {
  await Promise.all(opened.map((db) => db.close()));
  await database.close();
});

/** The same database, with the rights of a role and no more. */
function as(role: string): Db {
  const url = new URL(database.url);
  url.searchParams.set("options", `-c role=${role}`);
  const db = openDb({ url: url.href, poolMax: 2 }, makeMetrics());
  opened.push(db);
  return db;
}

const denied = { code: "42501" };

it("the server adds to the books and to the log, and can rewrite neither", async () => {
  const { pool } = as("zerorace_server");
  for (const table of ["ledger_entries", "audit_entries", "asks", "stock_moves", "item_prices"]) {
    await pool.query(`insert into ${table} select * from ${table} where false`);
    const update = pool.query(`update ${table} set tenant_id = tenant_id`);
    await expect(update, table).rejects.toMatchObject(denied);
    await expect(pool.query(`delete from ${table}`), table).rejects.toMatchObject(denied);
    await expect(pool.query(`truncate ${table}`), table).rejects.toMatchObject(denied);
  }
  await expect(pool.query("delete from schema_migrations")).rejects.toMatchObject(denied);
  await expect(pool.query("create table mine (id bigint)")).rejects.toMatchObject(denied);
  await pool.query("update purchases set state = state where false");
});

it("the janitor deletes and cannot write; who reads sees no hash of a secret", async () => {
  const [janitor, reader] = [as("zerorace_janitor").pool, as("zerorace_reader").pool];
  await expect(janitor.query("update asks set answer = ''")).rejects.toMatchObject(denied);
  await expect(janitor.query("delete from organisations")).rejects.toMatchObject(denied);
  await expect(reader.query("delete from outbox")).rejects.toMatchObject(denied);
  await expect(reader.query("select * from api_keys")).rejects.toMatchObject(denied);
  await reader.query("select * from ledger_entries");
});

it("every role may see whether the schema is the one that it knows", async () => {
  for (const role of roleNames) await checkSchema(as(role));
});

it("what is right is left alone, and what is too much is taken away", async () => {
  const { db } = database;
  const changes: string[] = [];
  await prepareRoles(db, (says) => changes.push(says));
  expect(changes).toEqual([]);
  await db.pool.query("grant update on ledger_entries to zerorace_server");
  await prepareRoles(db, (says) => changes.push(says));
  expect(changes).toEqual(["revoke update on ledger_entries from zerorace_server"]);
});

it("on Aurora DSQL the roles have the same rights, each given in a transaction of its own", async () => {
  const { db, open } = await localDsql({ tokens: false });
  await migrate(db);
  await prepareRoles(db);
  const again: string[] = [];
  await prepareRoles(db, (says) => again.push(says));
  expect(again).toEqual([]);
  for (const user of roleNames) {
    const role = open({}, { user });
    expect((await transact(role, "test", readTables)).length).toBeGreaterThan(15);
    const rewrite = role.pool.query("update ledger_entries set amount_minor = 0");
    await expect(rewrite, user).rejects.toMatchObject(denied);
  }
}, 60_000);
