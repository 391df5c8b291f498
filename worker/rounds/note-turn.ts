import type { Db } from "../../server/db/open.ts";
import { sql } from "../../server/db/sql.ts";
import { transact } from "../../server/db/transact.ts";
import type { Round } from "../round.ts";

export interface Turn {
  readonly ms: number;
  readonly did: number;
  /** Why it failed; undefined where it went well. */
  readonly reason: string | undefined;
}

/** Rounds of a second would write more than they do: what was just said is said again this much later. */
const saidAgainMs = 5_000;

/** For those who look whether the workers work. That it could not be written is no fault of the round. */
export async function noteTurn(
  db: Db,
  { name, everyMs }: Round,
  { ms, did, reason }: Turn,
): Promise<void> {
  const why = reason?.slice(0, 500) ?? null;
  const write = sql`
    insert into round_turns as r (name, every_ms, ended_at, done_at, ms, did, reason)
    values (${name}, ${everyMs}, now(), case when ${why}::text is null then now() end,
            ${Math.round(ms)}, ${did}, ${why})
        on conflict (name) do update
       set every_ms = excluded.every_ms, ended_at = excluded.ended_at, ms = excluded.ms,
           did = excluded.did, reason = excluded.reason,
           done_at = coalesce(excluded.done_at, r.done_at)
     where r.ended_at < now() - ${saidAgainMs} * interval '1 millisecond'
        or (r.reason is null) <> (excluded.reason is null)`;
  await transact(db, "note_turn", (tx) => tx.run(write), { recalls: true }).catch(() => undefined);
}
