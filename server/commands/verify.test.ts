import { expect, it } from "vitest";
import { engineIn, faultsIn } from "./verify.ts";

it("an installation of its own is of PostgreSQL unless it is said otherwise, and a guest's is what it is", () => {
  expect(engineIn({})).toBe("postgres");
  expect(engineIn({ engine: "dsql" })).toBe("dsql");
  expect(engineIn({ here: true })).toBeUndefined();
  expect(() => engineIn({ engine: "mysql" })).toThrow(
    '--engine must be postgres or dsql, not "mysql".',
  );
  expect(() => engineIn({ engine: "dsql", here: true })).toThrow(
    "--engine is for an installation of its own",
  );
});

it("each engine has the faults that can be done to it, and a wrong one is answered with where it belongs", () => {
  const names = (on: Parameters<typeof faultsIn>[1]): string[] =>
    faultsIn({}, on).map(({ name }) => name);
  expect(names("postgres")).toContain("backend-kill");
  expect(names("postgres")).not.toContain("occ-storm");
  expect(names("dsql")).toEqual(expect.arrayContaining(["occ-storm", "postgres-kill"]));
  expect(names("dsql")).not.toContain("commit-cut");
  expect(names(undefined)).toEqual(["same-key-storm"]);
  expect(faultsIn({ faults: "none" }, "dsql")).toEqual([]);
  expect(faultsIn({ faults: "occ-schema, redis-gone" }, "dsql")).toHaveLength(2);
  const wrong = (list: string, on: Parameters<typeof faultsIn>[1]) => () =>
    faultsIn({ faults: list }, on);
  expect(wrong("occ-storm", "postgres")).toThrow("The fault occ-storm is for --engine dsql:");
  expect(wrong("backend-kill", "dsql")).toThrow("is for --engine postgres: choose of same-key");
  expect(wrong("occ-storm", undefined)).toThrow("would touch others: leave --here out");
  expect(wrong("occ-strom", "dsql")).toThrow("did you mean occ-storm?");
});
