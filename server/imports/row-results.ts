import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { BadRow, RowFault } from "./read-row.ts";

/** What was wrong with rows, and what became of the others. */

export type Pass = "check" | "import";

const faultColumns = new Columns<BadRow>({
  row_no: ["integer", (r) => r.row],
  line: ["integer", (r) => r.line],
  faults: ["text", (r) => JSON.stringify(r.faults)],
  cells: ["text", (r) => JSON.stringify(r.cells)],
});

interface Of {
  readonly importId: string;
  readonly tenantId: string;
}

export async function addFaults(
  tx: Tx,
  { importId, tenantId }: Of,
  pass: Pass,
  rows: readonly BadRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.write(
    sql`insert into import_faults (import_id, pass, row_no, tenant_id, line, faults, cells)
        select ${importId}::uuid, ${pass}::text, row_no, ${tenantId}::uuid, line, faults, cells
          from ${faultColumns.of(rows)} as r`,
    rows.length,
  );
}

/** Some of those of an earlier check; returns how many there were. */
export async function dropFaults(tx: Tx, importId: string, rowsMax: number): Promise<number> {
  return tx.run(
    sql`delete from import_faults
         where import_id = ${importId} and pass = 'check'
           and row_no in (select row_no from import_faults
                           where import_id = ${importId} and pass = 'check'
                           order by row_no limit ${rowsMax})`,
  );
}

interface FaultRow {
  readonly row: number;
  readonly line: number;
  readonly faults: string;
  readonly cells: string;
}

export interface After {
  /** The number of the last row of the page before. */
  readonly after: number;
  readonly limit: number;
}

export async function listFaults(
  tx: Tx,
  importId: string,
  pass: Pass,
  { after, limit }: After,
): Promise<BadRow[]> {
  const rows = await tx.rows<FaultRow>(
    sql`select row_no as row, line, faults, cells from import_faults
         where import_id = ${importId} and pass = ${pass} and row_no > ${after}
         order by row_no limit ${limit}`,
  );
  return rows.map(({ faults, cells, ...place }) => ({
    ...place,
    faults: JSON.parse(faults) as RowFault[],
    cells: JSON.parse(cells) as string[],
  }));
}

export interface MadeRow {
  readonly row: number;
  readonly objectId: string;
  readonly undo: "undone" | "kept" | null;
}

export interface NewRow extends Pick<MadeRow, "row" | "objectId"> {
  readonly buckets: number;
}

const madeColumns = new Columns<NewRow>({
  row_no: ["integer", (r) => r.row],
  object_id: ["uuid", (r) => r.objectId],
  buckets: ["integer", (r) => r.buckets],
});

export async function addMade(
  tx: Tx,
  { importId, tenantId }: Of,
  rows: readonly NewRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.write(
    sql`insert into import_rows (import_id, row_no, tenant_id, object_id, buckets)
        select ${importId}::uuid, row_no, ${tenantId}::uuid, object_id, buckets
          from ${madeColumns.of(rows)} as r`,
    rows.length,
  );
}

export async function listMade(
  tx: Tx,
  importId: string,
  { after, limit, undo }: After & { readonly undo?: MadeRow["undo"] | undefined },
): Promise<MadeRow[]> {
  const wanted = undo ?? null;
  return tx.rows<MadeRow>(
    sql`select row_no as row, object_id as "objectId", undo from import_rows
         where import_id = ${importId} and row_no > ${after}
           and (${wanted}::text is null or undo = ${wanted})
         order by row_no limit ${limit}`,
  );
}

/** What nobody has looked at yet, for undoing. */
export async function listToUndo(
  tx: Tx,
  importId: string,
  { after, limit }: After,
): Promise<NewRow[]> {
  return tx.rows<NewRow>(
    sql`select row_no as row, object_id as "objectId", buckets from import_rows
         where import_id = ${importId} and row_no > ${after} and undo is null
         order by row_no limit ${limit}`,
  );
}

const rowNumbers = new Columns<number>({ row_no: ["integer", (row) => row] });

export async function markUndo(
  tx: Tx,
  importId: string,
  rows: readonly number[],
  undo: "undone" | "kept",
): Promise<void> {
  if (rows.length === 0) return;
  await tx.write(
    sql`update import_rows i set undo = ${undo} from ${rowNumbers.of(rows)} as r
         where i.import_id = ${importId} and i.row_no = r.row_no`,
    rows.length,
  );
}
