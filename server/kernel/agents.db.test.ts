import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Db } from "../db/open.ts";
import { freshDatabase, openTest, type TestDatabase } from "../testing/database.ts";
import { expectProven } from "../testing/expect-proven.ts";
import { commitAsk, granted, holdAsk, makeShop, startKernel, told } from "../testing/factories.ts";
import type { Shop } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { unreliable } from "../proof/unreliable.ts";
import { blockAgent, unblockAgent } from "./agent-commands.ts";
import type { Beside, CommandResult } from "./gate.ts";
import type { Kernel } from "./gather.ts";

let test: TestDatabase;
let slow: Db;

beforeAll(async () => {
  test = await freshDatabase();
  // The time in which transactions can collide.
  const proxy = await unreliable(test.url, () => ({ delayMs: 15 }));
  slow = openTest(proxy.url, { name: "slow" });
  return async () => {
    await slow.close();
    await proxy.close();
  };
});
afterAll(() => test.close());

const plain: Beside = { write: async () => undefined };
const once = (command: (beside: Beside) => Promise<CommandResult>): Promise<CommandResult> =>
  command(plain);

const block = ({ tenantId }: Shop, agentId = "agent"): Promise<CommandResult> =>
  blockAgent(test.db, { tenantId, agentId, by: "person:ann" }, once);

async function boughtBy({ tenantId }: Shop, agentId: string): Promise<number> {
  const text = `select purchase_id from purchases where tenant_id = $1 and agent_id = $2`;
  return (await query(test.db, text, [tenantId, agentId])).length;
}

/** Agents that buy without a pause, one of them the one that is blocked. */
function sellers(kernel: Kernel, shop: Shop) {
  let isSelling = true;
  const asked = { agent: 0, other: 0 };
  const ask = async (agentId: "agent" | "other"): Promise<void> => {
    while (isSelling) {
      await kernel.ask(commitAsk(shop, { agentId }));
      asked[agentId]++;
    }
  };
  const all = Array.from({ length: 32 }, (_, at) => ask(at % 2 === 0 ? "agent" : "other"));
  const stop = async (): Promise<void> => {
    isSelling = false;
    await Promise.all(all);
  };
  return { asked, stop };
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error("the condition never came");
    await sleep(2);
  }
}

it.each([1, 20])(
  "once a block is acknowledged its agent buys nothing more, others go on: %i buckets",
  async (buckets) => {
    for (let round = 0; round < 3; round++) {
      const mandate = { capMinor: 10_000_000_000n, buckets };
      const shop = await makeShop(test.db, { item: { stock: 10_000_000n, buckets: 64 }, mandate });
      // Two processes: the block is made in a third.
      const kernels = [startKernel(slow, { lanes: 4 }), startKernel(slow, { lanes: 4 })];
      const crowds = kernels.map((kernel) => sellers(kernel, shop));
      const asked = (who: "agent" | "other"): number =>
        crowds.reduce((sum, crowd) => sum + crowd.asked[who], 0);
      await until(() => asked("agent") > 50);
      expect(await block(shop)).toMatchObject({ kind: "done" });
      const atAck = await boughtBy(shop, "agent");
      const others = await boughtBy(shop, "other");
      const before = asked("agent");
      await until(() => asked("agent") > before + 100);
      await Promise.all(crowds.map((crowd) => crowd.stop()));
      expect(await boughtBy(shop, "agent")).toBe(atAck);
      expect(await boughtBy(shop, "other")).toBeGreaterThan(others);
    }
    await expectProven(test.db);
  },
  120_000,
);

it("a blocked agent is told so, holds nothing, and may still capture what it held", async () => {
  const shop = await makeShop(test.db);
  const kernel = startKernel(test.db);
  const held = await granted(kernel.ask(holdAsk(shop)));
  await block(shop);
  const no = { failureCode: "MANDATE_REJECTED", reason: "AGENT_BLOCKED" };
  expect(told(await kernel.ask(commitAsk(shop)))).toMatchObject(no);
  expect(told(await kernel.ask(holdAsk(shop)))).toMatchObject(no);
  await granted(kernel.ask(commitAsk(shop, { agentId: "another" })));
  const { tenantId, merchantId } = shop;
  const capture = { kind: "capture", tenantId, merchantId, key: "c", purchaseId: held } as const;
  await granted(kernel.ask(capture));
});

it("a block holds within its tenant only, and until it is taken back", async () => {
  const [shop, other] = [await makeShop(test.db), await makeShop(test.db)];
  const kernel = startKernel(test.db);
  await block(shop);
  await granted(kernel.ask(commitAsk(other)));
  const declined = commitAsk(shop);
  expect(told(await kernel.ask(declined))).toMatchObject({ reason: "AGENT_BLOCKED" });
  const { tenantId } = shop;
  const unblocked = await unblockAgent(test.db, { tenantId, agentId: "agent" }, plain);
  expect(unblocked).toMatchObject({ before: { blocked: true }, after: { blocked: false } });
  await granted(kernel.ask(commitAsk(shop)));
  // What was answered stays answered.
  expect(told(await kernel.ask(declined))).toMatchObject({ reason: "AGENT_BLOCKED" });
});

it("a block made twice, and a name that nobody ever heard of, are no faults", async () => {
  const shop = await makeShop(test.db);
  const odd = `"'\\ %_ \u{1F6D2} <b>`;
  expect(await block(shop, odd)).toMatchObject({ before: { blocked: false } });
  expect(await block(shop, odd)).toMatchObject({ before: { blocked: true } });
  const kernel = startKernel(test.db);
  const asked = commitAsk(shop, { agentId: odd });
  expect(told(await kernel.ask(asked))).toMatchObject({ reason: "AGENT_BLOCKED" });
});
