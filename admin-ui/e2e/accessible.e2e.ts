import { afterAll, afterEach, beforeAll, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { Stage } from "./harness.ts";
import { openShown, screens } from "./screens.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({
    ZERORACE_SIGN_UP: "open",
    ZERORACE_WEBHOOK_TARGETS: "any",
    ZERORACE_RUN_FAULTS: "1",
  });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it.each(screens)("axe finds nothing wrong with $name, in light and dark", async (shown) => {
  const page = await openShown(stage, shown, { width: 1280, height: 800 }, "light");
  await expectAccessible(page);
});
