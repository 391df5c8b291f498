/** What a tenant can be told. Kinds of the ledger's transactions, in the public words. */
const kindOfTxn = {
  commit: "purchase.committed",
  hold: "purchase.held",
  capture: "purchase.captured",
  release: "purchase.released",
  expire: "purchase.expired",
  refund: "purchase.refunded",
} as const;

/** What moves neither money nor units of a purchase. The body of a thing's change names it, and no more. */
export const changeKinds = [
  "purchase.extended",
  "merchant.created",
  "item.created",
  "item.opened",
  "item.closed",
  "item.price_changed",
  "item.adjusted",
  "mandate.created",
  "mandate.activated",
  "mandate.paused",
  "mandate.revoked",
  "mandate.cap_changed",
  "mandate.rules_changed",
] as const;

type TxnKind = (typeof kindOfTxn)[keyof typeof kindOfTxn];
type ChangeKind = (typeof changeKinds)[number];
export type Kind = TxnKind | ChangeKind;
export const kinds: readonly Kind[] = [...Object.values(kindOfTxn), ...changeKinds];

export function isChange(kind: string): kind is ChangeKind {
  return (changeKinds as readonly string[]).includes(kind);
}

/** Sent when somebody asks for it, whatever the endpoint hears. */
export const testKind = "webhook.test";

export const says: Readonly<Record<Kind, string>> = {
  "purchase.committed": "Units and money were taken in one step.",
  "purchase.held": "Units and money were set aside until the hold is captured or given back.",
  "purchase.captured": "A hold, or a part of it, became a sale; the rest went back.",
  "purchase.released": "A hold was given back.",
  "purchase.expired": "A hold's time was over, and it went back.",
  "purchase.refunded": "Money, and perhaps units, went back after a sale.",
  "purchase.extended": "A hold has more time; of two extensions the later end counts.",
  "merchant.created": "There is a new merchant.",
  "item.created": "There is a new item.",
  "item.opened": "An item is for sale again.",
  "item.closed": "Nothing of an item is sold any more.",
  "item.price_changed": "An item has a new price.",
  "item.adjusted": "An item has more stock, or less, for a reason that was given.",
  "mandate.created": "There is a new mandate.",
  "mandate.activated": "A mandate's pause is over.",
  "mandate.paused": "A mandate is paused.",
  "mandate.revoked": "A mandate is revoked for good.",
  "mandate.cap_changed": "A mandate has a new cap, or was topped up.",
  "mandate.rules_changed": "A mandate has new rules.",
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
  /** Of an extension: the end that it gave the hold. */
  readonly expiresAt?: string;
}

/** What is told of a merchant, an item or a mandate: which one. How it is now, its route says. */
export interface ThingFacts {
  readonly kind: string;
  readonly at: string;
  readonly eventId: string;
  readonly merchantId?: string;
  readonly itemId?: string;
  readonly mandateId?: string;
}

export function payloadOf({ kind, at, eventId, ...facts }: EventFacts | ThingFacts): string {
  return JSON.stringify({ type: kind, timestamp: at, data: { eventId, ...facts } });
}

const samples = {
  purchaseId: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
  merchantId: "019aa0f2-6c1e-7b53-9d0f-0c5f3a1c7e11",
  itemId: "019aa0f2-6c1f-7c02-8d15-3a7e9b1f5d33",
  mandateId: "019aa0f2-6c20-7d41-8a3e-5b9f2d6c4a22",
};

/** What one of a kind looks like, for the event picker and for tests of an endpoint. */
export function sampleOf(kind: EventFacts["kind"], eventId: string, at: string): string {
  const { purchaseId, merchantId, itemId, mandateId } = samples;
  if (kind === "merchant.created") return payloadOf({ kind, at, eventId, merchantId });
  if (kind.startsWith("item.")) return payloadOf({ kind, at, eventId, itemId, merchantId });
  if (kind.startsWith("mandate.")) return payloadOf({ kind, at, eventId, mandateId });
  const isFirst = kind === "purchase.committed" || kind === "purchase.held";
  return payloadOf({
    kind,
    at,
    eventId,
    purchaseId: kind === "purchase.committed" ? eventId : purchaseId,
    sequence: isFirst || kind === "purchase.extended" ? 1 : 2,
    merchantId,
    mandateId,
    agentId: "agent-7",
    amountMinor: 2_500,
    currency: "USD",
    ...(kind === "purchase.extended" && { expiresAt: "2026-11-20T16:02:00.512Z" }),
  });
}
