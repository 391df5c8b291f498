import type { Db } from "../db/open.ts";
import { sql, type Sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

const rowsMax = 1_000;

/**
 * Takes away what is over by its own rules and only lies there: sessions and links past their end,
 * failed attempts that nobody counts any more. Returns how many rows; none twice.
 */
export async function forgetWhatIsOver(db: Db, signal: AbortSignal): Promise<number> {
  let gone = 0;
  for (const [name, statement] of statements) {
    for (;;) {
      if (signal.aborted) return gone;
      const rows = await transact(db, name, (tx) => tx.run(statement), { recalls: true });
      gone += rows;
      if (rows < rowsMax) break;
    }
  }
  return gone;
}

/** Failures are kept a day longer than they count. */
const statements: readonly (readonly [name: string, statement: Sql])[] = [
  [
    "forget_sessions",
    sql`delete from sessions where session_id in
          (select session_id from sessions where expires_at <= now() limit ${rowsMax})`,
  ],
  [
    "forget_links",
    sql`delete from links where (kind, subject) in
          (select kind, subject from links where expires_at <= now() limit ${rowsMax})
           and expires_at <= now()`,
  ],
  [
    "forget_failures",
    sql`delete from sign_in_failures where subject in
          (select subject from sign_in_failures
            where last_at <= now() - interval '1 day' and coalesce(blocked_until, last_at) <= now()
            limit ${rowsMax})`,
  ],
];
