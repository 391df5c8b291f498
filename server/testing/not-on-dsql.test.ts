import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { filesLeftOut, testsLeftOut, withoutFaults } from "./not-on-dsql.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));
const isThere = ["server", "worker"].flatMap((house) =>
  readdirSync(`${top}${house}`, { recursive: true, encoding: "utf8" }).map(
    (path) => `${house}/${path.replaceAll("\\", "/")}`,
  ),
);

describe("what a run through dsql-local leaves out", () => {
  it.each(Object.entries({ ...filesLeftOut, ...withoutFaults }))(
    "%s is there, and for a reason",
    (file, reason) => {
      expect(isThere).toContain(file);
      expect(reason.length).toBeGreaterThan(20);
    },
  );

  it.each(testsLeftOut)("$test is there, and for a reason", ({ file, test, reason }) => {
    expect(readFileSync(`${top}${file}`, "utf8")).toContain(`it("${test}"`);
    expect(reason.length).toBeGreaterThan(20);
  });

  it("is named once, as a whole or in part, and is the lesser part", () => {
    const parts = [...testsLeftOut.map(({ file }) => file), ...Object.keys(withoutFaults)];
    expect(parts.filter((file) => file in filesLeftOut)).toEqual([]);
    const files = isThere.filter((file) => file.endsWith(".db.test.ts"));
    expect(Object.keys(filesLeftOut).length).toBeLessThan(files.length / 3);
  });
});
