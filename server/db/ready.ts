import { newestKnown } from "./migration-files.ts";
import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

/** Indexes that are still being built, or whose build failed: by name. */
export async function unusableIndexes(db: Db): Promise<string[]> {
  const query = sql`
    select c.relname::text
      from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = current_schema() and not i.indisvalid
     order by c.relname`;
  const rows = await transact(db, "unusable_indexes", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return rows.map(([name]) => name);
}

interface State {
  readonly version: number | null;
  readonly needs: number | null;
  readonly readOnly: string;
  readonly unusable: string | null;
}

/**
 * Why no sale would go through now; undefined when one would. An index that is still being built, or
 * whose build failed, is one that the planner does not use, or a rule that may not hold yet.
 */
export async function reasonAgainst(db: Db, deadlineMs: number): Promise<string | undefined> {
  const state = await transact(
    db,
    "readyz",
    async (tx) => {
      const [row] = await tx.rows<State>(
        sql`select (select max(version) from schema_migrations) as version,
                   (select max(needs) from schema_migrations) as needs,
                   current_setting('transaction_read_only') as "readOnly",
                   (select min(c.relname::text) from pg_index i
                      join pg_class c on c.oid = i.indexrelid
                      join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname = current_schema() and not i.indisvalid) as unusable`,
      );
      return row;
    },
    { deadlineAt: performance.now() + deadlineMs, attemptTimeoutMs: deadlineMs },
  );
  if (state?.version == null) return "The database has no schema: run `zerorace migrate`.";
  if ((state.needs ?? 0) > (await newestKnown())) {
    return "A newer version took away what this one uses: start the newer one.";
  }
  if (state.unusable !== null) return `The index ${state.unusable} is not valid (yet).`;
  return state.readOnly === "on" ? "The database takes no writes." : undefined;
}
