import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Crowd, type AgentAsk, type CrowdOptions, type Shelf } from "./crowd.ts";

const shelf: Shelf = {
  tenantId: randomUUID(),
  merchantId: randomUUID(),
  itemId: randomUUID(),
  mandateIds: Array.from({ length: 50 }, () => randomUUID()),
  priceMinor: 100n,
  currency: "USD",
};
const normal: CrowdOptions = { seed: 1, agents: 5_000, duplicates: 0.2 };

function asksOf(options: Partial<CrowdOptions> = {}): AgentAsk[] {
  const crowd = new Crowd({ ...normal, ...options }, shelf);
  const asks: AgentAsk[] = [];
  for (let ask = crowd.next(); ask !== undefined; ask = crowd.next()) asks.push(ask);
  return asks;
}

describe("a crowd", () => {
  it("sends the same asks in the same order for the same seed, others for another", () => {
    expect(asksOf()).toEqual(asksOf());
    expect(asksOf({ seed: 2 })).not.toEqual(asksOf());
  });

  it("has every agent ask, each under a key of its own, and some a second time", () => {
    const asks = asksOf();
    const byKey = Map.groupBy(asks, ({ key }) => key);
    expect(byKey.size).toBe(5_000);
    const twice = [...byKey.values()].filter(({ length }) => length === 2);
    expect(asks.length).toBe(5_000 + twice.length);
    expect(twice.length / 5_000).toBeCloseTo(0.2, 1);
    for (const [first, second] of twice) expect(second).toEqual(first);
  });

  it("repeats some asks at once, some a little later, some at the very end", () => {
    const asks = asksOf();
    const firstAt = new Map<number, number>();
    const gaps: number[] = [];
    for (const [at, { agent }] of asks.entries()) {
      const before = firstAt.get(agent);
      if (before === undefined) firstAt.set(agent, at);
      else gaps.push(at - before);
    }
    expect(gaps.filter((gap) => gap === 1).length).toBeGreaterThan(gaps.length / 5);
    expect(gaps.filter((gap) => gap > 1 && gap < 100).length).toBeGreaterThan(gaps.length / 10);
    const afterAll = asks.slice((firstAt.get(4_999) ?? 0) + 1);
    expect(afterAll.length).toBeGreaterThan(gaps.length / 5);
  });

  it.each([0, 1])("can repeat a share of %s", (duplicates) => {
    expect(asksOf({ duplicates })).toHaveLength(5_000 * (1 + duplicates));
  });

  it("spreads the agents over all mandates", () => {
    const byMandate = Map.groupBy(asksOf({ duplicates: 0 }), ({ mandateId }) => mandateId);
    expect(byMandate.size).toBe(50);
    for (const { length } of byMandate.values()) {
      expect(length).toBeGreaterThan(50);
      expect(length).toBeLessThan(150);
    }
  });
});
