import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { reopen } from "../db/open.ts";
import { transact, type Tx } from "../db/transact.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { about, commitAsk, makeShop, startKernel } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { enter } from "./ask.ts";
import { load } from "./load.ts";
import { recall } from "./load-rows.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

it("recall probes the unique key also on a table that nobody has analysed", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  const asks = Array.from({ length: 50 }, () => commitAsk(shop));
  await query(db, "alter table asks set (autovacuum_enabled = off)");
  // As the kernel opens its own, and only one: what one prepares the next uses.
  const kernels = reopen(db, { poolMax: 1, indexOnly: true });
  try {
    // After five runs PostgreSQL settles on one plan for all parameters; here on an empty table.
    for (let run = 0; run < 8; run++) await transact(kernels, "recall", (tx) => recall(tx, asks));
    await query(
      db,
      `insert into asks (ask_id, tenant_id, merchant_id, key, kind, purchase_id, fingerprint, body, granted, answer)
       select id, $1, $2, 'old-' || n, 'commit', id, '\\x00', '{}', false, '{}'
         from (select n, gen_random_uuid() as id from generate_series(1, 200000) n) made`,
      [shop.tenantId, shop.merchantId],
    );
    const lists = ["key", "merchantId"].map((name) =>
      asks.map((ask) => ask[name as "merchantId" | "key"]).join("\n"),
    );
    const explain = `explain (costs off) execute kernel_recall($$${lists[0]}$$, $$${lists[1]}$$, null)`;
    const plan = await transact(kernels, "explain", async (tx) => {
      const rows = await tx.rows<{ "QUERY PLAN": string }>({ text: explain, values: [] });
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    });
    expect(plan).toContain("Index Scan using asks_one_answer_per_key");
    expect(plan).not.toContain("Seq Scan");
    const found = await transact(kernels, "recall", (tx) =>
      recall(tx, [{ ...commitAsk(shop), key: "old-7" }]),
    );
    expect(found.size).toBe(1);
  } finally {
    await kernels.close();
  }
  // They were no answers to anything: the proof is about what the kernel wrote.
  await query(db, "delete from asks where key like 'old-%'");
  const kernel = startKernel(db);
  expect((await kernel.ask(commitAsk(shop, { key: randomUUID() }))).kind).toBe("granted");
  await expectProven(db);
});

it("every statement of a load is planned by index also while the tables are empty", async () => {
  const { db } = database;
  const shop = await makeShop(db, { mandate: { duplicateWindowSeconds: 60 }, item: { stock: 1n } });
  const kernels = reopen(db, { poolMax: 1, indexOnly: true });
  try {
    const asks = [
      commitAsk(shop, { quantity: 10n }),
      { kind: "release", ...about(shop, randomUUID()) } as const,
    ];
    const entries = asks.map((ask) => enter(ask, randomUUID()));
    await transact(kernels, "load", (tx) => load(tx, entries, 0.5, randomUUID));
    const plans = await transact(kernels, "explain", (tx) => plansOf(tx));
    expect(plans.size).toBeGreaterThan(6);
    for (const [name, plan] of plans) expect(`${name}: ${plan}`).not.toContain("Seq Scan");
  } finally {
    await kernels.close();
  }
});

/** The plan for any parameters of each statement that this connection has prepared. */
async function plansOf(tx: Tx): Promise<Map<string, string>> {
  await tx.run({ text: "set local plan_cache_mode = force_generic_plan", values: [] });
  const prepared = await tx.rows<{ name: string; count: number }>({
    text: `select name, cardinality(parameter_types) as count from pg_prepared_statements
            where name like 'kernel_%'`,
    values: [],
  });
  const plans = new Map<string, string>();
  for (const { name, count } of prepared) {
    const nulls = Array.from({ length: count }, () => "null").join();
    const execute = count === 0 ? name : `${name}(${nulls})`;
    const text = `explain (costs off) execute ${execute}`;
    const rows = await tx.rows<{ "QUERY PLAN": string }>({ text, values: [] });
    plans.set(name, rows.map((row) => row["QUERY PLAN"]).join("\n"));
  }
  return plans;
}

it("the kernel's own connections are told to use indexes", async () => {
  const { db } = database;
  const shop = await makeShop(db);
  await query(db, "create table settings_seen (seqscan text)");
  await query(
    db,
    `create function see_settings() returns trigger language plpgsql as $$
     begin
       insert into settings_seen values (current_setting('enable_seqscan'));
       return new;
     end $$`,
  );
  await query(
    db,
    "create trigger see_settings before insert on asks for each row execute function see_settings()",
  );
  const kernel = startKernel(db);
  await Promise.all(Array.from({ length: 20 }, () => kernel.ask(commitAsk(shop))));
  await query(db, "drop trigger see_settings on asks");
  expect(await query(db, "select distinct seqscan from settings_seen")).toEqual([
    { seqscan: "off" },
  ]);
  await expectProven(db);
});
