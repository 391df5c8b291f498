/** What a tenant can be told. Kinds of the ledger's transactions, in the public words. */
const kindOfTxn = {
  commit: "purchase.committed",
  hold: "purchase.held",
  capture: "purchase.captured",
  release: "purchase.released",
  expire: "purchase.expired",
  refund: "purchase.refunded",
} as const;

export const kinds = Object.values(kindOfTxn);
export type Kind = (typeof kinds)[number];

/** Sent when somebody asks for it, whatever the endpoint hears. */
export const testKind = "webhook.test";

export const says: Readonly<Record<Kind, string>> = {
  "purchase.committed": "Units and money were taken in one step.",
  "purchase.held": "Units and money were set aside until the hold is captured or given back.",
  "purchase.captured": "A hold, or a part of it, became a sale; the rest went back.",
  "purchase.released": "A hold was given back.",
  "purchase.expired": "A hold's time was over, and it went back.",
  "purchase.refunded": "Money, and perhaps units, went back after a sale.",
};

/** A column of words with a space around each; `*` for all, those of later versions too. */
export function toColumn(wanted: readonly Kind[] | undefined): string {
  return wanted === undefined ? "*" : ` ${[...new Set(wanted)].join(" ")} `;
}

export function fromColumn(column: string): readonly string[] | null {
  return column === "*" ? null : column.trim().split(" ");
}

/** What is told of a purchase: facts of the event itself, which later ones do not change. */
export interface EventFacts {
  readonly kind: Kind | typeof testKind;
  readonly at: string;
  readonly purchaseId: string;
  readonly eventId: string;
  readonly sequence: number;
  readonly merchantId: string;
  readonly mandateId: string;
  readonly agentId: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export function payloadOf({ kind, at, eventId, ...facts }: EventFacts): string {
  return JSON.stringify({ type: kind, timestamp: at, data: { eventId, ...facts } });
}

/** What one of a kind looks like, for the event picker and for tests of an endpoint. */
export function sampleOf(kind: EventFacts["kind"], eventId: string, at: string): string {
  return payloadOf({
    kind,
    at,
    eventId,
    purchaseId: kind === "purchase.committed" ? eventId : "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
    sequence: kind === "purchase.committed" || kind === "purchase.held" ? 1 : 2,
    merchantId: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11",
    mandateId: "019aa0f2-6c20-7d41-8a3e-5b9f2d6c4a22",
    agentId: "agent-7",
    amountMinor: 2_500,
    currency: "USD",
  });
}
