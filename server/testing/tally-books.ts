import { assert } from "../base/assert.ts";
import {
  periodNames,
  type Facts,
  type MandateFact,
  type PeriodName,
  type PurchaseLine,
} from "../kernel/facts.ts";
import type { Plan } from "../kernel/plan.ts";
import type { Ask, BuyingAsk } from "../kernel/types.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Purse {
  remaining: bigint;
  readonly fact: MandateFact;
  readonly rooms: Map<PeriodName, { left: bigint; readonly startMs: number }>;
}

/**
 * What the books must come to, kept as sums and without a single bucket: units by pool, money and
 * room by mandate. It is told what was granted; what the plan writes must come to the same.
 */
export class TallyBooks {
  readonly units = new Map<string, bigint>();
  readonly purses = new Map<string, Purse>();
  readonly #facts: Facts;
  readonly #purchases = new Map<string, Mutable<PurchaseLine>[]>();

  constructor(facts: Facts) {
    this.#facts = facts;
    for (const { poolId, loaded } of facts.pools.values()) {
      this.units.set(
        poolId,
        sumOf(loaded, ({ available }) => available),
      );
    }
    for (const fact of facts.mandates.values()) this.purses.set(fact.mandateId, purseOf(fact));
    for (const [id, lines] of facts.purchases)
      this.#purchases.set(
        id,
        lines.map((line) => ({ ...line })),
      );
    for (const { purchaseId } of facts.expired) {
      const lines = this.#linesOf(purchaseId);
      if (lines[0]?.state === "held") this.#settle(lines, "expired", () => 0n);
    }
  }

  wants({ lines }: BuyingAsk): Map<string, bigint> {
    const wanted = new Map<string, bigint>();
    for (const { itemId, quantity } of lines) {
      const { poolId = "" } = this.#facts.items.get(itemId) ?? {};
      wanted.set(poolId, (wanted.get(poolId) ?? 0n) + quantity);
    }
    return wanted;
  }

  purse(mandateId: string): Purse {
    const purse = this.purses.get(mandateId);
    assert(purse !== undefined, "every mandate has a purse");
    return purse;
  }

  /** The first thing that cannot fill this ask, in the order in which declines are given. */
  shortOf(ask: BuyingAsk): string | undefined {
    for (const [poolId, wanted] of this.wants(ask)) {
      if ((this.units.get(poolId) ?? 0n) < wanted) return "SOLD_OUT";
    }
    const { rooms, remaining } = this.purse(ask.mandateId);
    for (const [name, { left }] of rooms) if (left < ask.amountMinor) return `PERIOD ${name}`;
    return remaining < ask.amountMinor ? "CAP" : undefined;
  }

  grant(ask: Ask): void {
    if ("mandateId" in ask) {
      for (const [poolId, wanted] of this.wants(ask)) this.#move(poolId, -wanted);
      const purse = this.purse(ask.mandateId);
      purse.remaining -= ask.amountMinor;
      for (const room of purse.rooms.values()) room.left -= ask.amountMinor;
      return;
    }
    const lines = this.#linesOf(ask.purchaseId);
    const inTime = this.#facts.nowMs < (lines[0]?.expiresAtMs ?? Infinity);
    assert(inTime || ask.kind === "release" || ask.kind === "refund", "a hold ends at its time");
    switch (ask.kind) {
      case "release":
        this.#settle(lines, "released", () => 0n);
        return;
      case "capture":
        this.#settle(lines, "settled", (line) => ask.quantity ?? line.quantity);
        return;
      case "refund": {
        const line = lines.find(({ line: number }) => number === (ask.line ?? 0));
        assert(line !== undefined, "a refund names a line");
        line.refundedMinor += ask.amountMinor;
        line.returnedQuantity += ask.returnQuantity ?? 0n;
        if (line.poolId !== null) this.#move(line.poolId, ask.returnQuantity ?? 0n);
        this.#giveBack(line, ask.amountMinor);
        assert(line.refundedMinor <= line.settledMinor, "no line gives back more than it took");
        assert(line.returnedQuantity <= line.settledQuantity, "no more returns than was sold");
        return;
      }
      case "extend":
        assert(lines[0]?.state === "held", "only a hold can be extended");
    }
  }

  #linesOf(purchaseId: string): Mutable<PurchaseLine>[] {
    return this.#purchases.get(purchaseId) ?? [];
  }

  #settle(
    lines: readonly Mutable<PurchaseLine>[],
    state: PurchaseLine["state"],
    settled: (line: PurchaseLine) => bigint,
  ): void {
    for (const line of lines) {
      assert(line.state === "held", "a hold ends once");
      line.state = state;
      const whole = line.poolId === null && state === "settled";
      line.settledQuantity = line.poolId === null ? 0n : settled(line);
      line.settledMinor = whole ? line.amountMinor : line.unitPriceMinor * line.settledQuantity;
      if (line.poolId !== null) this.#move(line.poolId, line.quantity - line.settledQuantity);
      this.#giveBack(line, line.amountMinor - line.settledMinor);
    }
  }

  #move(poolId: string, units: bigint): void {
    this.units.set(poolId, (this.units.get(poolId) ?? 0n) + units);
  }

  #giveBack({ mandateId, createdAtMs, rulesVersion }: PurchaseLine, amountMinor: bigint): void {
    const purse = this.purse(mandateId);
    purse.remaining += amountMinor;
    if (rulesVersion !== purse.fact.rulesVersion) return;
    for (const room of purse.rooms.values())
      if (createdAtMs >= room.startMs) room.left += amountMinor;
  }
}

function purseOf(fact: MandateFact): Purse {
  const rooms: Purse["rooms"] = new Map();
  for (const name of periodNames) {
    const period = fact.periods[name];
    if (!period) continue;
    const startMs = Math.max(
      period.startMs,
      ...fact.loaded.map((bucket) => bucket.rooms[name]?.startMs ?? 0),
    );
    rooms.set(name, {
      startMs,
      left: sumOf(fact.loaded, (bucket) => leftIn(fact, bucket, name, startMs)),
    });
  }
  return { fact, rooms, remaining: sumOf(fact.loaded, ({ remainingMinor }) => remainingMinor) };
}

function leftIn(
  { periods, buckets }: MandateFact,
  { bucket, rooms }: Pick<MandateFact["loaded"][number], "bucket" | "rooms">,
  name: PeriodName,
  startMs: number,
): bigint {
  const room = rooms[name];
  if (room && room.startMs >= startMs) return room.leftMinor;
  const { limitMinor = 0n } = periods[name] ?? {};
  return limitMinor / BigInt(buckets) + (BigInt(bucket) < limitMinor % BigInt(buckets) ? 1n : 0n);
}

/** The same sums, of the rows as they are when the plan has been written. */
export function sumsAfter(
  { pools, mandates }: Facts,
  plan: Plan,
): Pick<TallyBooks, "units" | "purses"> {
  const units = new Map<string, bigint>();
  for (const { poolId, loaded } of pools.values()) {
    const written = new Map(
      plan.stock.filter((row) => row.poolId === poolId).map((row) => [row.bucket, row]),
    );
    units.set(
      poolId,
      sumOf(loaded, (row) => (written.get(row.bucket) ?? row).available),
    );
  }
  const purses = new Map<string, Purse>();
  for (const fact of mandates.values()) {
    const rows = plan.mandates.filter(({ mandateId }) => mandateId === fact.mandateId);
    const written = new Map(rows.map((row) => [row.bucket, row]));
    const loaded = fact.loaded.map((row) => {
      const { remainingMinor, rooms } = written.get(row.bucket) ?? row;
      return { ...row, remainingMinor, rooms };
    });
    purses.set(fact.mandateId, { ...purseOf({ ...fact, loaded }), fact });
  }
  return { units, purses };
}

function sumOf<T>(rows: readonly T[], of: (row: T) => bigint): bigint {
  return rows.reduce((total, row) => total + of(row), 0n);
}
