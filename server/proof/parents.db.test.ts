import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeBooks, type Books } from "../testing/books.ts";
import { brokenClauses, proveCorrupted, type Corruption } from "../testing/corrupt.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { links, type Link } from "./parents.ts";

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

const corruptions: readonly [clause: string, what: string, corruption: Corruption][] = [
  [
    "parents.tenants.organisation_id",
    "a tenant's organisation is gone",
    [
      `update tenants set organisation_id = gen_random_uuid(), mode = 'live'
       where tenant_id = :tenantId`,
    ],
  ],
  [
    "parents.items.item_of_pool",
    "an item sells from another item's pool",
    ["update items set pool_id = :otherPool where item_id = :item"],
  ],
  [
    "parents.stock_buckets.item_of_pool",
    "a bucket has another item than its pool",
    ["update stock_buckets set item_id = :otherItem where pool_id = :pool and bucket = 1"],
  ],
  [
    "parents.stock_moves.item_of_pool",
    "stock was moved to another item's pool",
    ["update stock_moves set item_id = :otherItem where pool_id = :pool"],
  ],
  [
    "parents.purchases.item_of_pool",
    "a purchase took from another item's pool",
    ["update purchases set pool_id = :otherPool where purchase_id = :committed"],
  ],
  [
    "parents.purchases.merchant_of_item",
    "a merchant sold another one's item",
    ["update purchases set merchant_id = gen_random_uuid() where purchase_id = :committed"],
  ],
];

/** One row of ours is made to point elsewhere. */
const pointing = ({ child, column, where }: Link, target: string): string => `
  update ${child} set ${column} = ${target}
   where ctid = (select min(ctid) from ${child} child where tenant_id = :tenantId
                    and ${column} is not null and ${where ?? "true"})`;

describe("no row points", () => {
  it.each(links.map((link) => [`${link.child}.${link.column}`, link] as const))(
    "to nothing: %s",
    async (place, link) => {
      expect(await broken([pointing(link, "gen_random_uuid()")])).toContain(`parents.${place}`);
    },
  );

  const inside = links.filter(({ parent }) => parent !== "tenants");
  it.each(inside.map((link) => [`${link.child}.${link.column}`, link] as const))(
    "across tenants: %s",
    async (place, link) => {
      const theirs = `(select ${link.key} from ${link.parent}
                        where tenant_id = :neighbour limit 1)`;
      // Ours would take the number of a row of theirs.
      const room = `alter table ${link.child} drop constraint ${link.child}_pkey`;
      const numbered = ["item_prices", "stock_buckets", "mandate_buckets"].includes(link.child);
      const corruption = [...(numbered ? [room] : []), pointing(link, theirs)];
      expect(await broken(corruption)).toContain(`parents.${place}`);
    },
  );
});

describe("a pool is of one item, an item of one merchant", () => {
  it.each(corruptions)("%s: %s", async (clause, _, corruption) => {
    expect(await broken(corruption)).toContain(clause);
  });
});
