import { enter } from "../kernel/ask.ts";
import { keyOf } from "../kernel/decide.ts";
import {
  periodNames,
  type Facts,
  type ItemFact,
  type MandateBucket,
  type MandateFact,
  type Period,
  type PeriodName,
  type PoolFact,
  type PurchaseLine,
  type Room,
  type StoredAnswer,
} from "../kernel/facts.ts";
import type { Ask, AskCharge, Entry } from "../kernel/types.ts";

/** A whole number from min to max; the only source of chance here. */
export type Draw = (min: number, max: number) => number;

export const nowMs = 1_800_000_000_000;
const day = 86_400_000;

export const idOf = (kind: number, index: number): string =>
  `00000000-0000-4000-8000-${String(kind * 1_000 + index).padStart(12, "0")}`;
export const tenantId = idOf(1, 0);
export const merchantId = idOf(2, 0);

export interface Batch {
  readonly entries: readonly Entry[];
  readonly facts: Facts;
}

/** Few units and few cents in many buckets, wanted by every kind of ask: most of it is a close call. */
export function randomBatch(draw: Draw): Batch {
  const chance = (percent: number) => draw(0, 99) < percent;
  const times = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => make(i));
  const items = times(draw(1, 3), (index) => itemOf(draw, index));
  const pools = items.map((item) => poolOf(draw, item));
  const mandates = times(draw(1, 2), (index) => mandateOf(draw, index));
  const purchases = times(draw(0, 5), (index) => purchaseOf(draw, index, items, mandates));
  const entries = times(draw(1, 12), (index) =>
    enter(askOf(draw, index, items, mandates, purchases.length), idOf(7, index)),
  );
  const expired = purchases.flatMap(([first], index) => {
    const over = first?.state === "held" && (first.expiresAtMs ?? 0) <= nowMs;
    return over && chance(60) ? [{ purchaseId: first.purchaseId, txnId: idOf(8, index) }] : [];
  });
  const recalled = entries.flatMap(({ ask, fingerprint }, index): [string, StoredAnswer][] => {
    if (!chance(8)) return [];
    const stored = { askId: idOf(9, index), tenantId, granted: chance(50), text: "{}" };
    return [[keyOf(ask), { ...stored, fingerprint: chance(70) ? fingerprint : "other" }]];
  });
  const facts: Facts = {
    nowMs,
    merchants: new Map([[merchantId, tenantId]]),
    items: new Map(items.map((item) => [item.itemId, item])),
    pools: new Map(pools.map((pool) => [pool.poolId, pool])),
    mandates: new Map(mandates.map((mandate) => [mandate.mandateId, mandate])),
    purchases: new Map(purchases.map((lines) => [lines[0]?.purchaseId ?? "", lines])),
    expired,
    recentGrants: new Map(),
    blockedAgents: new Set(),
    recalled: new Map(recalled),
  };
  return { entries, facts };
}

function itemOf(draw: Draw, index: number): ItemFact {
  const ids = { itemId: idOf(3, index), tenantId, merchantId, poolId: idOf(4, index) };
  return { ...ids, currency: "USD", priceMinor: BigInt(draw(0, 3)), priceVersion: 1n };
}

function poolOf(draw: Draw, { poolId, itemId }: ItemFact): PoolFact {
  const buckets = draw(1, 5);
  const open = draw(0, 9) > 0;
  const lucky = draw(0, buckets - 1);
  const loaded = Array.from({ length: buckets }, (_, index) => ({
    bucket: (lucky + index) % buckets,
    available: BigInt(draw(0, 3)),
    open,
    priceVersion: 1n,
    version: BigInt(draw(0, 3)),
  }));
  return { poolId, tenantId, itemId, buckets, open, gate: null, loaded };
}

function mandateOf(draw: Draw, index: number): MandateFact {
  const buckets = draw(1, 4);
  const active = draw(0, 14) > 0;
  const periods: Partial<Record<PeriodName, Period>> = {};
  for (const name of periodNames) {
    if (draw(0, 2) > 0) continue;
    const startMs = nowMs - draw(0, 1) * day;
    periods[name] = { limitMinor: BigInt(draw(0, 14)), startMs, resetsAtMs: nowMs + day };
  }
  const loaded = Array.from({ length: buckets }, (_, bucket): MandateBucket => {
    const rooms: Partial<Record<PeriodName, Room>> = {};
    for (const name of periodNames) {
      const period = periods[name];
      const age = draw(0, 12);
      if (period === undefined || age < 3) continue;
      // Mostly the running period, often an older one, seldom a newer one.
      const startMs = period.startMs + (age < 5 ? -day : age === 12 ? day : 0);
      rooms[name] = { startMs, leftMinor: BigInt(draw(0, 4)) };
    }
    const versions = { rulesVersion: 1n, version: BigInt(draw(0, 3)) };
    return { bucket, remainingMinor: BigInt(draw(0, 8)), active, rooms, ...versions };
  });
  return {
    mandateId: idOf(5, index),
    tenantId,
    state: active ? "active" : "paused",
    currency: "USD",
    capMinor: 1_000n,
    purchaseMaxMinor: draw(0, 5) === 0 ? BigInt(draw(0, 10)) : null,
    periods,
    allowedMerchants: null,
    allowedItems: null,
    agentId: null,
    startsAtMs: null,
    expiresAtMs: null,
    duplicateWindowMs: draw(0, 5) === 0 ? 60_000 : null,
    rulesVersion: 1n,
    buckets,
    gate: null,
    loaded,
  };
}

function purchaseOf(
  draw: Draw,
  index: number,
  items: readonly ItemFact[],
  mandates: readonly MandateFact[],
): PurchaseLine[] {
  const state =
    (["held", "held", "settled", "settled", "released", "expired"] as const)[draw(0, 5)] ?? "held";
  const base = {
    purchaseId: idOf(6, index),
    tenantId,
    merchantId,
    mandateId: mandates[draw(0, mandates.length - 1)]?.mandateId ?? "",
    agentId: "agent",
    priceVersion: 1n,
    rulesVersion: BigInt(draw(0, 4) > 0),
    currency: "USD",
    state,
    expiresAtMs: state === "settled" ? null : nowMs + draw(-1, 1) * 1_000,
    version: BigInt(draw(1, 3)),
    createdAtMs: nowMs - draw(0, 2) * day,
  };
  const line = (number: number, item: ItemFact | undefined): PurchaseLine => {
    const quantity = item ? BigInt(draw(1, 4)) : 0n;
    const unitPriceMinor = item ? item.priceMinor : BigInt(draw(0, 2));
    const amountMinor = item ? unitPriceMinor * quantity : unitPriceMinor;
    const settledQuantity = state === "settled" ? quantity : 0n;
    const settledMinor = state === "settled" ? amountMinor : 0n;
    const goods = { itemId: item?.itemId ?? null, poolId: item?.poolId ?? null };
    return {
      ...base,
      ...goods,
      line: number,
      charge: item ? null : "shipping",
      quantity,
      unitPriceMinor,
      amountMinor,
      settledQuantity,
      settledMinor,
      returnedQuantity: BigInt(draw(0, Number(settledQuantity))),
      refundedMinor: BigInt(draw(0, Number(settledMinor))),
    };
  };
  const goods = Array.from({ length: draw(1, 2) }, (_, at) =>
    line(at, items[draw(0, items.length - 1)]),
  );
  return draw(0, 3) === 0 ? [...goods, line(goods.length, undefined)] : goods;
}

function askOf(
  draw: Draw,
  index: number,
  items: readonly ItemFact[],
  mandates: readonly MandateFact[],
  purchases: number,
): Ask {
  const base = { tenantId, merchantId, key: `key-${index}` };
  if (purchases > 0 && draw(0, 9) < 4) {
    const subject = { ...base, purchaseId: idOf(6, draw(0, purchases)) };
    switch (draw(0, 4)) {
      case 0:
        return { kind: "capture", ...subject };
      case 1:
        return { kind: "capture", ...subject, quantity: BigInt(draw(1, 4)) };
      case 2:
        return { kind: "extend", ...subject, holdSeconds: draw(1, 10) };
      case 3:
        return { kind: "release", ...subject };
      default: {
        const amounts = { amountMinor: BigInt(draw(0, 6)), returnQuantity: BigInt(draw(0, 3)) };
        return { kind: "refund", ...subject, ...amounts, line: draw(0, 2) };
      }
    }
  }
  const lines = Array.from({ length: draw(1, 3) }, () => ({
    itemId: items[draw(0, items.length - 1)]?.itemId ?? "",
    quantity: BigInt(draw(1, 4)),
  }));
  const charges: AskCharge[] =
    draw(0, 3) > 0 ? [] : [{ name: "shipping", amountMinor: BigInt(draw(-2, 2)) }];
  const price = (itemId: string) => items.find((item) => item.itemId === itemId)?.priceMinor ?? 0n;
  const goodsMinor = lines.reduce(
    (total, { itemId, quantity }) => total + price(itemId) * quantity,
    0n,
  );
  const rightMinor = charges.reduce((total, { amountMinor }) => total + amountMinor, goodsMinor);
  const amountMinor = rightMinor < 0n || draw(0, 19) === 0 ? 7n : rightMinor;
  const buying = {
    ...base,
    mandateId: mandates[draw(0, mandates.length - 1)]?.mandateId ?? "",
    agentId: `agent-${draw(0, 1)}`,
    lines,
    charges,
    amountMinor,
    currency: "USD",
    again: draw(0, 3) === 0,
  };
  return draw(0, 1) === 0
    ? { kind: "commit", ...buying }
    : { kind: "hold", ...buying, holdSeconds: 60 };
}
