import { record } from "../audit/record.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { takeBackItems, takeBackMandates } from "../kernel/take-back.ts";
import type { Working } from "./check.ts";
import { listToUndo, markUndo, type NewRow } from "./row-results.ts";
import { changesMax, worker } from "./make-rows.ts";
import { findImport, type Import } from "./store.ts";

const rowsAtOnce = 200;

/**
 * Takes back what an import made, as far as nobody has used it: items are closed, their stock goes out
 * and their SKUs are free again; mandates are revoked. What was bought, held or changed stays as it is.
 */
export async function undoImport(
  db: Db,
  it: Import,
  { signal, tell, untilMs }: Working & { readonly untilMs: number },
): Promise<number> {
  const { tenantId } = it;
  let after = 0;
  let count = 0;
  for (;;) {
    if (signal.aborted || performance.now() > untilMs) return count;
    const done = await undoSome(db, it, after);
    if (done === undefined) return count;
    if (done.last === undefined) break;
    after = done.last;
    count += done.count;
    tell();
  }
  await transact(db, "finish_undo", (tx) => finish(tx, it), { recalls: true, turn: tenantId });
  tell();
  return count;
}

interface Undone {
  readonly count: number;
  /** Undefined: there was none left. */
  readonly last: number | undefined;
}

/** Undefined: it is no longer being undone. */
async function undoSome(db: Db, it: Import, after: number): Promise<Undone | undefined> {
  const { importId, tenantId, kind } = it;
  const work = async (tx: Tx): Promise<Undone | undefined> => {
    const [stand] = await tx.tuples<[string]>(
      sql`select state from imports where import_id = ${importId}`,
    );
    if (stand?.[0] !== "undoing") return undefined;
    const rows = lightest(await listToUndo(tx, importId, { after, limit: rowsAtOnce }));
    const ids = rows.map(({ objectId }) => objectId);
    const reason = `import ${importId} was undone`;
    const gone = new Set(
      kind === "items"
        ? await takeBackItems(tx, db, ids, { tenantId, reason })
        : await takeBackMandates(tx, db, ids, { tenantId }),
    );
    const isGone = ({ objectId }: { objectId: string }): boolean => gone.has(objectId);
    const undone = rows.filter(isGone).map(({ row }) => row);
    const kept = rows.filter((one) => !isGone(one)).map(({ row }) => row);
    await Promise.all([
      markUndo(tx, importId, undone, "undone"),
      markUndo(tx, importId, kept, "kept"),
      tx.write(
        sql`update imports
               set rows_undone = rows_undone + ${undone.length}::integer,
                   rows_kept = rows_kept + ${kept.length}::integer, changed_at = now()
             where import_id = ${importId}`,
        1,
      ),
    ]);
    return { count: rows.length, last: rows.at(-1)?.row };
  };
  return transact(db, "undo_import", work, { recalls: true });
}

/** As many as one transaction may change, however many buckets they have. */
function lightest(rows: readonly NewRow[]): NewRow[] {
  let changes = 0;
  return rows.filter(({ buckets }, at) => {
    changes += buckets + 6;
    return at === 0 || changes <= changesMax;
  });
}

async function finish(tx: Tx, { importId, tenantId }: Import): Promise<void> {
  const it = await findImport(tx, importId);
  if (it?.state !== "undoing") return;
  await tx.write(
    sql`update imports set state = 'undone', changed_at = now() where import_id = ${importId}`,
    1,
  );
  const { kind, fileName, rowsUndone, rowsKept } = it;
  await record(tx, {
    tenantId,
    actor: worker,
    action: "import.undone",
    object: { kind: "import", id: importId },
    after: { kind, fileName, rowsUndone, rowsKept },
  });
}
