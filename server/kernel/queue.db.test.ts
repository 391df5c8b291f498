import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kernelBehind } from "../testing/bad-network.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, makeShop, startKernel, tally } from "../testing/factories.ts";
import { look } from "../testing/look.ts";
import { openKernel, type Kernel } from "./gather.ts";
import type { Answer, Ask } from "./types.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

/** For promises that must not hang: which of them were still open when the limit came? */
async function within(
  limitMs: number,
  asked: readonly Promise<Answer>[],
): Promise<(Answer | "hangs")[]> {
  const timers: NodeJS.Timeout[] = [];
  const answers = await Promise.all(
    asked.map((one) => {
      const { promise, resolve } = Promise.withResolvers<"hangs">();
      timers.push(setTimeout(() => resolve("hangs"), limitMs));
      return Promise.race([one, promise]);
    }),
  );
  timers.forEach((timer) => clearTimeout(timer));
  return answers;
}

const kinds = (answers: readonly (Answer | "hangs")[]) =>
  answers.map((answer) => (answer === "hangs" ? answer : answer.kind));

describe("a full queue", () => {
  it("refuses at once, before the database is touched, and those inside are answered", async () => {
    const shop = await makeShop(database.db);
    const settings = { lanes: 1, queueMax: 10, connectTimeoutMs: 20_000 };
    const { kernel, network } = await kernelBehind(database.url, () => "pass", settings);
    network.blackHole(true);
    const inside = Array.from({ length: 11 }, () => kernel.ask(commitAsk(shop)));
    const refused = await Promise.all(
      Array.from({ length: 50 }, () => kernel.ask(commitAsk(shop))),
    );
    expect(tally(refused)).toEqual({ overloaded: 50 });
    network.blackHole(false);
    expect(tally(await Promise.all(inside))).toEqual({ granted: 11 });
    expect(await look(database.db, shop)).toMatchObject({ answers: 11 });
    await expectProven(database.db);
  });
});

describe("fairness", () => {
  it("answers one tenant's single ask before another's 5,000 are done", async () => {
    const { db } = database;
    const [crowd, guest] = [await makeShop(db, { item: { stock: 5_000n } }), await makeShop(db)];
    const kernel = startKernel(db, { lanes: 1, batchMax: 100 });
    let answered = 0;
    const many = Array.from({ length: 5_000 }, async () => {
      const answer = await kernel.ask(commitAsk(crowd));
      answered++;
      return answer;
    });
    expect((await kernel.ask(commitAsk(guest))).kind).toBe("granted");
    expect(answered).toBeLessThan(1_000);
    expect(tally(await Promise.all(many))).toEqual({ granted: 5_000 });
    expect(await look(db, crowd)).toMatchObject({ available: 0n, purchases: 5_000 });
    await expectProven(db);
  });
});

describe("every ask has an answer by its deadline", () => {
  const hurried = { lanes: 2, askDeadlineMs: 300, batchMax: 5 };
  const honest = (kind: string) => kind === "exhausted" || kind === "unknown";
  /** As an agent does: the same ask under the same key, until its fate is known. */
  const insist = async (kernel: Kernel, ask: Ask): Promise<Answer> => {
    for (let tries = 1; ; tries++) {
      const answer = await kernel.ask(ask);
      if (!honest(answer.kind) || tries === 50) return answer;
    }
  };

  it("when no connection ever opens", async () => {
    const shop = await makeShop(database.db);
    const settings = { ...hurried, connectTimeoutMs: 20_000 };
    const { kernel, network } = await kernelBehind(database.url, () => "pass", settings);
    network.blackHole(true);
    const asks = Array.from({ length: 40 }, () => commitAsk(shop));
    const answers = await within(
      5_000,
      asks.map((ask) => kernel.ask(ask)),
    );
    expect(kinds(answers).filter((kind) => !honest(kind))).toEqual([]);
    // Those that never left the queue know that nothing was recorded.
    expect(kinds(answers)).toContain("exhausted");
    network.blackHole(false);
    const again = await Promise.all(asks.map((ask) => insist(kernel, ask)));
    expect(tally(again)).toEqual({ granted: 40 });
    expect(await look(database.db, shop)).toMatchObject({ purchases: 40, answers: 40 });
    await expectProven(database.db);
  });

  it("by its own deadline, not by that of an ask that came later into the same batch", async () => {
    const shop = await makeShop(database.db);
    const settings = { lanes: 1, askDeadlineMs: 1_000, connectTimeoutMs: 20_000 };
    const { kernel, network } = await kernelBehind(database.url, () => "pass", settings);
    network.blackHole(true);
    const busy = kernel.ask(commitAsk(shop));
    await sleep(300);
    const early = kernel.ask(commitAsk(shop));
    await sleep(600);
    let lateIsOpen = true;
    const late = kernel.ask(commitAsk(shop)).finally(() => (lateIsOpen = false));
    await busy;
    await early;
    await sleep(50);
    expect(lateIsOpen).toBe(true);
    await late;
  });

  it("and is called harmless only when it is, also in a batch that goes on behind it", async () => {
    const shop = await makeShop(database.db);
    const settings = { lanes: 1, askDeadlineMs: 2_500, attemptTimeoutMs: 20_000 };
    // The first COMMIT keeps the lane busy; the second is done, and then nobody hears anything more.
    const { kernel, network } = await kernelBehind(
      database.url,
      (nth) => {
        if (nth === 1) setImmediate(() => network.blackHole(true));
        return { holdBackMs: nth === 0 ? 1_000 : 60_000 };
      },
      settings,
    );
    const busy = kernel.ask(commitAsk(shop));
    const ask = commitAsk(shop);
    const early = kernel.ask(ask);
    await sleep(700);
    const late = kernel.ask(commitAsk(shop));
    expect((await busy).kind).toBe("granted");
    const { kind } = await early;
    const again = await startKernel(database.db).ask(ask);
    expect(again).toMatchObject({ kind: "granted", replayed: kind === "unknown" });
    await late;
    await expectProven(database.db);
  });

  it("when the database falls silent in the middle", async () => {
    const shop = await makeShop(database.db);
    const settings = { ...hurried, attemptTimeoutMs: 20_000 };
    const { kernel, network } = await kernelBehind(database.url, () => "pass", settings);
    const first = Array.from({ length: 10 }, () => insist(kernel, commitAsk(shop)));
    expect(tally(await Promise.all(first))).toEqual({ granted: 10 });
    network.blackHole(true);
    const asks = Array.from({ length: 40 }, () => commitAsk(shop));
    const answers = await within(
      5_000,
      asks.map((ask) => kernel.ask(ask)),
    );
    expect(kinds(answers).filter((kind) => !honest(kind))).toEqual([]);
    network.blackHole(false);
    const again = await Promise.all(asks.map((ask) => insist(kernel, ask)));
    expect(tally(again)).toEqual({ granted: 40 });
    expect(await look(database.db, shop)).toMatchObject({ purchases: 50, answers: 50 });
    await expectProven(database.db);
  });
});

describe("close", () => {
  it("answers what is inside and takes no more", async () => {
    const { db } = database;
    const shop = await makeShop(db);
    const kernel = openKernel(db, { lanes: 1, batchMax: 10 });
    const inside = Array.from({ length: 50 }, () => kernel.ask(commitAsk(shop)));
    const closed = kernel.close();
    expect(await kernel.ask(commitAsk(shop))).toEqual({ kind: "overloaded" });
    await closed;
    expect(tally(await Promise.all(inside))).toEqual({ granted: 50 });
    expect(await look(db, shop)).toMatchObject({ purchases: 50, answers: 50 });
    await expectProven(db);
  });
});
