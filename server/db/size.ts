import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

export interface Size {
  readonly bytes: number;
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly bytes: number;
  }[];
}

interface Row {
  readonly name: string;
  readonly rows: number;
  readonly bytes: bigint;
}

/** How large the tables are, as PostgreSQL estimates their rows; DSQL tells no bytes. */
export async function readSize(db: Db): Promise<Size> {
  const isDsql = db.dialect.name === "dsql";
  const query = isDsql
    ? sql`select c.relname::text as name, c.reltuples::float8 as rows, 0::bigint as bytes
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = current_schema() and c.relkind = 'r' order by c.relname`
    : sql`select c.relname::text as name, c.reltuples::float8 as rows,
                 pg_total_relation_size(c.oid)::bigint as bytes
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = current_schema() and c.relkind = 'r' order by c.relname`;
  const rows = await transact(db, "read_size", (tx) => tx.rows<Row>(query), { readOnly: true });
  const tables = rows.map(({ name, rows: count, bytes }) => ({
    name,
    rows: Math.max(0, Math.round(count)),
    bytes: Number(bytes),
  }));
  return { bytes: tables.reduce((sum, one) => sum + one.bytes, 0), tables };
}
