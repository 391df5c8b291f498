import fc from "fast-check";
import { expect, it } from "vitest";
import { Bounds } from "./bounds.ts";

const moment = fc.integer({ min: 0, max: 20 });
const part = fc
  .tuple(fc.integer({ min: -5, max: 5 }), moment, moment)
  .map(([amount, a, b]) => ({ amount, from: Math.min(a, b), to: Math.max(a, b) }));

/** The same by looking at each moment. */
function plainly(parts: readonly { amount: number; from: number; to: number }[], at: number) {
  const sum = (when: (one: (typeof parts)[0]) => number): number =>
    parts.filter((one) => when(one) <= at).reduce((total, { amount }) => total + amount, 0);
  return {
    least: sum((one) => (one.amount < 0 ? one.from : one.to)),
    most: sum((one) => (one.amount < 0 ? one.to : one.from)),
  };
}

it("the bounds of a sum within a stretch are those of its moments", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), moment, moment, (parts, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const moments = Array.from({ length: to - from + 1 }, (_, n) => plainly(parts, from + n));
      const bounds = new Bounds(parts);
      expect(bounds.leastWithin(from, to)).toBe(Math.min(...moments.map(({ least }) => least)));
      expect(bounds.mostWithin(from, to)).toBe(Math.max(...moments.map(({ most }) => most)));
    }),
  );
});

it("a sum is below zero from the first moment at which it surely is", () => {
  const taken = { amount: -3, from: 2, to: 5 };
  const given = { amount: 2, from: 0, to: 1 };
  expect(new Bounds([given, taken]).negativeAt).toBe(5);
  expect(new Bounds([given, given, taken]).negativeAt).toBeUndefined();
});
