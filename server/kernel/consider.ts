import type { Db } from "../db/open.ts";
import type { Tx } from "../db/transact.ts";
import { decide } from "./decide.ts";
import { load } from "./load.ts";
import type { Plan } from "./plan.ts";
import type { Decision, Entry } from "./types.ts";

/** What the asks are answered in this snapshot, and what that would write. Writes nothing itself. */
export async function consider(
  db: Db,
  tx: Tx,
  entries: readonly Entry[],
  { luck, attempt }: { readonly luck: number; readonly attempt: number },
): Promise<{ decisions: Decision[]; plan: Plan }> {
  const facts = await load(tx, entries, luck, () => db.dialect.newId());
  return decide(entries, facts, attempt);
}
