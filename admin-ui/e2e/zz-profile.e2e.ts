import { afterAll, beforeAll, it } from "vitest";
import { writeFileSync } from "node:fs";
import type { RunView } from "../../server/runs/wire.ts";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
it("profiles", async () => {
  const page = await stage.signedInPage("/runs", { viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  const { id } = await stage.call<RunView>("POST", "/v1/runs", {
    agents: 1000000,
    units: 100,
    concurrency: 200,
  });
  await page.goto(`/runs/${id}`);
  await page.getByRole("progressbar", { name: "Attempts" }).waitFor({ timeout: 60_000 });
  await new Promise((r) => setTimeout(r, 3000));
  await session.send("Profiler.enable");
  await session.send("Profiler.setSamplingInterval", { interval: 500 });
  await session.send("Profiler.start");
  const browser = page.context().browser();
  await browser?.startTracing(page, {
    categories: ["toplevel", "devtools.timeline", "blink", "cc"],
  });
  await new Promise((r) => setTimeout(r, 12000));
  const trace = await browser?.stopTracing();
  writeFileSync("/tmp/trace.json", trace ?? "");
  const { profile } = await session.send("Profiler.stop");
  writeFileSync("/tmp/profile.json", JSON.stringify(profile));
  await stage.call("POST", `/v1/runs/${id}/stop`, {});
}, 180_000);
