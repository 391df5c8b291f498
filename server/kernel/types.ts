import type { PeriodName, StoredAnswer } from "./facts.ts";

/**
 * The words of the kernel. Amounts and units are bigint, times are milliseconds since 1970 on the
 * database's clock. Nothing here knows HTTP, SQL or a public protocol.
 */

export type AskKind = "commit" | "hold" | "capture" | "extend" | "release" | "refund";

interface AskBase {
  readonly tenantId: string;
  readonly merchantId: string;
  /** 1-255 visible ASCII characters, unique for the merchant. */
  readonly key: string;
  /** Who asks, for the record; no part of what is asked. */
  readonly by?: string;
}

export interface AskLine {
  readonly itemId: string;
  readonly quantity: bigint;
}

/** Shipping, tax or (negative) a discount, supplied by the merchant's side. */
export interface AskCharge {
  readonly name: string;
  readonly amountMinor: bigint;
}

interface Buying extends AskBase {
  readonly mandateId: string;
  readonly agentId: string;
  readonly lines: readonly AskLine[];
  readonly charges?: readonly AskCharge[];
  /** What the buyer agreed to pay: must equal the lines at their prices plus the charges. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** "I know that I bought this a moment ago": passes the mandate's duplicate window. */
  readonly again?: boolean;
}

export interface CommitAsk extends Buying {
  readonly kind: "commit";
}

export interface HoldAsk extends Buying {
  readonly kind: "hold";
  readonly holdSeconds: number;
}

interface OnPurchase extends AskBase {
  readonly purchaseId: string;
}

export interface CaptureAsk extends OnPurchase {
  readonly kind: "capture";
  /** Part of a hold of one line; the rest returns. Absent: the whole hold. */
  readonly quantity?: bigint;
}

export interface ExtendAsk extends OnPurchase {
  readonly kind: "extend";
  readonly holdSeconds: number;
}

export interface ReleaseAsk extends OnPurchase {
  readonly kind: "release";
}

export interface RefundAsk extends OnPurchase {
  readonly kind: "refund";
  readonly amountMinor: bigint;
  /** Which line of the purchase; the first when absent. */
  readonly line?: number;
  /** Units that go back on the shelf. */
  readonly returnQuantity?: bigint;
}

export type BuyingAsk = CommitAsk | HoldAsk;
export type Ask = BuyingAsk | CaptureAsk | ExtendAsk | ReleaseAsk | RefundAsk;

/** What the caller gets. Granted and declined are stored and replayed; nothing else is recorded. */
export type Answer =
  | {
      readonly kind: "granted" | "declined";
      readonly id: string;
      readonly text: string;
      readonly replayed: boolean;
    }
  | { readonly kind: "rejected"; readonly code: RejectCode; readonly says: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "exhausted" | "overloaded" }
  | { readonly kind: "unknown" };

/** Not a valid ask for these facts. Nothing is recorded and the key is not used up. */
export type RejectCode =
  | "INVALID_ASK"
  | "UNKNOWN_MERCHANT"
  | "UNKNOWN_ITEM"
  | "UNKNOWN_MANDATE"
  | "UNKNOWN_PURCHASE"
  | "FORBIDDEN"
  | "AMOUNT_MISMATCH"
  | "CURRENCY_MISMATCH";

export type FailureCode =
  | "OUT_OF_STOCK"
  | "MANDATE_REJECTED"
  | "HOLD_EXPIRED"
  | "ALREADY_SETTLED"
  | "OVER_REFUND";

export type DeclineReason =
  | "SOLD_OUT"
  | "ITEM_CLOSED"
  | "AGENT_BLOCKED"
  | "PAUSED"
  | "REVOKED"
  | "NOT_STARTED"
  | "EXPIRED"
  | "AGENT"
  | "MERCHANT"
  | "ITEM"
  | "CURRENCY"
  | "PURCHASE_MAX"
  | "DUPLICATE_SUSPECTED"
  | "PERIOD"
  | "CAP"
  | "HOLD_EXPIRED"
  | "RELEASED"
  | "CAPTURED"
  | "NOT_SETTLED"
  | "OVER_REFUND"
  | "OVER_RETURN";

/** A business no: an answer, stored and replayed, with the arithmetic that bound. */
export interface Decline {
  readonly failureCode: FailureCode;
  readonly reason: DeclineReason;
  readonly period?: PeriodName;
  readonly limit?: bigint;
  readonly used?: bigint;
  readonly asked?: bigint;
  readonly resetsAtMs?: number;
}

export type Decision =
  | { readonly kind: "granted" | "declined"; readonly id: string; readonly text: string }
  | { readonly kind: "recalled"; readonly stored: StoredAnswer }
  | { readonly kind: "conflict" }
  | { readonly kind: "rejected"; readonly code: RejectCode; readonly says: string }
  /** A command is changing the item or the mandate: ask again in a few milliseconds. */
  | { readonly kind: "wait" };

/** An ask on its way through a batch. The id is drawn once, so that it knows its own row after doubt. */
export interface Entry {
  readonly ask: Ask;
  readonly id: string;
  readonly body: string;
  readonly fingerprint: string;
}

export function rejected(code: RejectCode, says: string): Decision {
  return { kind: "rejected", code, says };
}
