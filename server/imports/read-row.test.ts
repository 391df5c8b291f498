import { describe, expect, it } from "vitest";
import { guessColumns } from "./fields.ts";
import { faultOfHeaders, planOf, type Mapping, type Plan } from "./plan.ts";
import { isBad, readRow } from "./read-row.ts";

const merchantId = "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11";
const headers = ["SKU", "Title", "Price", "Qty"];
const mapping: Mapping = {
  columns: { sku: "SKU", name: "Title", price: "Price", stock: "Qty" },
  fixed: { currency: "EUR", merchantId },
};

function planned(given: Mapping = mapping, kind: "items" | "mandates" = "items"): Plan {
  const plan = planOf(kind, headers, given);
  if ("faults" in plan) throw new Error(JSON.stringify(plan.faults));
  return plan;
}
const place = { row: 2, line: 2, fault: undefined, next: { row: 3, line: 3, byte: 9 } };
const rowOf = (cells: string[], plan = planned()) => readRow(plan, { ...place, cells });
const faultsOf = (cells: string[], plan = planned()): string[] => {
  const row = rowOf(cells, plan);
  return isBad(row) ? row.faults.map(({ column, detail }) => `${column}: ${detail}`) : [];
};

it("a row becomes the body that the route would take", () => {
  expect(rowOf([" A-1 ", "a lamp", "19.9", "7"])).toMatchObject({
    made: {
      body: { merchantId, sku: "A-1", name: "a lamp", currency: "EUR", priceMinor: 1990, stock: 7 },
    },
  });
});

describe("a bad row says which cell and why", () => {
  it.each([
    [["A", "n", "19.999", "1"], "Price: must be an amount"],
    [["A", "n", "1e3", "1"], "Price: must be an amount"],
    [["A", "n", "1,500", "1"], "Price: must be an amount"],
    [["A", "n", "1", "-1"], "Qty: must be at least 0"],
    [["A", "n", "1", "1.5"], "Qty: must be a whole number"],
    [["A", "n", "1", "99999999999999999"], "Qty: must be a whole number"],
    [["", "n", "1", "1"], "SKU: must not be empty"],
    [["A", "a\u202eb", "1", "1"], "Title: must hold no invisible characters"],
    [["A", "n", "1"], "null: has 3 cells where the header has 4"],
    [["A", "n", "1", "1", ""], "null: has 5 cells where the header has 4"],
    [["A", `zr_live_${"a".repeat(22)}_${"b".repeat(8)}`, "1", "1"], "Title: holds an API key"],
  ])("%j", (cells, says) => {
    expect(faultsOf(cells)[0]).toContain(says);
  });

  it("all of its cells at once", () => {
    expect(faultsOf(["", "", "x", "x"])).toHaveLength(4);
  });

  it("and a secret in it is not kept", () => {
    const row = rowOf(["A", `zr_live_${"a".repeat(22)}_${"b".repeat(8)}`, "1", "1"]);
    expect(JSON.stringify(row)).not.toContain("bbbb");
  });
});

it("amounts have the decimals of their currency", () => {
  const yen = planned({ ...mapping, fixed: { currency: "JPY", merchantId } });
  expect(rowOf(["A", "n", "1500", "1"], yen)).toMatchObject({
    made: { body: { priceMinor: 1500 } },
  });
  expect(faultsOf(["A", "n", "15.00", "1"], yen)).toHaveLength(1);
});

it("a comma is a decimal comma, unless it may part the thousands", () => {
  const priceOf = (price: string, currency: string): unknown => {
    const row = rowOf(
      ["A", "n", price, "1"],
      planned({ ...mapping, fixed: { currency, merchantId } }),
    );
    return "made" in row ? (row.made.body as { priceMinor: number }).priceMinor : "refused";
  };
  expect(priceOf("19,99", "EUR")).toBe(1999);
  expect(priceOf("19,9", "EUR")).toBe(1990);
  expect(priceOf("1,999", "EUR")).toBe("refused");
  expect(priceOf("1.234,50", "EUR")).toBe("refused");
  expect(priceOf("1,500", "JPY")).toBe("refused");
  expect(priceOf("1,500", "KWD")).toBe("refused");
  expect(priceOf("1.500", "KWD")).toBe(1500);
});

it("mandates have lists and times", () => {
  const columns = { name: "SKU", capMinor: "Qty", allowedMerchants: "Title", expiresAt: "Price" };
  const plan = planned({ columns, fixed: { currency: "EUR" } }, "mandates");
  expect(
    rowOf(["m", `${merchantId} ${merchantId}`, "2027-01-01T00:00:00Z", "5"], plan),
  ).toMatchObject({ made: { body: { capMinor: 5, allowedMerchants: [merchantId, merchantId] } } });
  expect(faultsOf(["m", "", "tomorrow", "5"], plan)).toHaveLength(1);
});

describe("a mapping", () => {
  const faultsOfPlan = (given: Mapping): string[] => {
    const plan = planOf("items", headers, given);
    return "faults" in plan ? plan.faults.map(({ field, detail }) => `${field} ${detail}`) : [];
  };
  it.each([
    [{ columns: {}, fixed: {} }, "sku is required"],
    [
      { ...mapping, columns: { ...mapping.columns, sku: "Sku" } },
      'the column "Sku", which the file',
    ],
    [{ ...mapping, fixed: { ...mapping.fixed, colour: "red" } }, "colour is no field"],
    [{ ...mapping, fixed: { ...mapping.fixed, sku: "x" } }, "sku has both"],
    [{ ...mapping, fixed: { ...mapping.fixed, priceMinor: "1" } }, "priceMinor is filled twice"],
  ])("%j is refused with what to do", (given, says) => {
    expect(faultsOfPlan(given as Mapping).join("\n")).toContain(says);
  });

  it("is guessed from headers as shops have them", () => {
    expect(guessColumns("items", ["Variant SKU", "Title", "Price", "Qty", "Colour"])).toEqual({
      sku: "Variant SKU",
      name: "Title",
      price: "Price",
      stock: "Qty",
    });
    expect(guessColumns("mandates", ["name", "cap_minor", "currency", "Agent"])).toEqual({
      name: "name",
      capMinor: "cap_minor",
      currency: "currency",
      agentId: "Agent",
    });
  });

  it.each([
    [["a", "b", " a "], 'Two columns are called "a"'],
    [["a", " "], "Column 2 of the header has no name"],
    [Array.from({ length: 101 }, (_, at) => `c${at}`), "101 columns"],
  ])("has no header such as %j", (names, says) => {
    expect(faultOfHeaders(names)).toContain(says);
  });
});
