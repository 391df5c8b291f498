import { expect, it } from "vitest";
import { makeMetrics } from "./metrics.ts";

it("describes every metric, and keeps the counts of two processes' worth apart", async () => {
  const [one, other] = [makeMetrics(), makeMetrics()];
  one.lostRaces.inc({ sqlstate: "40001" });
  one.transactFaults.inc({ name: "gather", fault: "lostRace" });
  for (const { name, help } of await one.registry.getMetricsAsJSON()) {
    expect(name).toMatch(/^(zerorace|http_server)_[a-z_]+$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  }
  expect(await one.registry.metrics()).toContain(
    'zerorace_commit_retries_total{sqlstate="40001"} 1',
  );
  expect(await other.registry.metrics()).not.toContain("40001");
});
