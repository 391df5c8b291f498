import fc from "fast-check";
import { expect, it } from "vitest";
import { LatencyStrip } from "./latency-strip.ts";

it("has a column for each quarter of a second, a row for each doubling, and the quantiles of each", () => {
  const strip = new LatencyStrip();
  for (let n = 0; n < 99; n++) strip.record(10, 3);
  strip.record(20, 100);
  strip.record(600, 0.1);
  const { columnMs, columns, p50Ms, p99Ms } = strip.view();
  expect(columnMs).toBe(250);
  expect(columns).toEqual(["00090000100000", "00000000000000", "90000000000000"]);
  expect(p50Ms.map(Math.round)).toEqual([3, 0, 0]);
  expect(Math.abs((p99Ms[0] ?? 0) / 3 - 1)).toBeLessThan(0.06);
});

it("never has more than sixty columns, and loses nothing when two become one", () => {
  const times = fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1 });
  const property = fc.property(times, (all) => {
    const strip = new LatencyStrip();
    for (const afterMs of all) strip.record(afterMs, 8);
    const { columnMs, columns, p50Ms } = strip.view();
    expect(columns.length).toBeLessThanOrEqual(60);
    const wanted = new Set(all.map((afterMs) => Math.floor(afterMs / columnMs)));
    const found = columns.flatMap((column, at) => (column === "00000000000000" ? [] : [at]));
    expect(new Set(found)).toEqual(wanted);
    for (const at of wanted) expect(Math.abs((p50Ms[at] ?? 0) / 8 - 1)).toBeLessThan(0.06);
  });
  fc.assert(property);
});

it("has a place for no time and for far too much", () => {
  const strip = new LatencyStrip();
  strip.record(-1, 0);
  strip.record(0, 1e9);
  expect(strip.view().columns).toEqual([`7${"0".repeat(12)}7`]);
});
