import type { PeriodName, PurchaseLine, Room } from "./facts.ts";
import type { AskKind } from "./types.ts";

/** The plan: everything that one batch writes, in the words of the tables. */

export interface ChangedLine {
  readonly line: PurchaseLine;
  readonly versionBefore: bigint;
}

export interface StockWrite {
  readonly poolId: string;
  readonly bucket: number;
  readonly available: bigint;
  readonly versionBefore: bigint;
  readonly version: bigint;
}

export interface MandateWrite {
  readonly mandateId: string;
  readonly bucket: number;
  readonly remainingMinor: bigint;
  readonly rooms: Readonly<Partial<Record<PeriodName, Room>>>;
  readonly versionBefore: bigint;
  readonly version: bigint;
}

export type Account = "MANDATE_RESERVED" | "MERCHANT_HELD" | "MERCHANT_PAYABLE";
export type TxnKind = "commit" | "hold" | "capture" | "release" | "expire" | "refund";

export interface Leg {
  readonly purchaseId: string;
  readonly txnId: string;
  readonly leg: number;
  readonly tenantId: string;
  readonly kind: TxnKind;
  readonly account: Account;
  readonly ownerId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

export interface AnswerRow {
  readonly askId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly key: string;
  readonly kind: AskKind;
  readonly purchaseId: string;
  readonly fingerprint: string;
  readonly body: string;
  readonly granted: boolean;
  readonly text: string;
  readonly by: string | null;
}

export interface OutboxEvent {
  readonly eventId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly subjectId: string;
}

export interface RecentGrant {
  readonly mandateId: string;
  readonly agentId: string;
  readonly itemId: string;
  readonly amountMinor: bigint;
  readonly tenantId: string;
}

export interface Plan {
  readonly nowMs: number;
  readonly answers: readonly AnswerRow[];
  readonly newLines: readonly PurchaseLine[];
  readonly changedLines: readonly ChangedLine[];
  readonly stock: readonly StockWrite[];
  readonly mandates: readonly MandateWrite[];
  readonly legs: readonly Leg[];
  readonly events: readonly OutboxEvent[];
  readonly recentGrants: readonly RecentGrant[];
}
