import { rfc3339 } from "../http/cursor.ts";
import { periodNames } from "../kernel/facts.ts";
import type { Left, Mandate, Money } from "./store.ts";
import type { MandateView, RoomView, WholeMandateView } from "./wire.ts";

/** Mandates as the API shows them. */

export function viewOfMandate(mandate: Mandate, has: Money): MandateView {
  const { mandateId, name, state, currency: code, agentId, duplicateWindowSeconds } = mandate;
  return {
    id: mandateId,
    name,
    state,
    currency: code,
    capMinor: Number(mandate.capMinor),
    purchaseMaxMinor: numberOf(mandate.purchaseMaxMinor),
    dayLimitMinor: numberOf(mandate.dayLimitMinor),
    weekLimitMinor: numberOf(mandate.weekLimitMinor),
    monthLimitMinor: numberOf(mandate.monthLimitMinor),
    timeZone: mandate.timeZone,
    allowedMerchants: idsIn(mandate.allowedMerchants),
    allowedItems: idsIn(mandate.allowedItems),
    agentId,
    startsAt: mandate.startsAt?.toISOString() ?? null,
    expiresAt: mandate.expiresAt?.toISOString() ?? null,
    duplicateWindowSeconds,
    buckets: mandate.buckets,
    createdAt: rfc3339(mandate.createdAt),
    money: {
      leftMinor: Number(has.leftMinor),
      heldMinor: Number(has.heldMinor),
      spentMinor: Number(mandate.capMinor - has.leftMinor - has.heldMinor),
    },
  };
}

export function viewOfWholeMandate(
  mandate: Mandate,
  has: Left,
  heldMinor: bigint,
): WholeMandateView {
  const rooms: Partial<Record<(typeof periodNames)[number], RoomView>> = {};
  for (const name of periodNames) {
    const found = has.rooms[name];
    if (!found) continue;
    rooms[name] = { leftMinor: Number(found.leftMinor), resetsAt: found.resetsAt.toISOString() };
  }
  const leftMinor = has.remainingMinor;
  const left = { capMinor: Number(leftMinor), ...rooms };
  return { ...viewOfMandate(mandate, { leftMinor, heldMinor }), left };
}

const numberOf = (amountMinor: bigint | null): number | null =>
  amountMinor === null ? null : Number(amountMinor);

export const idsIn = (json: string | null): string[] | null =>
  json === null ? null : (JSON.parse(json) as string[]);
