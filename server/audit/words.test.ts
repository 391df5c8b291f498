import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const words = readFileSync(`${root}admin-ui/src/screens/audit/words.ts`, "utf8");

/** What is written as `noun.${verb}` is not found by this; those verbs stand in the console's list as well. */
it("every action that is recorded has its words in the console", () => {
  const files = globSync("{server,worker}/**/*.ts", { cwd: root });
  const recorded = files
    .filter((file) => !/\.test\.ts$|\/testing\//.test(file))
    .flatMap((file) => [
      ...readFileSync(root + file, "utf8").matchAll(/action: "([a-z_.-]+\.[a-z_]+)"/g),
    ])
    .map(([, action = ""]) => action);
  expect(recorded.length).toBeGreaterThan(30);
  const nameless = [...new Set(recorded)].filter((action) => !words.includes(`"${action}":`));
  expect(nameless).toEqual([]);
});
