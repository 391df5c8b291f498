import { expect, it } from "vitest";
import { percentile } from "./today.ts";

it.each([
  [0.5, 10],
  [0.9, 10],
  [0.95, 500],
  [0.99, 500],
  [1, 900],
])("within the share %d of what the rows stand for lies %d ms", (share, ms) => {
  const took = [
    { ms: 900, standsFor: 1 },
    { ms: 10, standsFor: 90 },
    { ms: 500, standsFor: 9 },
  ];
  expect(percentile(took, share)).toBe(ms);
});

it("one request is every percentile", () => {
  expect(percentile([{ ms: 7, standsFor: 1 }], 0.5)).toBe(7);
  expect(percentile([{ ms: 7, standsFor: 1 }], 0.99)).toBe(7);
});
