import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql, type Sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";
import { makeBooks, type Books } from "../testing/books.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { holds, prove } from "./prove.ts";

let database: TestDatabase;
let books: Books;

beforeAll(async () => {
  database = await freshDatabase();
  books = await makeBooks(database.db);
});
afterAll(() => database.close());

/** Plain SQL, as the owner of the tables: not even a tired operator gets through. */
const run = (...statements: Sql[]) =>
  transact(database.db, "plain_sql", async (tx) => {
    for (const statement of statements) await tx.run(statement);
  });
const refusedBy = (constraint: string) => ({ code: "23514", constraint });

describe("the database itself refuses", () => {
  const twoLegs = (amountMinor: number, currency: string) => sql`
    insert into ledger_entries (purchase_id, txn_id, leg, tenant_id, kind, account, owner_id,
                                amount_minor, currency)
    select ${books.committed}::uuid, ${books.tenantId}::uuid, leg, ${books.tenantId}::uuid,
           'refund', account, ${books.merchantId}::uuid, amount_minor, currency
      from (values (0, 'MANDATE_RESERVED', 5::bigint, 'EUR'),
                   (1, 'MERCHANT_PAYABLE', ${amountMinor}::bigint, ${currency}))
        as legs(leg, account, amount_minor, currency)`;
  const balance = refusedBy("ledger_entries_balance");

  it("legs that do not sum to zero", async () => {
    await expect(run(twoLegs(-4, "EUR"))).rejects.toMatchObject(balance);
  });

  it("legs that sum to zero over two currencies only", async () => {
    await expect(run(twoLegs(-5, "USD"))).rejects.toMatchObject(balance);
  });

  const appendOnly = refusedBy("ledger_entries_append_only");

  it("a leg that is changed", async () => {
    const { committed } = books;
    const change = sql`update ledger_entries set leg = leg where txn_id = ${committed}`;
    await expect(run(change)).rejects.toMatchObject(appendOnly);
  });

  it("a leg that is deleted", async () => {
    const remove = sql`delete from ledger_entries where txn_id = ${books.committed}`;
    await expect(run(remove)).rejects.toMatchObject(appendOnly);
  });

  it("a ledger that is emptied", async () => {
    await expect(run(sql`truncate ledger_entries`)).rejects.toMatchObject(appendOnly);
  });

  it("a bucket below zero", async () => {
    const oversold = sql`update stock_buckets set available = -1 where pool_id = ${books.pool}`;
    await expect(run(oversold)).rejects.toMatchObject(refusedBy("stock_buckets_available_check"));
    const overspent = sql`
      update mandate_buckets set remaining_minor = -1 where mandate_id = ${books.mandate}`;
    await expect(run(overspent)).rejects.toMatchObject(
      refusedBy("mandate_buckets_remaining_minor_check"),
    );
    const overLimit = sql`
      update mandate_buckets set day_left_minor = -1 where mandate_id = ${books.mandate}`;
    await expect(run(overLimit)).rejects.toMatchObject(
      refusedBy("mandate_buckets_day_left_minor_check"),
    );
  });

  it("a second answer to one key", async () => {
    const again = sql`
      insert into asks select gen_random_uuid(), tenant_id, merchant_id, key, kind, purchase_id,
             fingerprint, body, granted, answer from asks where ask_id = ${books.committed}`;
    const refusal = { code: "23505", constraint: "asks_one_answer_per_key" };
    await expect(run(again)).rejects.toMatchObject(refusal);
  });

  it("nothing of what it refused is left", async () => {
    expect(holds(await prove(database.db))).toBe(true);
  });
});
