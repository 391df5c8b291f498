import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  migrationCrashes,
  restoreCrashes,
  serverCrashes,
  workerCrashes,
} from "../testing/crash-plan.ts";
import { readConfig } from "./config.ts";
import { crashPoint, crashPoints } from "./crash-points.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));

/** What runs in the product: no tests, and nothing that only tests use. */
const sources = ["server", "worker"].flatMap((house) =>
  readdirSync(`${top}${house}`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .filter((path) => !path.startsWith("testing/"))
    .map((path) => ({
      path: `${house}/${path}`,
      text: readFileSync(`${top}${house}/${path}`, "utf8"),
    })),
);

const names = Object.keys(crashPoints);

/** Transactions whose COMMIT needs no crash point, and why. */
const exempt: Readonly<Record<string, string>> = {
  "server/db/dump.ts": "it only reads",
};

describe("crash points", () => {
  it("stand each at one place of the code, and the code has no others", () => {
    const used = sources.flatMap(({ text }) =>
      [...text.matchAll(/\bcrashPoint\("([^"]+)"/g)].map(([, name = ""]) => name),
    );
    expect(used.toSorted()).toEqual(names.toSorted());
  });

  it("stand before and after every COMMIT that is sent", () => {
    const commits = sources.filter(({ text }) => /query\(\s*(good \? )?"commit"/.test(text));
    expect(commits.map(({ path }) => path).toSorted()).toEqual(
      [
        "server/db/load.ts",
        "server/db/migrate-postgres.ts",
        "server/db/transact.ts",
        ...Object.keys(exempt),
      ].toSorted(),
    );
    for (const { path, text } of commits) {
      if (path in exempt) continue;
      expect(text, path).toMatch(
        /crashPoint\("\w+\.before".*\);\s.*query\((?:good \? )?"commit"[^]{0,200}?crashPoint\("\w+\.after"/,
      );
    }
  });

  it("are each passed by a test that dies there", () => {
    const all = [...serverCrashes, ...workerCrashes, ...migrationCrashes, ...restoreCrashes];
    const passed = new Set(all.map(({ at }) => at.replace(/[@#].*/, "")));
    expect([...passed].toSorted()).toEqual(names.toSorted());
  });

  it("do nothing unless one is armed", () => {
    for (const name of names) crashPoint(name as keyof typeof crashPoints, "batch");
  });
});

describe("the setting of a crash point", () => {
  const complaintOf = (text: string): string => {
    try {
      readConfig({ ZERORACE_CRASH_AT: text });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };

  it.each(["relay.read", "relay.read#3", "commit.after@batch", "commit.after@batch#120"])(
    "may be %s",
    (text) => expect(complaintOf(text)).toBe(""),
  );
  it.each([
    "relay",
    "relay.read#0",
    "relay.read#",
    "commit.after@",
    "commit.after@Batch",
    "toString",
  ])("may not be %s", (text) =>
    expect(complaintOf(text)).toContain("must be a crash point, like commit.after@batch"),
  );
  it("is told what it was meant to be", () => {
    expect(complaintOf("relay.raed")).toContain("did you mean relay.read?");
  });
});
