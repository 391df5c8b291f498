import { access, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mutants } from "./list.ts";
import { longer, placesOf } from "./mutant.ts";

const top = fileURLToPath(new URL("..", import.meta.url));

/** Whether each is caught is told by `npm run mutants`; this, that each still finds what it breaks. */
describe.each(mutants)("the mutant: $name", ({ changes, caughtBy: [file] }) => {
  it("follows the code", async () => {
    for (const { file: changed, find } of [longer, ...changes]) {
      const text = await readFile(top + changed, "utf8");
      expect(placesOf(text, find), `${changed}: ${find}`).toHaveLength(1);
    }
    await expect(access(top + file)).resolves.toBeUndefined();
  });
});
