import { afterAll, afterEach, beforeAll, inject, it } from "vitest";
import { expectAccessible } from "./accessible.ts";
import { Stage } from "./harness.ts";
import { openShown, screens, settingsOfScreens } from "./screens.ts";

/**
 * Every state of every screen, one half of them in each of two files: they run beside each other. The
 * checks of each change take a share, other ones with other commits.
 */
export function axeLooksAtHalf(half: 0 | 1): void {
  const { oneIn, turn } = inject("axe");
  const taken = screens.filter(
    (_, place) => place % 2 === half && (Math.floor(place / 2) + turn) % oneIn === 0,
  );
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open(settingsOfScreens);
  });
  afterAll(() => stage.close());
  afterEach(() => stage.expectNoFaults());

  it.each(taken)(
    "axe finds nothing wrong with $name, in light and dark",
    async (shown) => {
      const page = await openShown(stage, shown, { width: 1280, height: 800 }, "light");
      await expectAccessible(page);
      await page.context().close();
      // Some wait for a run and its proof, which rests twenty times as long as it looks.
    },
    150_000,
  );
}
