import type { NewEntry } from "../audit/entry.ts";
import { record } from "../audit/record.ts";
import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import {
  delimiterOf,
  FileFault,
  CsvReader,
  markLength,
  type CsvRow,
  type Delimiter,
} from "./csv-reader.ts";
import { guessColumns } from "./fields.ts";
import { undoHours } from "./make-rows.ts";
import { fileBytesMax } from "./limits.ts";
import { addParts, hasParts, readStart } from "./parts.ts";
import { faultOfHeaders, planOf } from "./plan.ts";
import * as store from "./store.ts";
import type { Import, State } from "./store.ts";
import type { CheckBody } from "./wire.ts";

/** What its maker does to an import. Each done twice is the same as done once. */

export interface Own {
  readonly tenantId: string;
  readonly importId: string;
}

export async function readImport(db: Db, { tenantId, importId }: Own): Promise<Import> {
  const found = await transact(db, "read_import", (tx) => store.findImport(tx, importId), {
    readOnly: true,
  });
  if (!found) throw new Problem("UNKNOWN_IMPORT");
  if (found.tenantId !== tenantId) throw new Problem("FORBIDDEN");
  return found;
}

/** With its entry in the audit log, unless it was done already. */
async function command(
  db: Db,
  { tenantId, importId }: Own,
  entry: NewEntry | undefined,
  work: (tx: Tx, it: Import) => Promise<Problem | "done" | "as before">,
): Promise<void> {
  const problem = await transact(
    db,
    "command_import",
    async (tx) => {
      const it = await store.findImport(tx, importId);
      if (!it) return new Problem("UNKNOWN_IMPORT");
      if (it.tenantId !== tenantId) return new Problem("FORBIDDEN");
      const result = await work(tx, it);
      if (result instanceof Problem) return result;
      if (result === "done" && entry) await record(tx, entry);
      return undefined;
    },
    { recalls: true, turn: tenantId },
  );
  if (problem) throw problem;
}

const notReady = (it: Import, says: string): Problem =>
  new Problem("IMPORT_NOT_READY", `The import is ${it.state}: ${says}`);

export async function upload(db: Db, own: Own, at: number, bytes: Buffer): Promise<void> {
  const sent = { ...own, at, bytes };
  await command(db, own, undefined, async (tx, it) => {
    if (at < it.bytes && (await hasParts(tx, sent))) return "as before";
    if (it.state !== "uploading") return notReady(it, "its file takes no more bytes.");
    if (at !== it.bytes) {
      const says = `There are ${it.bytes} bytes of it: send the one at ${it.bytes} next.`;
      return new Problem("UPLOAD_OUT_OF_PLACE", says);
    }
    const most = it.fileBytes ?? fileBytesMax;
    if (at + bytes.length > most) {
      const says = `This file has ${most.toLocaleString("en")} bytes at most.`;
      return new Problem("BODY_TOO_LARGE", says);
    }
    await addParts(tx, sent);
    return "done";
  });
}

export interface Start {
  readonly delimiter: Delimiter;
  readonly headers: readonly string[];
  readonly rows: readonly CsvRow[];
  readonly suggested: Record<string, string>;
}

/** How the file begins, or a Problem that says why it cannot be read. */
export async function previewOf(db: Db, it: Import, wanted?: Delimiter): Promise<Start> {
  if (it.fileGone) throw notReady(it, "its file is deleted.");
  const bytes = await readStart(db, it.importId);
  try {
    const delimiter = wanted ?? delimiterOf(bytes);
    const [header, ...rows] = firstRows(bytes, delimiter, bytes.length === it.bytes);
    if (!header) throw new FileFault("EMPTY_FILE", "The file has no row.");
    const { cells, fault } = header;
    const wrong = fault === undefined ? faultOfHeaders(cells) : `The header ${fault}.`;
    if (wrong !== undefined) throw new FileFault("BAD_HEADER", wrong);
    const headers = cells.map((name) => name.trim());
    return { delimiter, headers, rows, suggested: guessColumns(it.kind, headers) };
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    throw new Problem("FILE_NOT_READABLE", error.message);
  }
}

/** Once there is a header it is for the check to say what is wrong further down. */
function firstRows(bytes: Buffer, delimiter: Delimiter, isWhole: boolean): CsvRow[] {
  const reader = new CsvReader(delimiter);
  const rows: CsvRow[] = [];
  try {
    for (const row of reader.push(bytes.subarray(markLength(bytes)))) {
      rows.push(row);
      if (rows.length > previewRows) return rows;
    }
    // A file of one piece ends where it ends.
    if (isWhole) rows.push(...reader.end());
  } catch (error) {
    if (rows.length === 0) throw error;
  }
  return rows;
}

const previewRows = 10;
const checkable: readonly State[] = ["uploading", "checking", "checked", "rejected"];

export async function check(db: Db, own: Own, body: CheckBody): Promise<void> {
  const before = await readImport(db, own);
  if (!checkable.includes(before.state)) throw notReady(before, "it was started.");
  if (before.bytes < (before.fileBytes ?? 0)) {
    throw notReady(
      before,
      `only ${before.bytes} of ${before.fileBytes} bytes of its file are here.`,
    );
  }
  const { delimiter, headers, suggested } = await previewOf(db, before, body.delimiter);
  const fixed = body.fixed ?? {};
  const free = Object.entries(suggested).filter(([field]) => !Object.hasOwn(fixed, field));
  const columns = body.columns ?? Object.fromEntries(free);
  const plan = planOf(before.kind, headers, { columns, fixed });
  if ("faults" in plan) {
    const errors = plan.faults.map(({ field, detail }) => {
      const at = Object.hasOwn(fixed, field) ? "fixed" : "columns";
      return { pointer: `/${at}/${escape(field)}`, code: "INVALID_VALUE", detail };
    });
    const says = plan.faults.map(({ field, detail }) => `${field} ${detail}.`);
    throw new Problem("VALIDATION_FAILED", says.slice(0, 3).join(" "), { errors });
  }
  await command(db, own, undefined, async (tx, it) => {
    if (!checkable.includes(it.state)) return notReady(it, "it was started.");
    await store.beginCheck(tx, own.importId, { delimiter, columns, fixed });
    return "done";
  });
}

const escape = (field: string): string => field.replaceAll("~", "~0").replaceAll("/", "~1");

export async function start(
  db: Db,
  own: Own,
  entry: NewEntry,
  { skipBadRows = false }: { readonly skipBadRows?: boolean | undefined },
): Promise<void> {
  await command(db, own, entry, async (tx, it) => {
    if (it.state === "importing") return "as before";
    if (it.state !== "checked") return notReady(it, "only one that is checked can be started.");
    if (it.rowsChecked === it.rowsBad) return notReady(it, "none of its rows is good.");
    if (it.rowsBad > 0 && !skipBadRows) {
      const says = `${it.rowsBad} of ${it.rowsChecked} rows are bad. Correct them, or start with skipBadRows: true.`;
      return new Problem("IMPORT_HAS_BAD_ROWS", says);
    }
    await store.beginImport(tx, own.importId);
    return "done";
  });
}

export async function cancel(db: Db, own: Own, entry: NewEntry): Promise<void> {
  await command(db, own, entry, async (tx, it) => {
    if (it.state === "cancelled") return "as before";
    if (!["uploading", "checking", "checked", "rejected", "importing"].includes(it.state)) {
      return notReady(it, "there is nothing left to cancel.");
    }
    await store.endImport(tx, own.importId, "cancelled", undoHours);
    return "done";
  });
}

export async function undo(db: Db, own: Own, entry: NewEntry): Promise<void> {
  await command(db, own, entry, async (tx, it) => {
    if (it.state === "undoing" || it.state === "undone") return "as before";
    if (!it.mayUndo) return notReady(it, "it made nothing, or its 24 hours are over.");
    await store.beginUndo(tx, own.importId);
    return "done";
  });
}
