import type { Db } from "../db/open.ts";
import { transact, type TransactOptions, type Tx } from "../db/transact.ts";
import { Problem } from "./problem.ts";

/**
 * A transaction that may find that it must not be. It then returns a Problem, before it has written
 * anything; the Problem is thrown here, where it counts as no fault of the database. The work runs
 * again after doubt, so it begins with a look at what it may have done.
 */
export async function refusable<T>(
  db: Db,
  name: string,
  work: (tx: Tx) => Promise<T | Problem>,
  options: TransactOptions = {},
): Promise<T> {
  const done = await transact(db, name, work, { recalls: true, ...options });
  if (done instanceof Problem) throw done;
  return done;
}
