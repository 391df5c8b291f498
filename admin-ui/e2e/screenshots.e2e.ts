import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, it } from "vitest";
import { Stage } from "./harness.ts";
import { openShown, screens, settingsOfScreens } from "./screens.ts";

const dir = fileURLToPath(new URL("../screenshots/", import.meta.url));
const sizes = [
  ["wide", { width: 1440, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const;

let stage: Stage;
beforeAll(async () => {
  await mkdir(dir, { recursive: true });
  stage = await Stage.open(settingsOfScreens);
});
afterAll(() => stage.close());

it.each(screens)("photographs $name", async (shown) => {
  for (const [size, viewport] of sizes) {
    for (const theme of ["light", "dark"] as const) {
      const page = await openShown(stage, shown, viewport, theme);
      await page.screenshot({ path: `${dir}${shown.name}-${size}-${theme}.png` });
      await page.context().close();
    }
  }
  await stage.expectNoFaults();
});
