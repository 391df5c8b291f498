/**
 * What a tenant's books must say, in the words of the public API and without a line of the kernel:
 * plain sums, no buckets, no batches. It is told what was answered and says what must come next.
 */

export interface World {
  /** What is there and belongs to another tenant. */
  readonly strange: readonly string[];
  readonly merchants: Merchant[];
  readonly items: Item[];
  readonly mandates: Mandate[];
  readonly purchases: Purchase[];
  readonly asks: StoredAsk[];
  readonly creations: Creation[];
  /** What was bought under a mandate with a duplicate window. */
  readonly recent: string[];
  /** How many rows there must be of what is only ever added. */
  readonly rows: { entries: number; moves: number; events: number; released: number };
}

export interface Merchant {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

export interface Item {
  readonly id: string;
  readonly merchantId: string;
  readonly sku: string;
  readonly name: string;
  readonly currency: string;
  readonly createdAt: string;
  priceMinor: number;
  priceVersion: number;
  buckets: number;
  open: boolean;
  stocked: number;
  free: number;
}

export interface Rules {
  readonly purchaseMaxMinor?: number;
  readonly monthLimitMinor?: number;
  readonly agentId?: string;
  readonly allowedItems?: readonly string[];
  readonly expiresAt?: string;
  readonly duplicateWindowSeconds?: number;
}

export interface Mandate {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly buckets: number;
  readonly createdAt: string;
  state: "active" | "paused" | "revoked";
  capMinor: number;
  remaining: number;
  rules: Rules;
  rulesVersion: number;
  /** What is left of the month's limit. */
  room: number;
}

export interface Purchase {
  readonly id: string;
  readonly merchantId: string;
  readonly mandateId: string;
  readonly itemId: string;
  readonly quantity: number;
  readonly unitMinor: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly rulesVersion: number;
  state: "held" | "settled" | "released" | "expired";
  /** Its time is over; units and money return when somebody needs them. */
  lapsed: boolean;
  expiresAtMs: number;
  settledQuantity: number;
  settledMinor: number;
  returned: number;
  refundedMinor: number;
}

/** An answer on record. */
export interface StoredAsk {
  readonly id: string;
  readonly does: string;
  readonly merchantId: string;
  readonly key: string;
  /** What was asked: the same key must not ask anything else. */
  readonly print: string;
  readonly granted: boolean;
  readonly text: string;
  readonly mandateId?: string;
  readonly itemId?: string;
}

export interface Creation {
  readonly does: string;
  readonly key: string;
  readonly print: string;
  readonly id: string;
}

export function newWorld(strange: readonly string[]): World {
  return {
    strange,
    merchants: [],
    items: [],
    mandates: [],
    purchases: [],
    asks: [],
    creations: [],
    recent: [],
    rows: { entries: 0, moves: 0, events: 0, released: 0 },
  };
}

export function heldOf(world: World, itemId: string): number {
  const held = world.purchases.filter((one) => one.itemId === itemId && one.state === "held");
  return held.reduce((sum, { quantity }) => sum + quantity, 0);
}

export function heldMinorOf(world: World, mandateId: string): number {
  const held = world.purchases.filter((one) => one.mandateId === mandateId && one.state === "held");
  return held.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

/** Units and money of a purchase return; room only under the rules that it was made by. */
export function giveBack(world: World, of: Purchase, units: number, minor: number): void {
  const item = world.items.find(({ id }) => id === of.itemId);
  const mandate = world.mandates.find(({ id }) => id === of.mandateId);
  if (!item || !mandate) throw new Error("a purchase has an item and a mandate");
  item.free += units;
  mandate.remaining += minor;
  if (of.rulesVersion === mandate.rulesVersion) mandate.room += minor;
}

/** What is left under cap and limit together. */
export function spendable({ remaining, rules, room }: Mandate): number {
  return rules.monthLimitMinor === undefined ? remaining : Math.min(remaining, room);
}

/** When the month's limit begins anew. */
export function nextMonth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString();
}
