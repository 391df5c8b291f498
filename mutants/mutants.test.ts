import { access, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { crashPoints } from "../server/base/crash-points.ts";
import { checks } from "../server/proof/history/check.ts";
import { faults } from "../server/proof/history/faults.ts";
import { harmless } from "./harmless.ts";
import { mutants } from "./list.ts";
import { longer, placesOf, theCommand } from "./mutant.ts";
import { mutantsReference } from "./reference.ts";

const top = fileURLToPath(new URL("..", import.meta.url));

/** Whether each is caught is told by `npm run mutants`; this, that each still finds what it breaks. */
describe.each(mutants)("the mutant: $name", ({ changes, caughtBy: [file] }) => {
  it("follows the code", async () => {
    for (const { file: changed, find } of [longer, ...changes]) {
      const text = await readFile(top + changed, "utf8");
      expect(placesOf(text, find), `${changed}: ${find}`).toHaveLength(1);
    }
    if (file !== theCommand) await expect(access(top + file)).resolves.toBeUndefined();
  });
});

describe("the mutants", () => {
  const names = mutants.map(({ name }) => name);
  const broken = new Set(mutants.flatMap(({ breaks = [] }) => breaks));
  const known = [...faults.map(({ name }) => name), ...Object.keys(crashPoints)];
  const under = new Set(mutants.flatMap((mutant) => mutant.under ?? []));

  it("have each a name of its own", () => {
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it("break every promise that a history is held to", () => {
    expect([...broken].toSorted()).toEqual(checks.map(([check]) => check).toSorted());
  });

  it("show under every fault of `zerorace verify`, and at every crash point that matters", () => {
    expect([...under, ...Object.keys(harmless)].toSorted()).toEqual(known.toSorted());
  });

  it("are what the repository shows (else: npm run generate)", async () => {
    expect(await readFile(`${top}docs/reference/mutants.md`, "utf8")).toBe(mutantsReference());
  });
});
