import { loadavg } from "node:os";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";
import { fillForLighthouse, Judge, judged, type Form, type Judged } from "./lighthouse.ts";

/** `npm run lighthouse`: what is timed needs a machine that does nothing else, so it is no part of the tests. */

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

const categories = ["performance", "accessibility", "best-practices"];

async function judgeAndTell(screen: Judged, form: Form) {
  const judgement = await judge.judge(screen, form, categories);
  const { scores, figures } = judgement;
  const [load = 0] = loadavg();
  const said = Object.entries(scores).map(([name, score]) => `${name} ${Math.round(score)}`);
  process.stdout.write(
    `${screen.name}, ${form}: ${said.join(", ")}; ${figures}; load ${load.toFixed(1)}\n`,
  );
  return judgement;
}

it.each(judged)("$name: performance 95, accessibility 100", async (screen) => {
  let best = await judgeAndTell(screen, "desktop");
  // What else the machine does can only make it worse: so the best of three.
  for (let turn = 1; turn < 3 && (best.scores.performance ?? 0) < 95; turn++) {
    const next = await judgeAndTell(screen, "desktop");
    if ((next.scores.performance ?? 0) > (best.scores.performance ?? 0)) best = next;
  }
  const { scores, faults } = best;
  expect(scores.accessibility, faults.join("\n")).toBe(100);
  expect(scores.performance, faults.join("\n")).toBeGreaterThanOrEqual(95);
});

it.each(judged)("$name on a slow phone: accessibility 100, the rest is told", async (screen) => {
  const { scores, faults } = await judgeAndTell(screen, "phone");
  expect(scores.accessibility, faults.join("\n")).toBe(100);
});
