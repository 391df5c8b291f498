import { expect } from "vitest";
import type { Db } from "../db/open.ts";
import { enter } from "../kernel/ask.ts";
import { runBatch } from "../kernel/batch.ts";
import { kernelDefaults } from "../kernel/gather.ts";
import type { Ask } from "../kernel/types.ts";
import { about, type Shop } from "./factories.ts";

/**
 * A hold is extended, captured and refunded in one transaction. Ids are drawn at random: here the last
 * comes first.
 */
export async function settleInOneBatch(db: Db, shop: Shop, held: string): Promise<void> {
  const on = about(shop, held);
  const asks: Ask[] = [
    { kind: "extend", ...on, key: `${held} 1`, holdSeconds: 900 },
    { kind: "capture", ...on, key: `${held} 2` },
    { kind: "refund", ...on, key: `${held} 3`, amountMinor: 100n },
  ];
  const travellers = asks.map((ask, index) => {
    const id = `0198${9 - index}000-0000-7000-8000-${held.slice(-12)}`;
    return { entry: enter(ask, id), live: true };
  });
  const deadlineAt = performance.now() + 10_000;
  const { fates } = await runBatch(db, travellers, { ...kernelDefaults, luck: 0, deadlineAt });
  expect(fates.map(([, { kind }]) => kind)).toEqual(["granted", "granted", "granted"]);
}
