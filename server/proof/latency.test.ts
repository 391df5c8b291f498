import { describe, expect, it } from "vitest";
import { Latency } from "./latency.ts";

function of(...times: number[]): Latency {
  const latency = new Latency();
  for (const ms of times) latency.record(ms);
  return latency;
}

describe("latency", () => {
  it("gives every quantile within 1.1 %, from microseconds to minutes", () => {
    for (const ms of [0.002, 0.4, 1, 17.3, 999, 60_000]) {
      const found = of(ms, ms, ms * 1000).quantile(0.5);
      expect(Math.abs(found / ms - 1)).toBeLessThan(0.0111);
    }
  });

  it("finds the slowest hundredth", () => {
    const latency = of(...Array.from({ length: 1000 }, (_, index) => (index < 985 ? 1 : 50)));
    expect(latency.quantile(0.98)).toBeCloseTo(1, 1);
    expect(latency.quantile(0.99) / 50).toBeCloseTo(1, 1);
    expect(latency.maxMs).toBe(50);
    expect(latency.count).toBe(1000);
  });

  it("has no time for nothing, and a place for no time and for far too much", () => {
    expect(of().quantile(0.5)).toBe(0);
    expect(of(0).quantile(0.5)).toBe(0);
    expect(of(-1, 0, 1e12).quantile(1)).toBeGreaterThan(1_000_000);
  });
});
