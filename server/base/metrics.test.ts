import { expect, it } from "vitest";
import { makeMetrics } from "./metrics.ts";

it("describes every metric, and keeps the counts of two processes' worth apart", async () => {
  const [one, other] = [makeMetrics(), makeMetrics()];
  one.lostRaces.inc();
  one.transactFaults.inc({ name: "gather", fault: "lostRace" });
  for (const { name, help } of await one.registry.getMetricsAsJSON()) {
    expect(name).toMatch(/^(zerorace|http_server)_[a-z_]+$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
  expect(await one.registry.metrics()).toContain("zerorace_lost_races_total 1");
  expect(await other.registry.metrics()).toContain("zerorace_lost_races_total 0");
});
