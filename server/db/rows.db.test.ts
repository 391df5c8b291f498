import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { Columns } from "./rows.ts";
import { prepared, sql } from "./sql.ts";
import { transact } from "./transact.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

interface Thing {
  readonly id: string;
  readonly name: string;
  readonly note: string | null;
  readonly count: number;
  readonly amount: bigint | null;
  readonly open: boolean;
  readonly hash: string;
  readonly atMs: number | null;
}

const columns = new Columns<Thing>({
  id: ["uuid", (r) => r.id],
  name: ["text", (r) => r.name],
  note: ["text?", (r) => r.note],
  count: ["integer", (r) => r.count],
  amount: ["bigint?", (r) => r.amount],
  open: ["boolean", (r) => r.open],
  hash: ["bytes", (r) => r.hash],
  at: ["time?", (r) => r.atMs],
});

const one: Thing = {
  id: "0192b1f0-0000-7000-8000-000000000001",
  name: 'it\'s a \\ name, with "quotes" and a {brace}',
  note: null,
  count: -3,
  amount: 9_223_372_036_854_775_807n,
  open: true,
  hash: "00ff",
  atMs: 1_763_720_000_123,
};
const other: Thing = {
  id: "0192b1f0-0000-7000-8000-000000000002",
  name: "other",
  note: "noted",
  count: 0,
  amount: null,
  open: false,
  hash: "",
  atMs: null,
};

/** Before, between and behind other parameters, under one prepared name. */
const read = async (rows: readonly Thing[]) =>
  transact(database.db, "rows", (tx) =>
    tx.tuples<unknown[]>(
      prepared("rows_test")`
        select ${7}::integer, id, name, note, count, amount, open, encode(hash, 'hex'), at, ${8}::integer
          from ${columns.of(rows)} as r order by id`,
    ),
  );

const asRead = ({ id, name, note, count, amount, open, hash, atMs }: Thing) => {
  const at = atMs === null ? null : new Date(atMs);
  return [7, id, name, note, count, amount, open, hash, at, 8];
};

it.each([
  ["one row", [one]],
  ["rows that differ in every column", [one, other]],
  ["rows that are the same but for their id", [one, { ...one, id: other.id }]],
  ["rows of which only some have a value", [{ ...one, note: "a" }, other, { ...other, note: "" }]],
])("%s arrive as they are", async (_, rows) => {
  const ids = rows.map((row, index) => ({ ...row, id: `${one.id.slice(0, -1)}${index}` }));
  const expected = ids.map((row) => asRead({ ...row, note: row.note === "" ? null : row.note }));
  expect(await read(ids)).toEqual(expected);
});

it("no rows are no rows", async () => {
  expect(await read([])).toEqual([]);
});

it("a column that is the same in all rows goes over once", () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({ ...one, count: index }));
  const { values } = sql`select from ${columns.of(rows)} as r`;
  const whole = values.filter((value) => typeof value === "string" && value.includes("\n"));
  expect(whole).toHaveLength(2);
});
