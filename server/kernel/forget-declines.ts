import { asJanitor } from "../db/as-janitor.ts";
import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

/** So that with the entries of their indexes they stay within 3,000 rows. */
const asksAtOnce = 700;

export interface ForgetOptions {
  readonly days: number;
  /** Asked between batches. */
  readonly isOver: () => boolean;
  readonly asksMax?: number;
}

/**
 * Deletes declines that are older than so many days, batch by batch behind a mark per tenant; what was
 * granted stays for ever. Nothing goes before usage has counted it. An ask that is sent again later than
 * that is a new one. Returns how many.
 */
export async function forgetDeclines(
  db: Db,
  { days, isOver, asksMax = asksAtOnce }: ForgetOptions,
): Promise<number> {
  let gone = 0;
  for (const tenantId of await tenantsCounted(db)) {
    for (;;) {
      if (isOver()) return gone;
      const work = (tx: Tx): Promise<Batch> => forgetSome(db, tx, { tenantId, days, asksMax });
      const batch = await transact(db, "forget_declines", work, { recalls: true });
      gone += batch.gone;
      if (batch.isLast) break;
    }
  }
  return gone;
}

interface Batch {
  readonly gone: number;
  readonly isLast: boolean;
}

interface AskRow {
  readonly askId: string;
  readonly createdAt: string;
  readonly granted: boolean;
}

const noId = "00000000-0000-0000-0000-000000000000";

async function forgetSome(
  db: Db,
  tx: Tx,
  { tenantId, days, asksMax }: { tenantId: string; days: number; asksMax: number },
): Promise<Batch> {
  const [mark] = await tx.tuples<[sweptTo: string, sweptId: string]>(
    sql`select swept_to::text, swept_id::text from decline_marks where tenant_id = ${tenantId}`,
  );
  const [sweptTo, sweptId] = mark ?? ["-infinity", noId];
  const seen = await tx.rows<AskRow>(
    sql`select ask_id as "askId", created_at::text as "createdAt", granted from asks
         where tenant_id = ${tenantId}
           and (created_at, ask_id) > (${sweptTo}::timestamptz, ${sweptId}::uuid)
           and created_at < now() - ${days}::integer * interval '1 day'
           and created_at < (select counted_to from usage_marks where tenant_id = ${tenantId})
         order by created_at, ask_id
         limit ${asksMax}`,
  );
  const last = seen.at(-1);
  if (!last) return { gone: 0, isLast: true };
  await tx.write(
    sql`insert into decline_marks (tenant_id, swept_to, swept_id)
        values (${tenantId}, ${last.createdAt}::timestamptz, ${last.askId})
            on conflict (tenant_id) do update
           set swept_to = excluded.swept_to, swept_id = excluded.swept_id`,
    1,
  );
  const declined = seen.filter(({ granted }) => !granted).map(({ askId }) => askId);
  if (declined.length > 0) {
    await asJanitor(db, tx);
    await tx.write(
      sql`delete from asks a
           using unnest(string_to_array(${lines(declined)}, E'\\n')::uuid[]) as u(id)
           where a.ask_id = u.id and not a.granted`,
      declined.length,
    );
  }
  return { gone: declined.length, isLast: seen.length < asksMax };
}

async function tenantsCounted(db: Db): Promise<string[]> {
  const query = sql`select tenant_id from usage_marks`;
  const found = await transact(db, "tenants_counted", (tx) => tx.tuples<[string]>(query), {
    readOnly: true,
  });
  return found.map(([tenantId]) => tenantId);
}
