import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const words = readFileSync(`${root}admin-ui/src/screens/instance/Rounds.tsx`, "utf8");

it("every round has its words on the page Instance", () => {
  const files = globSync("worker/rounds/*.ts", { cwd: root });
  const names = files
    .filter((file) => !file.endsWith(".test.ts"))
    .flatMap((file) => [...readFileSync(root + file, "utf8").matchAll(/^ +name: "([a-z-]+)"/gm)])
    .map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(10);
  const wordless = names.filter((name) => !new RegExp(`^  "?${name}"?: "`, "m").test(words));
  expect(wordless).toEqual([]);
});
