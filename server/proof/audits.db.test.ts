import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeBooks, type Books } from "../testing/books.ts";
import { brokenClauses, proveCorrupted, type Corruption } from "../testing/corrupt.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { audits } from "./audits.ts";

let database: TestDatabase;
let books: Books;
let neighbour: Books;

beforeAll(async () => {
  database = await freshDatabase();
  books = await makeBooks(database.db);
  neighbour = await makeBooks(database.db);
});
afterAll(() => database.close());

async function broken(corruption: Corruption): Promise<string[]> {
  const { all, neighbours } = await proveCorrupted(database.db, books, corruption, neighbour);
  expect(brokenClauses(neighbours)).toEqual([]);
  return brokenClauses(all);
}

const basket = (line: number, sets: string): string =>
  `update purchases set ${sets} where purchase_id = :basket and line = ${line}`;
const gateOn = (table: string, gate: string, until: string, id: string): string =>
  `update ${table} set gate = '${gate}', gate_until = now() ${until} where ${id}`;
const closed = "update stock_buckets set open = false where pool_id = :pool and bucket = 1";
const inactive =
  "update mandate_buckets set active = false where mandate_id = :mandate and bucket = 1";

const corruptions: readonly [clause: string, what: string, corruption: Corruption][] = [
  ["purchase_lines.lines", "a line has another state", [basket(1, "state = 'released'")]],
  [
    "purchase_lines.lines",
    "a line has another merchant",
    [basket(1, "merchant_id = gen_random_uuid()")],
  ],
  ["purchase_lines.lines", "a line has another mandate", [basket(1, "mandate_id = :plainMandate")]],
  ["purchase_lines.lines", "a line has another agent", [basket(1, "agent_id = 'other'")]],
  ["purchase_lines.lines", "a line has another currency", [basket(1, "currency = 'USD'")]],
  [
    "purchase_lines.lines",
    "a line has another tenant",
    [basket(1, "tenant_id = gen_random_uuid()")],
  ],
  ["purchase_lines.lines", "a line was made under other rules", [basket(1, "rules_version = 9")]],
  [
    "purchase_lines.lines",
    "a line was made at another time",
    [basket(1, "created_at = created_at + interval '1 second'")],
  ],
  ["purchase_lines.lines", "a line is held longer", [basket(1, "expires_at = now()")]],
  [
    "purchase_lines.first_line",
    "the first line is gone",
    ["delete from purchases where purchase_id = :basket and line = 0"],
  ],
  [
    "purchase_amounts.price_times_quantity",
    "a line costs more than its units",
    [basket(0, "amount_minor = amount_minor + 1")],
  ],
  [
    "purchase_amounts.price_times_quantity",
    "a product is larger than any bigint",
    [basket(0, "quantity = 9223372036854775807, unit_price_minor = 9223372036854775807")],
  ],
  [
    "purchase_amounts.settled_without_settlement",
    "a hold has settled money",
    ["update purchases set settled_minor = 1 where purchase_id = :held"],
  ],
  [
    "purchase_amounts.settled_without_settlement",
    "a released hold has settled units",
    ["update purchases set settled_quantity = 1 where purchase_id = :released"],
  ],
  [
    "purchase_amounts.settled_amount",
    "a part costs more than its units",
    ["update purchases set settled_minor = 3001 where purchase_id = :captured"],
  ],
  [
    "purchase_amounts.settled_amount",
    "a charge is settled in part",
    [basket(2, "settled_minor = 299")],
  ],
  [
    "purchase_amounts.refund",
    "more is refunded than was settled",
    ["update purchases set refunded_minor = 2001 where purchase_id = :refunded"],
  ],
  [
    "purchase_amounts.refund",
    "more is refunded than a discount left to pay",
    [
      basket(0, "refunded_minor = 500"),
      basket(1, "refunded_minor = 1000"),
      basket(2, "refunded_minor = 300"),
    ],
  ],
  [
    "purchase_amounts.refund",
    "a refund is below zero",
    ["update purchases set refunded_minor = -1 where purchase_id = :refunded"],
  ],
  [
    "prices.price",
    "a unit was sold at no price of the history",
    ["update purchases set unit_price_minor = 999 where purchase_id = :committed"],
  ],
  [
    "prices.price",
    "a price version never was",
    ["update purchases set price_version = 7 where purchase_id = :committed"],
  ],
  [
    "prices.current_price",
    "the history misses today's price",
    ["delete from item_prices where item_id = :item"],
  ],
  [
    "prices.currency",
    "a purchase is in another currency than its mandate",
    ["update purchases set currency = 'USD' where purchase_id = :committed"],
  ],
  [
    "buckets.pool",
    "a pool misses a bucket",
    ["delete from stock_buckets where pool_id = :pool and bucket = 1"],
  ],
  [
    "buckets.mandate",
    "a mandate misses a bucket",
    ["update mandates set buckets = 4 where mandate_id = :mandate"],
  ],
  [
    "buckets.stranded_units",
    "units lie where no ask looks",
    ["update pools set buckets = 3 where pool_id = :pool"],
  ],
  [
    "buckets.stranded_money",
    "money lies where no ask looks",
    ["update mandates set buckets = 2 where mandate_id = :mandate"],
  ],
  [
    "gates.open",
    "a bucket sells on in a closed pool",
    ["update pools set open = false where pool_id = :pool"],
  ],
  [
    "gates.open",
    "a bucket is closed under a gate that nobody finished",
    [gateOn("pools", "close", "- interval '1 second'", "pool_id = :pool"), closed],
  ],
  [
    "gates.price_version",
    "a bucket sells at an old price",
    ["update items set price_version = 2 where item_id = :item"],
  ],
  [
    "gates.active",
    "a bucket spends on under a revoked mandate",
    ["update mandates set state = 'revoked' where mandate_id = :mandate"],
  ],
  [
    "gates.active",
    "a bucket is paused under a gate that nobody finished",
    [gateOn("mandates", "pause", "- interval '1 second'", "mandate_id = :mandate"), inactive],
  ],
  [
    "gates.rules_version",
    "a bucket spends under old rules",
    ["update mandates set rules_version = 2 where mandate_id = :plainMandate"],
  ],
  [
    "grants.grant_not_booked",
    "a granted ask wrote no legs",
    ["delete from ledger_entries where txn_id = :committed"],
  ],
  [
    "grants.booked_without_ask",
    "legs were written that nobody asked for",
    ["delete from asks where ask_id = :committed"],
  ],
  [
    "grants.booked_for_a_decline",
    "a declined ask wrote legs",
    ["update asks set granted = false where ask_id = :committed"],
  ],
  [
    "grants.booked_for_another",
    "an ask of another kind wrote the legs",
    ["update asks set kind = 'refund' where ask_id = :committed"],
  ],
  [
    "grants.booked_for_another",
    "an expiry has the id of an ask",
    ["update ledger_entries set kind = 'expire' where txn_id = :committed"],
  ],
  [
    "grants.purchase_not_asked",
    "a purchase has no ask of its id",
    ["delete from asks where ask_id = :held"],
  ],
  [
    "grants.purchase_not_asked",
    "another merchant asked for a purchase",
    ["update asks set merchant_id = gen_random_uuid() where ask_id = :held"],
  ],
  [
    "leg_owners.leg_owner",
    "a leg debits another mandate",
    ["update ledger_entries set owner_id = :plainMandate where txn_id = :committed and leg = 0"],
  ],
  [
    "leg_owners.leg_owner",
    "a leg pays another merchant",
    ["update ledger_entries set owner_id = :mandate where txn_id = :committed and leg = 1"],
  ],
  [
    "leg_owners.leg_currency",
    "legs are in another currency than their purchase",
    ["update ledger_entries set currency = 'USD' where txn_id = :committed"],
  ],
  [
    "events.event_without_cause",
    "an event tells of nothing",
    ["update outbox set event_id = gen_random_uuid() where event_id = :committed"],
  ],
  [
    "events.event_without_cause",
    "an event tells of a decline",
    [
      `update outbox set event_id = asks.ask_id from asks
       where asks.tenant_id = :tenantId and not asks.granted and event_id = :committed`,
    ],
  ],
  [
    "events.event_without_cause",
    "an event names another purchase",
    ["update outbox set subject_id = :held where event_id = :committed"],
  ],
];

describe("an audit finds that", () => {
  it.each(corruptions)("%s: %s", async (clause, _, corruption) => {
    expect(await broken(corruption)).toContain(clause);
  });

  it("every audit is sought", () => {
    const names = audits.map(({ name }) => name).filter((name) => name !== "parents");
    expect(new Set(corruptions.map(([clause]) => clause.split(".")[0]))).toEqual(new Set(names));
  });
});

describe("a gate that is on excuses", () => {
  it("a bucket that is closed before its pool", async () => {
    const gate = gateOn("pools", "close", "+ interval '5 seconds'", "pool_id = :pool");
    expect(await broken([gate, closed])).toEqual([]);
  });

  it("a bucket that is paused before its mandate", async () => {
    const gate = gateOn("mandates", "pause", "+ interval '5 seconds'", "mandate_id = :mandate");
    expect(await broken([gate, inactive])).toEqual([]);
  });
});
