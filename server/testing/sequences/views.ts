import { anyTime } from "./expect.ts";
import type { Fields } from "./request.ts";
import { heldMinorOf, heldOf, nextMonth, type StoredAsk, type World } from "./world.ts";

/** Things as the public API shows them. */

export function merchantView({ merchants }: World, id: string): Fields {
  return { ...merchants.find((one) => one.id === id) };
}

export function itemView(world: World, id: string): Fields {
  const { stocked = 0, free = 0, ...view } = world.items.find((one) => one.id === id) ?? {};
  const held = heldOf(world, id);
  const stock = { stocked, free, held, sold: stocked - free - held };
  return { ...view, stock };
}

const unset = {
  purchaseMaxMinor: null,
  dayLimitMinor: null,
  weekLimitMinor: null,
  monthLimitMinor: null,
  timeZone: "UTC",
  allowedMerchants: null,
  allowedItems: null,
  agentId: null,
  startsAt: null,
  expiresAt: null,
  duplicateWindowSeconds: null,
};

/** As lists have it. */
export function shortMandateView(world: World, id: string): Fields {
  const mandate = world.mandates.find((one) => one.id === id);
  const { remaining = 0, room: _, rulesVersion: __, rules, ...view } = mandate ?? {};
  const heldMinor = heldMinorOf(world, id);
  const spentMinor = (mandate?.capMinor ?? 0) - remaining - heldMinor;
  return { ...view, ...unset, ...rules, money: { leftMinor: remaining, heldMinor, spentMinor } };
}

export function mandateView(world: World, id: string): Fields {
  const mandate = world.mandates.find((one) => one.id === id);
  const month = { leftMinor: mandate?.room, resetsAt: nextMonth() };
  const hasLimit = mandate?.rules.monthLimitMinor !== undefined;
  const left = { capMinor: mandate?.remaining, ...(hasLimit && { month }) };
  return { ...shortMandateView(world, id), left };
}

export function askView({ id, does, merchantId, key, text }: StoredAsk): Fields {
  const answer = JSON.parse(text) as Fields;
  return { id, kind: does, merchantId, idempotencyKey: key, createdAt: anyTime, answer };
}
