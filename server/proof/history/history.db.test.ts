import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKernel } from "../../kernel/gather.ts";
import { kernelBehind } from "../../testing/bad-network.ts";
import { freshDatabase, type TestDatabase } from "../../testing/database.ts";
import { expectHolds } from "../../testing/expect-kept.ts";
import { cutting, type Policy } from "../unreliable.ts";
import type { History, Shelf } from "./history.ts";
import { loadDefaults } from "./play.ts";
import { playRound } from "./round.ts";
import { kernelTarget } from "./target.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const kindsOf = ({ attempts }: History): Set<string> =>
  new Set(attempts.map(({ asked }) => asked.kind));

describe("a history of all six asks and the commands between them", () => {
  const load = { ...loadDefaults, operations: 400, witness: true };

  it("through two kernels is kept as it was told", async () => {
    const kernels = [openKernel(database.db, { lanes: 3 }), openKernel(database.db, { lanes: 3 })];
    const target = (shelf: Shelf) => kernelTarget(kernels, database.db, shelf);
    const round = await playRound(database.db, target, { ...load, seed: 11 });
    for (const kernel of kernels) await kernel.close();
    expectHolds(round);
    expect(kindsOf(round.history).size).toBe(6);
    expect(round.history.attempts.length).toBeGreaterThan(400);
  });

  it("whose commits are cut, or come late, is kept as it was told", async () => {
    const cuts = cutting(20_261_121, 0.06, 0.06);
    const policy: Policy = (nth) => (nth % 15 === 7 ? { delayMs: 1_500 } : cuts(nth));
    const settings = { lanes: 3, batchMax: 8, askDeadlineMs: 5_000, attemptTimeoutMs: 1_000 };
    const { kernel, network } = await kernelBehind(database.url, policy, settings);
    const target = (shelf: Shelf) => kernelTarget([kernel], database.db, shelf);
    const round = await playRound(database.db, target, { ...load, operations: 250, seed: 13 });
    expectHolds(round);
    const { cutsBefore, cutsAfter, late } = network.counts;
    expect(Math.min(cutsBefore, cutsAfter, late)).toBeGreaterThan(0);
  });
});
