import { expect, it } from "vitest";
import { Sample } from "./sample.ts";

it("keeps every failure and the first successes of a second, then one in a hundred for all", () => {
  const sample = new Sample();
  const weights = Array.from({ length: 1_020 }, () => sample.weigh("one", false, 5_000));
  expect(weights.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 1));
  expect(weights.filter((weight) => weight > 0)).toHaveLength(30);
  expect(weights.reduce((sum, weight) => sum + weight)).toBe(1_020);
  expect(sample.weigh("one", true, 5_000)).toBe(1);
  expect(sample.weigh("other", false, 5_500)).toBe(1);
  expect(sample.weigh("one", false, 6_000)).toBe(1);
});
