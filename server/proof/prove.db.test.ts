import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeBooks, type Books } from "../testing/books.ts";
import { brokenClauses, proveCorrupted, type Corruption } from "../testing/corrupt.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { invariants } from "./invariants.ts";
import { fourNumbers, holds, prove } from "./prove.ts";
import { proveCommand } from "./report.ts";

let database: TestDatabase;
let books: Books;
let neighbour: Books;

beforeAll(async () => {
  database = await freshDatabase();
  books = await makeBooks(database.db);
  neighbour = await makeBooks(database.db);
});
afterAll(() => database.close());

const noLegs = "delete from ledger_entries where purchase_id =";
const copyTxn = (kind: string, purchase: string): string => `
  insert into ledger_entries
  select purchase_id, extra.id, leg, tenant_id, kind, account, owner_id, amount_minor, currency
    from ledger_entries cross join (select gen_random_uuid() as id) extra
   where purchase_id = :${purchase} and kind = '${kind}'`;
const slice = (sets: string, bucket = 0): string =>
  `update mandate_buckets set ${sets} where mandate_id = :mandate and bucket = ${bucket}`;
const payable = "account = 'MERCHANT_PAYABLE'";

const corruptions: readonly [clause: string, what: string, corruption: Corruption][] = [
  [
    "oversells.units",
    "a unit appears in a bucket",
    ["update stock_buckets set available = available + 1 where pool_id = :pool and bucket = 0"],
  ],
  [
    "oversells.units",
    "a unit vanishes from a bucket",
    ["update stock_buckets set available = available - 1 where pool_id = :pool and bucket = 0"],
  ],
  [
    "oversells.units",
    "a sale left its units on the shelf",
    ["update purchases set quantity = 3, settled_quantity = 3 where purchase_id = :committed"],
  ],
  [
    "oversells.units",
    "a return was counted twice",
    ["update purchases set returned_quantity = 2 where purchase_id = :refunded"],
  ],
  [
    "oversells.units",
    "stock came from nowhere",
    ["delete from stock_moves where item_id = :otherItem"],
  ],
  [
    "oversells.sold",
    "more was sold than was ever stocked",
    ["update stock_moves set quantity = 1 where item_id = :otherItem"],
  ],
  [
    "oversells.available",
    "a bucket is below zero",
    [
      "alter table stock_buckets drop constraint stock_buckets_available_check",
      "update stock_buckets set available = -1 where pool_id = :pool and bucket = 0",
    ],
  ],

  [
    "duplicate_settlements.answer",
    "one key has two answers",
    [
      "alter table asks drop constraint asks_one_answer_per_key",
      `insert into asks select gen_random_uuid(), tenant_id, merchant_id, key, kind, purchase_id,
              fingerprint, body, granted, answer from asks where ask_id = :committed`,
    ],
  ],
  [
    "duplicate_settlements.legs_without_purchase",
    "a settlement has no purchase",
    ["delete from purchases where purchase_id = :committed"],
  ],
  ["duplicate_settlements.not_booked", "a purchase was never booked", [`${noLegs} :committed`]],
  [
    "duplicate_settlements.settled_twice",
    "a commit was booked twice",
    [copyTxn("commit", "committed")],
  ],
  [
    "duplicate_settlements.settled_twice",
    "a hold was captured twice",
    [copyTxn("capture", "captured")],
  ],
  [
    "duplicate_settlements.settled_twice",
    "a hold was released twice",
    [copyTxn("release", "released")],
  ],
  ["duplicate_settlements.settled_twice", "a hold was booked twice", [copyTxn("hold", "held")]],
  [
    "duplicate_settlements.state",
    "a released hold counts as held",
    ["update purchases set state = 'held' where purchase_id = :released"],
  ],
  [
    "duplicate_settlements.state",
    "a hold is settled without a capture",
    ["update purchases set state = 'settled' where purchase_id = :held"],
  ],
  [
    "duplicate_settlements.state",
    "an expired hold says that it was released",
    ["update purchases set state = 'released' where purchase_id = :expired"],
  ],
  ["duplicate_settlements.legs", "a leg is missing", [`${noLegs} :committed and ${payable}`]],
  [
    "duplicate_settlements.legs",
    "the rest of a capture did not go back",
    [`${noLegs} :captured and kind = 'capture' and account = 'MANDATE_RESERVED'`],
  ],
  [
    "duplicate_settlements.legs",
    "a commit was booked to the held account",
    [
      `update ledger_entries set account = 'MERCHANT_HELD'
         where purchase_id = :committed and ${payable}`,
    ],
  ],
  [
    "duplicate_settlements.legs",
    "one ledger transaction is of two kinds",
    [`update ledger_entries set kind = 'refund' where purchase_id = :committed and ${payable}`],
  ],
  [
    "duplicate_settlements.legs",
    "a commit takes from the merchant",
    ["update ledger_entries set amount_minor = -amount_minor where purchase_id = :committed"],
  ],
  [
    "duplicate_settlements.amounts",
    "twice the amount was booked",
    ["update ledger_entries set amount_minor = 2 * amount_minor where purchase_id = :committed"],
  ],
  [
    "duplicate_settlements.amounts",
    "a refund is not in the purchase",
    ["update purchases set refunded_minor = 0 where purchase_id = :refunded"],
  ],
  [
    "duplicate_settlements.amounts",
    "a hold is larger than what was booked",
    ["update purchases set amount_minor = 3001 where purchase_id = :held"],
  ],

  [
    "ledger_drift.transaction",
    "a leg is off by one",
    [
      `update ledger_entries set amount_minor = amount_minor + 1
       where purchase_id = :committed and leg = 0`,
    ],
  ],
  [
    "ledger_drift.currency",
    "a leg is in another currency",
    ["update ledger_entries set currency = 'USD' where purchase_id = :committed and leg = 0"],
  ],

  [
    "mandate_breaches.money",
    "money appears in a bucket",
    [slice("remaining_minor = remaining_minor + 1")],
  ],
  [
    "mandate_breaches.money",
    "the cap was raised without its buckets",
    ["update mandates set cap_minor = cap_minor + 1 where mandate_id = :mandate"],
  ],
  [
    "mandate_breaches.money",
    "a purchase was not debited",
    ["update purchases set mandate_id = :plainMandate where purchase_id = :committed"],
  ],
  [
    "mandate_breaches.remaining",
    "a bucket is below zero",
    [
      "alter table mandate_buckets drop constraint mandate_buckets_remaining_minor_check",
      slice("remaining_minor = -1"),
    ],
  ],
  [
    "mandate_breaches.remaining",
    "the room of a bucket is below zero",
    [
      "alter table mandate_buckets drop constraint mandate_buckets_month_left_minor_check",
      slice("month_left_minor = -1"),
    ],
  ],
  [
    "mandate_breaches.day",
    "there is too much room",
    [slice("day_left_minor = day_left_minor + 1")],
  ],
  [
    "mandate_breaches.day",
    "room came back for a purchase of this period",
    [slice("day_start = null, day_left_minor = null")],
  ],
  [
    "mandate_breaches.day",
    "what was carried is forgotten",
    ["update mandates set day_carried_minor = 0 where mandate_id = :carriedMandate"],
  ],
  [
    "mandate_breaches.day",
    "a limit was raised without its buckets",
    ["update mandates set day_limit_minor = day_limit_minor + 30 where mandate_id = :mandate"],
  ],
  [
    "mandate_breaches.week",
    "a bucket of an older period lost its share",
    [
      `update mandate_buckets b set week_start = fresh.week_start from mandate_buckets fresh
       where b.mandate_id = :mandate and b.bucket = 2
         and fresh.mandate_id = :mandate and fresh.bucket = 0`,
    ],
  ],
  [
    "mandate_breaches.month",
    "a purchase of this period was moved out of it",
    ["update purchases set created_at = now() - interval '2 months' where purchase_id = :held"],
  ],
  ["mandate_breaches.month", "too little was dealt", [slice("month_left_minor = 0", 2)]],
];

describe("honest books", () => {
  it("hold in every point", async () => {
    const proof = await prove(database.db);
    expect(brokenClauses(proof)).toEqual([]);
    expect(holds(proof)).toBe(true);
    expect(fourNumbers(proof)).toEqual({
      oversells: 0,
      duplicateSettlements: 0,
      ledgerDrift: 0,
      mandateBreaches: 0,
    });
  });

  it("hold while a clock that ran ahead has begun the next day for one bucket", async () => {
    const ahead = slice("day_start = day_start + interval '1 day', day_left_minor = 6667");
    const { all } = await proveCorrupted(database.db, books, [ahead], neighbour);
    expect(brokenClauses(all)).toEqual([]);
  });
});

describe("a counterexample is found when", () => {
  it.each(corruptions)("%s: %s", async (clause, _, corruption) => {
    const { all, neighbours } = await proveCorrupted(database.db, books, corruption, neighbour);
    expect(brokenClauses(all)).toContain(clause);
    expect(brokenClauses(neighbours)).toEqual([]);
  });

  it("it breaks any of the four", () => {
    const four = invariants.filter(({ kind }) => kind === "invariant").map(({ name }) => name);
    expect(new Set(corruptions.map(([clause]) => clause.split(".")[0]))).toEqual(new Set(four));
  });

  it("counts all of them and shows a hundred", async () => {
    const many = `insert into outbox (shard, event_id, tenant_id, kind, subject_id)
      select 1, gen_random_uuid(), :tenantId, 'purchase.x', :committed from generate_series(1, 250)`;
    const { all } = await proveCorrupted(database.db, books, [many], neighbour);
    const events = all.findings.find(({ name }) => name === "events");
    expect(events?.count).toBe(250);
    expect(events?.counterexamples).toHaveLength(100);
  });
});

describe("the command", () => {
  it("says ok for the world it was asked for, as text and as JSON", async () => {
    const { tenantId } = books;
    const text = await proveCommand(database.db, { tenantId });
    expect(text.ok).toBe(true);
    expect(text.text).toMatch(/^ok +oversells +0 /m);
    const { text: json } = await proveCommand(database.db, { tenantId, json: true });
    expect(JSON.parse(json)).toMatchObject({ holds: true, tenantId, oversells: 0 });
  });
});
