import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import type { Tells } from "../live/announce.ts";
import { checkImport } from "./check.ts";
import { makeRows } from "./make-rows.ts";
import { findDue, touch, type Import } from "./store.ts";
import { undoImport } from "./undo.ts";

export interface ImportContext {
  readonly db: Db;
  readonly tells: Tells;
}

/** How long one import is worked at before another one has its turn. */
const sliceMs = 2_000;

/** Does what is due, of each import some, until nothing is. Returns how many rows it came on. */
export async function workOnImports(ctx: ImportContext, signal: AbortSignal): Promise<number> {
  let rows = 0;
  while (!signal.aborted) {
    const due = await transact(ctx.db, "due_imports", findDue, { readOnly: true });
    if (due.length === 0) break;
    for (const it of due) {
      if (signal.aborted) break;
      try {
        rows += await workOn(ctx, it, signal);
      } catch (error) {
        // The others have their turn first, and this one again with the next round.
        await transact(ctx.db, "import_failed", (tx) => touch(tx, it.importId), { recalls: true });
        throw error;
      }
    }
  }
  return rows;
}

async function workOn(ctx: ImportContext, it: Import, signal: AbortSignal): Promise<number> {
  const { db, tells } = ctx;
  const { tenantId, importId } = it;
  const tell = (): void => {
    tells.change(tenantId, "imports", importId);
    if (it.state !== "checking") tells.change(tenantId, it.kind);
  };
  const working = { signal, tell, untilMs: performance.now() + sliceMs };
  if (it.state === "checking") {
    await checkImport(db, it, working);
    return 0;
  }
  if (it.state === "undoing") return undoImport(db, it, working);
  return makeRows(db, it, working);
}
