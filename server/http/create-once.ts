import type { Db } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { Problem } from "./problem.ts";
import { recallKey, rememberKey, reused, type Keyed } from "./request-keys.ts";

export interface Created {
  readonly id: string;
  /** It was there already, from the first time that this was sent. */
  readonly replayed: boolean;
}

/**
 * Makes one thing for a key, with all that belongs to it, in one transaction. `make` returns a
 * Problem, before it has written anything, when it cannot; then the key is not used up.
 */
export async function createOnce(
  db: Db,
  keyed: Keyed,
  make: (tx: Tx, id: string) => Promise<Problem | undefined>,
): Promise<Created> {
  const newId = db.dialect.newId();
  const work = async (tx: Tx): Promise<Created | Problem> => {
    const known = await recallKey(tx, keyed);
    if (known && !known.same) return reused();
    if (known) return { id: known.objectId, replayed: known.requestId !== newId };
    const problem = await make(tx, newId);
    if (problem) return problem;
    await rememberKey(tx, keyed, { objectId: newId, requestId: newId });
    return { id: newId, replayed: false };
  };
  const created = await transact(db, "create_once", work, {
    recalls: true,
    turn: keyed.tenantId,
  });
  if (created instanceof Problem) throw created;
  return created;
}
