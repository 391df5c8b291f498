import { randomUUID } from "node:crypto";
import { Columns } from "../server/db/rows.ts";
import { sql } from "../server/db/sql.ts";
import { transact } from "../server/db/transact.ts";
import type { Stage } from "./stage.ts";

const purchases = 500;
const rounds = 40;

/** What the database's own check of the ledger costs: 500 purchases' legs, with and without it, in turn. */
export async function benchLedgerGuards(
  stage: Stage,
): Promise<{ withMs: number; withoutMs: number }> {
  const times = { enable: [] as number[], disable: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const guards of ["enable", "disable"] as const) {
      await stage.db.pool.query(`alter table ledger_entries ${guards} trigger user`);
      times[guards].push(await writeLegs(stage));
    }
  }
  await stage.db.pool.query("alter table ledger_entries enable trigger user");
  return { withMs: median(times.enable), withoutMs: median(times.disable) };
}

const legColumns = new Columns<{ id: string; leg: number; amountMinor: number }>({
  id: ["uuid", ({ id }) => id],
  leg: ["integer", ({ leg }) => leg],
  amount_minor: ["bigint", ({ amountMinor }) => amountMinor],
});

async function writeLegs({ db }: Stage): Promise<number> {
  const legs = Array.from({ length: purchases }, () => db.dialect.newId()).flatMap((id) => [
    { id, leg: 0, amountMinor: -2_500 },
    { id, leg: 1, amountMinor: 2_500 },
  ]);
  const statement = sql`
    insert into ledger_entries (purchase_id, txn_id, leg, tenant_id, kind, account, owner_id, amount_minor, currency)
    select id, id, leg, ${randomUUID()}::uuid, 'commit', 'MERCHANT_PAYABLE', ${randomUUID()}::uuid, amount_minor, 'USD'
      from ${legColumns.of(legs)} as l`;
  return transact(db, "bench_legs", async (tx) => {
    await tx.run(sql`select 1`);
    const startedAt = performance.now();
    await tx.write(statement, legs.length);
    return performance.now() - startedAt;
  });
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
