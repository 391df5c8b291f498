import type { Readable } from "node:stream";
import { to as copyTo } from "pg-copy-streams";
import type { Db } from "./open.ts";

export interface DumpedTable {
  readonly name: string;
  readonly columns: readonly string[];
}

export type LoggedStep = [version: number, step: number, checksum: string];

export const stepsTaken =
  "select version, step, checksum from schema_migrations order by version, step";

export interface Snapshot {
  readonly at: Date;
  readonly serverVersion: string;
  readonly tables: readonly DumpedTable[];
  readonly migrations: readonly LoggedStep[];
  /** A table's rows as COPY writes them: one line each, whatever is in them. */
  rowsOf(table: DumpedTable): Readable;
}

/** The same text whatever the server's own settings are. */
const greeting = [
  "begin transaction isolation level repeatable read, read only",
  "set local statement_timeout = 0",
  "set local idle_in_transaction_session_timeout = 0",
  "set local datestyle = 'ISO, YMD'",
  "set local timezone = 'UTC'",
  "set local bytea_output = 'hex'",
  "set local extra_float_digits = 1",
  "set local client_encoding = 'UTF8'",
];

/** One snapshot of all tables, on a connection of its own; nobody who sells waits for it, or it for them. */
export async function overSnapshot<T>(db: Db, work: (all: Snapshot) => Promise<T>): Promise<T> {
  const client = await db.pool.connect();
  let healthy = false;
  try {
    for (const statement of greeting) await client.query(statement);
    const { rows: moment } = await client.query<{ at: Date; version: string }>(
      "select now() as at, current_setting('server_version') as version",
    );
    const { rows: tables } = await client.query<{ name: string; columns: string[] }>(columnsOfAll);
    const { rows: log } = await client.query<LoggedStep>({ text: stepsTaken, rowMode: "array" });
    const result = await work({
      at: moment[0]?.at ?? new Date(0),
      serverVersion: moment[0]?.version ?? "unknown",
      tables,
      migrations: log,
      rowsOf: ({ name, columns }) =>
        client.query(copyTo(`copy ${name} (${columns.join(", ")}) to stdout`)),
    });
    await client.query("commit");
    healthy = true;
    return result;
  } finally {
    // In the middle of a COPY a connection is good for nothing else.
    client.release(!healthy);
  }
}

const columnsOfAll = `
  select quote_ident(c.relname) as name,
         array_agg(quote_ident(a.attname) order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid
   where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
     and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
   group by c.oid, c.relname
   order by c.relname collate "C"`;
