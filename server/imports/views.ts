import { rfc3339 } from "../http/cursor.ts";
import { fieldsOf } from "./fields.ts";
import { mappingOf } from "./plan.ts";
import { progressOf } from "./progress.ts";
import type { BadRow } from "./read-row.ts";
import type { MadeRow } from "./row-results.ts";
import type { Import } from "./store.ts";
import type { ImportView, PreviewView } from "./wire.ts";

const momentOf = (date: Date | null): string | null => date?.toISOString() ?? null;

export function viewOf(it: Import): ImportView {
  const { columns, fixed } = mappingOf(it);
  return {
    id: it.importId,
    kind: it.kind,
    fileName: it.fileName,
    state: it.state,
    problem: it.problem === null ? null : (JSON.parse(it.problem) as ImportView["problem"]),
    fileBytes: it.fileBytes,
    bytes: it.bytes,
    sha256: it.sha256,
    columns,
    fixed,
    delimiter: it.delimiter,
    rows: {
      checked: it.rowsChecked,
      good: it.rowsChecked - it.rowsBad,
      bad: it.rowsBad,
      made: it.rowsMade,
      refused: it.rowsRefused,
      undone: it.rowsUndone,
      kept: it.rowsKept,
    },
    progress: progressOf(it),
    mayUndo: it.mayUndo,
    undoUntil: momentOf(it.undoUntil),
    fileGone: it.fileGone,
    startedBy: `${it.actorKind}:${it.actorId}`,
    createdAt: rfc3339(it.createdAt),
    startedAt: momentOf(it.startedAt),
    endedAt: momentOf(it.endedAt),
  };
}

export function viewOfFields(of: Import["kind"]): PreviewView["fields"] {
  return fieldsOf(of).map(({ name, title, required = false, decimalOf = null, says }) => {
    return { name, title, required, insteadOf: decimalOf, says };
  });
}

/** A line of the file of faults for each of them, with the row as it stood there. */
export function linesOf({ row, line, faults, cells }: BadRow): (string | number)[][] {
  return faults.map(({ column, code, detail }) => [
    row,
    line,
    column ?? "",
    code,
    detail,
    ...cells,
  ]);
}

export const faultColumns = ["row", "line", "column", "code", "problem"] as const;

export function lineOfMade({ row, objectId, undo }: MadeRow): (string | number)[] {
  return [row, objectId, undo ?? ""];
}

export const rowColumns = ["row", "id", "undo"] as const;
