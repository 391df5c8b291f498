import type { Db } from "../db/open.ts";
import type { Tx } from "../db/transact.ts";
import { decide } from "./decide.ts";
import { load } from "./load.ts";
import type { Facts } from "./facts.ts";
import type { Plan } from "./plan.ts";
import type { Decision, Entry } from "./types.ts";

interface Considering {
  readonly luck: number;
  readonly attempt: number;
  /** With every bucket, also where one would do. */
  readonly whole?: boolean;
}

/** What the asks are answered in this snapshot, and what that would write. Writes nothing itself. */
export async function consider(
  db: Db,
  tx: Tx,
  entries: readonly Entry[],
  { luck, attempt, whole }: Considering,
): Promise<{ decisions: Decision[]; plan: Plan; facts: Facts }> {
  const facts = await load(tx, entries, luck, () => db.dialect.newId(), whole);
  return { ...decide(entries, facts, attempt), facts };
}
