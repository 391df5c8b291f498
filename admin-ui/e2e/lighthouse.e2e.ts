import { afterAll, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";
import { fillForLighthouse, Judge, judged } from "./lighthouse.ts";

/** What is not timed of it holds on any machine; the rest: `npm run lighthouse`. */

let stage: Stage;
let judge: Judge;
beforeAll(async () => {
  stage = await Stage.open();
  await fillForLighthouse(stage);
  judge = await Judge.open(stage);
});
afterAll(async () => {
  await judge?.close();
  await stage?.close();
});

it.each(judged)("Lighthouse gives $name 100 for accessibility", async (screen) => {
  const { scores, faults } = await judge.judge(screen, "desktop", ["accessibility"]);
  expect(scores, faults.join("\n")).toEqual({ accessibility: 100 });
});
