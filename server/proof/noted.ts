import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import type { Finding } from "./prove.ts";

/** What a round found when it last looked at an invariant, over all tenants. */
export interface Noted {
  readonly name: string;
  readonly breaches: bigint;
  readonly checkedAt: Date;
}

/** What was found first is overwritten by what was found last, on the database's clock. */
export async function noteFinding(db: Db, { name, count, ms }: Finding): Promise<void> {
  const write = sql`
    insert into proof_findings (invariant, breaches, ms, checked_at)
    values (${name}, ${count}, ${Math.round(ms)}, now())
        on conflict (invariant) do update
       set breaches = excluded.breaches, ms = excluded.ms, checked_at = excluded.checked_at`;
  await transact(db, "note_finding", (tx) => tx.run(write), { recalls: true });
}

export async function readNoted(db: Db): Promise<ReadonlyMap<string, Noted>> {
  const query = sql`
    select invariant as name, breaches, checked_at as "checkedAt" from proof_findings`;
  const rows = await transact(db, "read_noted", (tx) => tx.rows<Noted>(query), { readOnly: true });
  return new Map(rows.map((row) => [row.name, row]));
}
