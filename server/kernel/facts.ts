/** Facts: what one snapshot says. Read by load.ts, walked over by decide.ts, never written to. */

export type PeriodName = "day" | "week" | "month";
export const periodNames = ["day", "week", "month"] as const;

/** Why new sales must stop (close, pause, revoke) or wait (the others) while a command goes through. */
export type PoolGate = "close" | "price" | "reshard" | "adjust";
export type MandateGate = "pause" | "revoke" | "rules" | "reshard" | "cap";

export interface ItemFact {
  readonly itemId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly currency: string;
  readonly priceMinor: bigint;
  readonly priceVersion: bigint;
  readonly poolId: string;
}

export interface StockBucket {
  readonly bucket: number;
  readonly available: bigint;
  readonly open: boolean;
  readonly priceVersion: bigint;
  readonly version: bigint;
}

export interface PoolFact {
  readonly poolId: string;
  readonly tenantId: string;
  readonly itemId: string;
  readonly buckets: number;
  readonly open: boolean;
  readonly gate: PoolGate | null;
  /** The lucky bucket first. All of them, or the lucky one alone when it can fill the batch. */
  readonly loaded: readonly StockBucket[];
}

export interface Period {
  readonly limitMinor: bigint;
  readonly startMs: number;
  readonly resetsAtMs: number;
}

export interface MandateFact {
  readonly mandateId: string;
  readonly tenantId: string;
  readonly state: "active" | "paused" | "revoked";
  readonly currency: string;
  readonly capMinor: bigint;
  readonly purchaseMaxMinor: bigint | null;
  readonly periods: Readonly<Partial<Record<PeriodName, Period>>>;
  readonly allowedMerchants: readonly string[] | null;
  readonly allowedItems: readonly string[] | null;
  readonly agentId: string | null;
  readonly startsAtMs: number | null;
  readonly expiresAtMs: number | null;
  readonly duplicateWindowMs: number | null;
  readonly rulesVersion: bigint;
  readonly buckets: number;
  readonly gate: MandateGate | null;
  readonly loaded: readonly MandateBucket[];
}

/** Room under one period limit, as of the period that began at `startMs`. */
export interface Room {
  readonly startMs: number;
  readonly leftMinor: bigint;
}

export interface MandateBucket {
  readonly bucket: number;
  readonly remainingMinor: bigint;
  readonly active: boolean;
  readonly rulesVersion: bigint;
  readonly rooms: Readonly<Partial<Record<PeriodName, Room>>>;
  readonly version: bigint;
}

export type PurchaseState = "held" | "settled" | "released" | "expired";

export interface PurchaseLine {
  readonly purchaseId: string;
  readonly line: number;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly mandateId: string;
  readonly agentId: string;
  readonly itemId: string | null;
  readonly poolId: string | null;
  readonly charge: string | null;
  readonly quantity: bigint;
  readonly unitPriceMinor: bigint;
  readonly priceVersion: bigint;
  readonly rulesVersion: bigint;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly state: PurchaseState;
  readonly settledQuantity: bigint;
  readonly settledMinor: bigint;
  readonly returnedQuantity: bigint;
  readonly refundedMinor: bigint;
  readonly expiresAtMs: number | null;
  readonly version: bigint;
  /** When it was granted: room under a limit returns only within the period of this moment. */
  readonly createdAtMs: number;
}

export interface StoredAnswer {
  readonly askId: string;
  readonly tenantId: string;
  readonly fingerprint: string;
  readonly granted: boolean;
  readonly text: string;
}

export interface Facts {
  readonly nowMs: number;
  readonly merchants: ReadonlyMap<string, string>;
  readonly items: ReadonlyMap<string, ItemFact>;
  readonly pools: ReadonlyMap<string, PoolFact>;
  readonly mandates: ReadonlyMap<string, MandateFact>;
  readonly purchases: ReadonlyMap<string, readonly PurchaseLine[]>;
  /** Holds past their time that a claim of this batch may need, each with the id of its release. */
  readonly expired: readonly { readonly purchaseId: string; readonly txnId: string }[];
  /** There may be more of them than one transaction takes: who lacks something waits for the next. */
  readonly moreExpired?: boolean;
  /** Last grant by `grantKey`, for mandates with a duplicate window. */
  readonly recentGrants: ReadonlyMap<string, number>;
  /** Those of the batch's agents that are blocked, by `agentKey`. */
  readonly blockedAgents: ReadonlySet<string>;
  /** Stored answers by `keyOf` the ask. */
  readonly recalled: ReadonlyMap<string, StoredAnswer>;
}
