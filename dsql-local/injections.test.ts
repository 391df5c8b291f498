import { describe, expect, it } from "vitest";
import { Injections } from "./injections.ts";
import { Transaction } from "./transaction.ts";

function transaction(table = "orders", label = ""): Transaction {
  const made = new Transaction(false, { changes: 0, builds: 0 }, 0);
  made.tables.add(table);
  made.label = label;
  return made;
}

function fates(spec: string, commits: readonly Transaction[], application = ""): string {
  const injections = new Injections();
  injections.add(spec);
  return commits.map((one) => (injections.next(one, application) ? "x" : ".")).join("");
}

const many = (count: number): Transaction[] => Array.from({ length: count }, () => transaction());

describe("an injection", () => {
  it("strikes the n-th COMMIT, once", () => {
    expect(fates("fault=OC000 nth=3", many(6))).toBe("..x...");
  });

  it("strikes every COMMIT, or so many", () => {
    expect(fates("fault=OC000", many(4))).toBe("xxxx");
    expect(fates("fault=OC000 times=2", many(4))).toBe("xx..");
  });

  it("counts the COMMITs that wrote a table", () => {
    const commits = ["orders", "stock", "orders", "stock"].map((name) => transaction(name));
    expect(fates("fault=OC000 table=stock nth=2", commits)).toBe("...x");
  });

  it("knows a transaction by its label or its application_name", () => {
    const commits = [transaction("orders", "a"), transaction("orders", "b")];
    expect(fates("fault=OC000 label=b", commits)).toBe(".x");
    expect(fates("fault=OC000 label=kernel", commits, "kernel")).toBe("xx");
  });

  it("draws a share of them, the same ones for the same seed", () => {
    const drawn = fates("fault=OC000 probability=0.2 seed=7", many(1_000));
    expect(drawn).toBe(fates("fault=OC000 probability=0.2 seed=7", many(1_000)));
    expect(drawn).not.toBe(fates("fault=OC000 probability=0.2 seed=8", many(1_000)));
    expect(drawn.replaceAll(".", "").length).toBeGreaterThan(150);
    expect(drawn.replaceAll(".", "").length).toBeLessThan(250);
  });

  it("says what it did, and ends when it is cleared", () => {
    const injections = new Injections();
    injections.add("fault=cut-after nth=1");
    expect(injections.next(transaction(), "")).toBe("cut-after");
    expect(injections.status()).toBe("fault=cut-after nth=1: 1 of 1 commits");
    injections.clear();
    expect(injections.any).toBe(false);
  });

  it.each(["", "fault=never", "nth=1", "fault=OC000 nth=0", "fault=OC000 probability=2", "x=1"])(
    "that makes no sense is refused: %s",
    (spec) => {
      expect(() => new Injections().add(spec)).toThrow(/=|one of/);
    },
  );
});
