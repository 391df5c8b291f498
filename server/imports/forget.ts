import type { Db } from "../db/open.ts";
import { sql, type Sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

/** The file itself goes when it can no longer be needed: a day after its end, or when nobody went on with it. */
const fileHoursKept = 24;
const openDaysKept = 7;
/** What came of it, row by row. */
const daysKept = 30;
const rowsAtOnce = 1_000;
/** Pieces are half a megabyte each. */
const piecesAtOnce = 10;

/** Files and outcomes of long ago. Returns how many rows of tables went. */
export async function forgetImports(db: Db, signal: AbortSignal): Promise<number> {
  let gone = 0;
  for (const [importId] of await list(db, filesOver)) {
    gone += await empty(db, signal, () => dropPieces(importId), piecesAtOnce);
    if (!signal.aborted) await run(db, fileGone(importId));
  }
  for (const [importId] of await list(db, importsOver)) {
    for (const drop of [dropPieces, dropFaults, dropRows]) {
      const atOnce = drop === dropPieces ? piecesAtOnce : rowsAtOnce;
      gone += await empty(db, signal, () => drop(importId), atOnce);
    }
    if (!signal.aborted) gone += await run(db, dropImport(importId));
  }
  return gone;
}

const filesOver = sql`select import_id from imports
   where not file_gone
     and (state in ('done', 'cancelled', 'rejected', 'undone')
          and changed_at < now() - ${fileHoursKept}::integer * interval '1 hour'
       or state in ('uploading', 'checked')
          and changed_at < now() - ${openDaysKept}::integer * interval '1 day'
       or state = 'cancelled' and started_at is null)
   limit 100`;

const importsOver = sql`select import_id from imports
   where state not in ('checking', 'importing', 'undoing')
     and changed_at < now() - ${daysKept}::integer * interval '1 day'
   limit 100`;

/** One that was never started has nothing left to start with. */
const fileGone = (importId: string): Sql =>
  sql`update imports
         set file_gone = true,
             state = case when state in ('uploading', 'checked') then 'cancelled' else state end,
             ended_at = coalesce(ended_at, now())
       where import_id = ${importId}`;

const dropPieces = (importId: string): Sql =>
  sql`delete from import_parts where import_id = ${importId}
         and at in (select at from import_parts where import_id = ${importId}
                     order by at limit ${piecesAtOnce})`;
const dropFaults = (importId: string): Sql =>
  sql`delete from import_faults where import_id = ${importId}
         and (pass, row_no) in (select pass, row_no from import_faults where import_id = ${importId}
                                 order by pass, row_no limit ${rowsAtOnce})`;
const dropRows = (importId: string): Sql =>
  sql`delete from import_rows where import_id = ${importId}
         and row_no in (select row_no from import_rows where import_id = ${importId}
                         order by row_no limit ${rowsAtOnce})`;
const dropImport = (importId: string): Sql =>
  sql`delete from imports where import_id = ${importId}`;

const list = (db: Db, query: Sql): Promise<[string][]> =>
  transact(db, "imports_over", (tx) => tx.tuples<[string]>(query), { readOnly: true });

const run = (db: Db, statement: Sql): Promise<number> =>
  transact(db, "forget_imports", (tx) => tx.run(statement), { recalls: true });

async function empty(
  db: Db,
  signal: AbortSignal,
  drop: () => Sql,
  atOnce: number,
): Promise<number> {
  let gone = 0;
  while (!signal.aborted) {
    const count = await run(db, drop());
    gone += count;
    if (count < atOnce) break;
  }
  return gone;
}
