import { expect, it } from "vitest";
import { RateLimit } from "./limit.ts";

const take = (limit: RateLimit, times: number, nowMs: number): number =>
  Array.from({ length: times }, () => limit.take("a", nowMs)).filter((early) => early === 0).length;

it("admits a burst, then one for each interval, and tells how long to wait", () => {
  const limit = new RateLimit({ perSecond: 10, burst: 50 });
  expect(take(limit, 80, 1_000)).toBe(50);
  expect(limit.take("a", 1_000)).toBeCloseTo(100);
  expect(take(limit, 5, 1_100)).toBe(1);
  expect(take(limit, 80, 61_000)).toBe(50);
});

it("keeps subjects apart, and forgets those that owe nothing", () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1 });
  expect(limit.take("a", 0)).toBe(0);
  expect(limit.take("b", 0)).toBe(0);
  expect(limit.take("a", 500)).toBeCloseTo(500);
  for (let other = 0; other < 30_000; other++) expect(limit.take(`${other}`, 2_000)).toBe(0);
  expect(limit.take("29999", 2_000)).toBeCloseTo(1_000);
});
