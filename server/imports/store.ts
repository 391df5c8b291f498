import { startOf, type Page } from "../db/page.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import type { Delimiter } from "./csv-reader.ts";
import type { Kind } from "./fields.ts";

export const states = [
  "uploading",
  "checking",
  "checked",
  "rejected",
  "importing",
  "done",
  "cancelled",
  "undoing",
  "undone",
] as const;
export type State = (typeof states)[number];

/** Those that a worker has something to do about. */
export const dueStates: readonly State[] = ["checking", "importing", "undoing"];

export interface Import {
  readonly importId: string;
  readonly tenantId: string;
  readonly kind: Kind;
  readonly fileName: string;
  readonly state: State;
  /** JSON: why it was rejected, or stopped. */
  readonly problem: string | null;
  /** How many the file has, where its maker said so. */
  readonly fileBytes: number | null;
  readonly bytes: number;
  readonly delimiter: Delimiter | null;
  /** JSON, both. */
  readonly columns: string | null;
  readonly fixed: string | null;
  readonly sha256: string | null;
  readonly bytesChecked: number;
  readonly rowsChecked: number;
  readonly rowsGood: number;
  readonly rowsBad: number;
  /** Where the row begins that is made next; 0: the first one of the file. */
  readonly nextRow: number;
  readonly nextLine: number;
  readonly nextByte: number;
  readonly rowsMade: number;
  readonly rowsRefused: number;
  readonly rowsUndone: number;
  readonly rowsKept: number;
  readonly rowsPerSecond: number | null;
  readonly actorKind: string;
  readonly actorId: string;
  readonly fileGone: boolean;
  readonly createdAt: string;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly undoUntil: Date | null;
  readonly mayUndo: boolean;
}

const select = new Fragment(`
  select import_id as "importId", tenant_id as "tenantId", kind, file_name as "fileName", state, problem,
  file_bytes as "fileBytes", bytes,
  delimiter, columns, fixed, sha256, bytes_checked as "bytesChecked", rows_checked as "rowsChecked",
  rows_good as "rowsGood", rows_bad as "rowsBad", next_row as "nextRow", next_line as "nextLine",
  next_byte as "nextByte", rows_made as "rowsMade", rows_refused as "rowsRefused",
  rows_undone as "rowsUndone", rows_kept as "rowsKept", rows_per_second as "rowsPerSecond",
  actor_kind as "actorKind", actor_id as "actorId", file_gone as "fileGone",
  created_at::text as "createdAt", started_at as "startedAt", ended_at as "endedAt",
  undo_until as "undoUntil",
  coalesce(undo_until > now(), false) and rows_made > 0 and state in ('done', 'cancelled') as "mayUndo"
  from imports`);

/** Whoever's it is: who asks decides what another tenant's means. */
export async function findImport(tx: Tx, importId: string): Promise<Import | undefined> {
  const [found] = await tx.rows<Import>(sql`${select} where import_id = ${importId}`);
  return found;
}

export interface Filter {
  readonly kind?: Kind | undefined;
}

export async function listImports(
  tx: Tx,
  tenantId: string,
  page: Page,
  { kind }: Filter,
): Promise<Import[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Import>(
    sql`${select}
         where tenant_id = ${tenantId} and (created_at, import_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and (${kind ?? null}::text is null or kind = ${kind ?? null})
         order by created_at desc, import_id desc
         limit ${page.limit}`,
  );
}

/** Those that still wait for their maker: there may be few of them. */
export async function countOpen(tx: Tx, tenantId: string): Promise<number> {
  const [row] = await tx.tuples<[bigint]>(
    sql`select count(*) from imports
         where tenant_id = ${tenantId}
           and state in ('uploading', 'checking', 'checked', 'importing', 'undoing')`,
  );
  return Number(row?.[0] ?? 0);
}

export interface NewImport {
  readonly importId: string;
  readonly tenantId: string;
  readonly kind: Kind;
  readonly fileName: string;
  readonly fileBytes?: number | undefined;
  readonly actor: { readonly kind: string; readonly id: string };
}

export async function insertImport(tx: Tx, made: NewImport): Promise<void> {
  const { importId, tenantId, kind, fileName, fileBytes, actor } = made;
  await tx.write(
    sql`insert into imports (import_id, tenant_id, kind, file_name, file_bytes, state, actor_kind, actor_id)
        values (${importId}, ${tenantId}, ${kind}, ${fileName}, ${fileBytes}, 'uploading',
                ${actor.kind}, ${actor.id})`,
    1,
  );
}

export interface ToCheck {
  readonly delimiter: Delimiter;
  readonly columns: object;
  readonly fixed: object;
}

/** From the first row on, whatever was found before. */
export async function beginCheck(
  tx: Tx,
  importId: string,
  { delimiter, columns, fixed }: ToCheck,
): Promise<void> {
  await tx.write(
    sql`update imports
           set state = 'checking', problem = null, delimiter = ${delimiter},
               columns = ${JSON.stringify(columns)}, fixed = ${JSON.stringify(fixed)}, sha256 = null,
               bytes_checked = 0, rows_checked = 0, rows_good = 0, rows_bad = 0, changed_at = now()
         where import_id = ${importId}`,
    1,
  );
}

export async function beginImport(tx: Tx, importId: string): Promise<void> {
  await tx.write(
    sql`update imports set state = 'importing', started_at = now(), changed_at = now()
         where import_id = ${importId} and state = 'checked'`,
    1,
  );
}

/** What was made so far stays, and can be undone as that of one that came to its end. */
export async function endImport(
  tx: Tx,
  importId: string,
  state: "done" | "cancelled",
  undoHours: number,
): Promise<void> {
  await tx.write(
    sql`update imports
           set state = ${state}, ended_at = now(), changed_at = now(),
               undo_until = case when rows_made > 0
                                 then now() + ${undoHours}::integer * interval '1 hour' end
         where import_id = ${importId}`,
    1,
  );
}

export async function rejectImport(tx: Tx, importId: string, problem: object): Promise<void> {
  await tx.write(
    sql`update imports
           set state = 'rejected', problem = ${JSON.stringify(problem)}, ended_at = now(), changed_at = now()
         where import_id = ${importId}`,
    1,
  );
}

export async function beginUndo(tx: Tx, importId: string): Promise<void> {
  await tx.write(
    sql`update imports set state = 'undoing', rows_per_second = null, changed_at = now()
         where import_id = ${importId} and state in ('done', 'cancelled')`,
    1,
  );
}

/** Those that a worker has something to do about, the one that was looked at longest ago first. */
export async function findDue(tx: Tx): Promise<Import[]> {
  return tx.rows<Import>(
    sql`${select} where state in ('checking', 'importing', 'undoing') order by changed_at limit 20`,
  );
}

/** It goes behind the others that are due. */
export async function touch(tx: Tx, importId: string): Promise<void> {
  await tx.run(sql`update imports set changed_at = now() where import_id = ${importId}`);
}
