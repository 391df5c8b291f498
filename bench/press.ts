import { randomUUID } from "node:crypto";
import { sumOf } from "../server/base/metrics.ts";
import { drive } from "../server/proof/drive.ts";
import type { Kernel, KernelSettings } from "../server/kernel/gather.ts";
import type { CommitAsk } from "../server/kernel/types.ts";
import { withKernel, type Shop, type Stage } from "./stage.ts";

export interface Rate {
  readonly asksPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly lostRaces: number;
}

export interface Pressing {
  readonly inFlight: number;
  readonly seconds: number;
  /** What every answer must be: a bench that measures the wrong thing should say so. */
  readonly expect?: "granted" | "declined";
  readonly settings?: Partial<KernelSettings>;
}

const warmUpMs = 1_000;

/** Asks as fast as answers come back, for a while; the first second does not count. */
export async function press(
  stage: Pick<Stage, "db">,
  next: () => CommitAsk,
  { inFlight, seconds, expect = "granted", settings = {} }: Pressing,
): Promise<Rate> {
  return withKernel(stage.db, settings, async (kernel: Kernel) => {
    const run = (ms: number) =>
      drive(kernel, next, { inFlight, deadlineAt: performance.now() + ms });
    await run(warmUpMs);
    const racesBefore = await sumOf(stage.db.metrics.lostRaces);
    const { asksPerSecond, counts, latency } = await run(seconds * 1_000);
    if (counts[expect] !== latency.count) {
      throw new Error(`the bench wants every ask ${expect}, not ${JSON.stringify(counts)}`);
    }
    return {
      asksPerSecond,
      p50Ms: latency.quantile(0.5),
      p99Ms: latency.quantile(0.99),
      lostRaces: (await sumOf(stage.db.metrics.lostRaces)) - racesBefore,
    };
  });
}

/** One unit, of an item and on a mandate drawn by chance; some are far more popular than others. */
export function zipfBuyer(shop: Shop): () => CommitAsk {
  return () => commitOf(shop, zipf(shop.itemIds), zipf(shop.mandateIds));
}

export function evenBuyer(shop: Shop): () => CommitAsk {
  return () => commitOf(shop, even(shop.itemIds), even(shop.mandateIds));
}

function commitOf(shop: Shop, itemId: string, mandateId: string): CommitAsk {
  const { tenantId, merchantId, priceMinor } = shop;
  return {
    kind: "commit",
    tenantId,
    merchantId,
    key: randomUUID(),
    mandateId,
    agentId: "agent",
    lines: [{ itemId, quantity: 1n }],
    amountMinor: priceMinor,
    currency: "USD",
  };
}

export function even<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

/** Rank r comes up about 1/r as often as the first. */
export function zipf<T>(list: readonly T[]): T {
  return list[Math.floor((list.length + 1) ** Math.random()) - 1] as T;
}
