import { afterAll, afterEach, beforeAll, it } from "vitest";
import { Stage } from "./harness.ts";
import { expectSmooth, watchRun } from "./watch-run.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("1,000,000 agents are watched to their end: no long task, and the heap stays", async () => {
  expectSmooth(await watchRun(stage, { agents: 1_000_000, units: 100, seed: 2026 }));
});
