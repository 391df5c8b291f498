import { sql } from "./sql.ts";
import type { Tx } from "./transact.ts";

/** A table as the database describes it. */
export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Of the columns, in the order of the primary key. */
  readonly key: readonly Column[];
}

export interface Column {
  readonly name: string;
  readonly type: string;
}

interface Row extends Column {
  readonly table: string;
  /** Its place in the primary key, if it has one. */
  readonly place: number | null;
}

/** The tables of our schema, by name. */
export async function readTables(tx: Tx): Promise<Table[]> {
  const rows = await tx.rows<Row>(
    sql`select c.relname::text as "table", a.attname::text as name,
               format_type(a.atttypid, a.atttypmod) as type,
               array_position(i.indkey::smallint[], a.attnum) as place
          from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          left join pg_index i on i.indrelid = c.oid and i.indisprimary
         where n.nspname = current_schema() and c.relkind = 'r'
         order by c.relname, a.attnum`,
  );
  const tables = new Map<string, Row[]>();
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row]);
  return [...tables].map(([name, columns]) => {
    const key = columns.filter(({ place }) => place !== null);
    key.sort((one, other) => Number(one.place) - Number(other.place));
    return { name, columns, key };
  });
}
