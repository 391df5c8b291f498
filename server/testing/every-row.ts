import type { Db } from "../db/open.ts";

/**
 * How many rows each table has, whatever tables there are: what was refused leaves none. But for the log
 * of requests, which tells of what was refused, a second late.
 */
export async function countEveryRow({ pool }: Db): Promise<Record<string, number>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = current_schema() and tablename <> 'request_log' order by tablename",
  );
  const counts = tables.map(({ name }) => `(select count(*)::integer from ${name}) as ${name}`);
  const { rows } = await pool.query<Record<string, number>>(`select ${counts.join()}`);
  return rows[0] ?? {};
}
