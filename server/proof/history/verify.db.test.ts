import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKernel, type Kernel } from "../../kernel/gather.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { faults } from "./faults.ts";
import type { Heard } from "./history.ts";
import { kernelTarget, type Target } from "./target.ts";
import { verifyAsMarkdown } from "./verify-report.ts";
import { verify, type VerifyReport } from "./verify.ts";

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
function attack(through: (target: Target) => Target = (target) => target): Promise<VerifyReport> {
  return verify(database.db, (shelf) => through(kernelTarget([kernel], database.db, shelf)), {
    seed: 21,
    minutes: 5,
    worlds: 2,
    worldsMax: 3,
    faults: faults.filter(({ needsStage }) => needsStage !== true),
    operations: 80,
    clients: 8,
    signal: new AbortController().signal,
  });
}

describe("verify", () => {
  it("keeps every promise in one world after the other", async () => {
    const report = await attack();
    expect(report).toMatchObject({ ok: true, seed: 21, shown: [], witnessed: false });
    expect(report.attempts).toBeGreaterThan(report.operations);
    const text = verifyAsMarkdown(report);
    expect(text).toMatch(/^# Every promise was kept/);
    expect(text).toContain("No witness of each bucket");
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
    const text = verifyAsMarkdown(report);
    expect(text).toMatch(/^# A PROMISE WAS BROKEN/);
    expect(text).toContain("granted nobody");
  });
});
