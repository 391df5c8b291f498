import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PoolClient } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { crashPoint } from "../base/crash-points.ts";
import { stepsTaken, type DumpedTable, type LoggedStep } from "./dump.ts";
import type { Db } from "./open.ts";
import type { Sql } from "./sql.ts";
import type { Tx } from "./transact.ts";

export interface Loading {
  /** How many rows the database took. */
  load(table: DumpedTable, rows: Readable | AsyncIterable<Buffer>): Promise<number>;
  /** For looks at what was loaded, before anybody else sees it. */
  readonly tx: Tx;
}

/** Loads in one transaction; what `work` says no to, or does not finish, was never there. */
export async function loadAll(
  db: Db,
  work: (loading: Loading) => Promise<boolean>,
): Promise<boolean> {
  const client = await db.pool.connect();
  let healthy = false;
  try {
    await client.query("begin transaction isolation level repeatable read");
    for (const setting of settings) await client.query(setting);
    const good = await work({
      async load({ name, columns }, rows) {
        const copy = client.query(copyFrom(`copy ${name} (${columns.join(", ")}) from stdin`));
        await pipeline(rows, copy);
        return copy.rowCount;
      },
      tx: txOn(client),
    });
    crashPoint("restore.before");
    await client.query(good ? "commit" : "rollback");
    crashPoint("restore.after");
    healthy = true;
    return good;
  } finally {
    client.release(!healthy);
  }
}

const settings = [
  "set local statement_timeout = 0",
  "set local idle_in_transaction_session_timeout = 0",
  "set local datestyle = 'ISO, YMD'",
  "set local timezone = 'UTC'",
  "set local client_encoding = 'UTF8'",
  "set local work_mem = '64MB'",
  "set local jit = off",
];

function txOn(client: PoolClient): Tx {
  const ask = ({ text, values }: Sql) => client.query<never>(text, [...values]);
  return {
    rows: async (query) => (await ask(query)).rows,
    tuples: async ({ text, values }) =>
      (await client.query<never>({ text, values: [...values], rowMode: "array" })).rows,
    run: async (query) => (await ask(query)).rowCount ?? 0,
    async write(query, count) {
      const { rowCount } = await ask(query);
      if (rowCount !== count) throw new Error(`${rowCount} rows where ${count} were to be written`);
    },
  };
}

/** The tables that there are, and which of them have a row; the log of the schema aside. */
export async function whatIsThere(
  db: Db,
): Promise<{ readonly tables: readonly string[]; readonly filled: readonly string[] }> {
  const { rows } = await db.pool.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r'
        and relname <> 'schema_migrations'
      order by relname collate "C"`,
  );
  const tables = rows.map(({ name }) => name);
  const filled: string[] = [];
  for (const name of tables) {
    const found = await db.pool.query(`select 1 from ${name} limit 1`);
    if (found.rows.length > 0) filled.push(name);
  }
  return { tables, filled };
}

export async function takenSteps(db: Db): Promise<readonly LoggedStep[]> {
  return (await db.pool.query<LoggedStep>({ text: stepsTaken, rowMode: "array" })).rows;
}
