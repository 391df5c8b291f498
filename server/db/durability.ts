import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact } from "./transact.ts";

interface Found {
  readonly name: string;
  readonly value: string;
}

/**
 * The settings under which this PostgreSQL acknowledges what a crash may take back, as our own sessions have
 * them: they can be set for a role or a database, too. Aurora DSQL has none of them.
 */
export async function durabilityFaults(db: Db): Promise<string[]> {
  if (db.dialect.name !== "postgres") return [];
  const query = sql`
    select name, current_setting(name) as value
      from (values ('fsync'), ('full_page_writes'), ('synchronous_commit')) as wanted(name)`;
  const found = await transact(db, "check_durability", (tx) => tx.rows<Found>(query), {
    readOnly: true,
  });
  // `local` and `remote_write` are durable here, and differ only in what a standby has by then.
  return found.filter(({ value }) => value === "off").map(({ name }) => `${name} = off`);
}
