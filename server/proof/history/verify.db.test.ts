import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKernel, type Kernel } from "../../kernel/gather.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { faults } from "./faults.ts";
import type { Heard } from "./history.ts";
import { kernelTarget, type Target } from "./target.ts";
import { verifyAsMarkdown } from "./verify-report.ts";
import type { VerifyReport } from "./tally.ts";
import { verify, type VerifyOptions } from "./verify.ts";

let database: TestDatabase;
let kernel: Kernel;
beforeAll(async () => {
  database = await freshDatabase();
  kernel = openKernel(database.db);
});
afterAll(async () => {
  await kernel.close();
  await database.close();
});

/** As a guest: in worlds of its own, with what touches nobody else. */
function attack(
  through: (target: Target) => Target = (target) => target,
  otherwise: Partial<VerifyOptions> = {},
): Promise<VerifyReport> {
  return verify(database.db, (shelf) => through(kernelTarget([kernel], database.db, shelf)), {
    seed: 21,
    minutes: 5,
    worlds: 2,
    worldsMax: 3,
    faults: faults.filter(({ needsStage }) => needsStage !== true),
    operations: 80,
    clients: 8,
    signal: new AbortController().signal,
    ...otherwise,
  });
}

const countsOf = ({ checks }: VerifyReport) =>
  Object.fromEntries(checks.map(({ name, violations }) => [name, violations]));

describe("verify", () => {
  it("keeps every promise in one world after the other", async () => {
    const report = await attack();
    expect(report).toMatchObject({ ok: true, seed: 21, shown: [], witnessed: false });
    expect(report.attempts).toBeGreaterThan(report.operations);
    const text = verifyAsMarkdown(report);
    expect(text).toMatch(/^# Every promise was kept/);
    expect(text).toContain("No witness of each bucket");
  });

  it("does not say that what it could not look at holds", async () => {
    const leftOut = [{ name: "redis-full", needs: "a redis-server" }];
    const report = await attack(undefined, { faults: [], leftOut, worldsMax: 1 });
    expect(countsOf(report)).toMatchObject({ C1: 0, C7: 0, C8: undefined, C10: undefined });
    const text = verifyAsMarkdown(report);
    expect(text).toMatch(/^\| C8 \|.*\| not looked at \|$/m);
    expect(text).toContain("Left out: redis-full, which needs a redis-server.");
    expect(text).toContain("Against | the database of the settings, as a guest");
    expect(text).toContain("verify --here --minutes 5 --seed 21 --worlds 2 --operations 80");
  });

  it("judges what was sold until somebody stopped it, and says so", async () => {
    const stopping = new AbortController();
    let asked = 0;
    const report = await attack(
      (target) => ({
        ...target,
        ask(key, wanted) {
          if (++asked === 20) stopping.abort();
          return target.ask(key, wanted);
        },
      }),
      { signal: stopping.signal, faults: faults.filter(({ name }) => name === "server-kill") },
    );
    expect(report).toMatchObject({ ok: true, stopped: true, rounds: 2 });
    expect(report.operations).toBeLessThan(160);
    const text = verifyAsMarkdown(report);
    expect(text).toMatch(/^# Every promise was kept until it was stopped$/m);
  });

  it("has stopped when it was told so before it began", async () => {
    const report = await attack(undefined, { signal: AbortSignal.abort() });
    expect(report).toMatchObject({ stopped: true, operations: 0 });
  });

  it("tells what it had judged when it cannot go on, and why it could not", async () => {
    const report = await attack(undefined, { path: "/nowhere/at/all.jsonl" });
    expect(report).toMatchObject({
      ok: false,
      rounds: 0,
      failed: expect.stringContaining("The record is not whole: ENOENT"),
    });
    expect(countsOf(report)["C1"]).toBeUndefined();
    expect(verifyAsMarkdown(report)).toMatch(/^# The run did not come to its end$/m);
  });

  it("is not content with a server that lies, and shows the smallest part of the history", async () => {
    let grants = 0;
    const lie = (heard: Heard): Heard =>
      heard.what === "granted" && ++grants === 10 ? { ...heard, id: "nobody" } : heard;
    const report = await attack((target) => ({
      ...target,
      ask: async (key, asked) => lie(await target.ask(key, asked)),
    }));
    expect(report.ok).toBe(false);
    const [first] = report.shown;
    expect(first).toMatchObject({ check: "C1", seed: 21 });
    expect(first?.history).toHaveLength(1);
    expect(report.checks.find(({ name }) => name === "C1")?.violations).toBe(1);
    const text = verifyAsMarkdown(report);
    expect(text).toMatch(/^# A PROMISE WAS BROKEN/);
    expect(text).toContain("granted nobody");
  });
});
