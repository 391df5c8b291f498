import { expect, it } from "vitest";
import { decimalOf, digitsOf } from "./currency.ts";

it.each([
  [4999, "EUR", "49.99"],
  [-4999n, "EUR", "-49.99"],
  [5, "USD", "0.05"],
  [0, "USD", "0.00"],
  [-5, "USD", "-0.05"],
  [4800, "JPY", "4800"],
  [1, "KWD", "0.001"],
  [9_007_199_254_740_991n, "USD", "90071992547409.91"],
] as const)("%s of %s is %s", (minor, currency, text) => {
  expect(decimalOf(minor, currency)).toBe(text);
});

it("knows the digits of currencies and of nothing else", () => {
  expect(["USD", "JPY", "usd", "US", "$"].map(digitsOf)).toEqual([
    2,
    0,
    undefined,
    undefined,
    undefined,
  ]);
});
