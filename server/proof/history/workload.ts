import type { Asked, Command, Shelf } from "./history.ts";
import type { Luck } from "./luck.ts";

/** A purchase that somebody was granted, as far as who asks further things about it must know. */
export interface Bought {
  readonly purchaseId: string;
  readonly held: boolean;
  readonly lines: readonly { readonly quantity: number; readonly amountMinor: number }[];
}

/** What all clients know together: prices as they were last told, and what was bought. */
export class Market {
  readonly prices: Map<string, number>;
  readonly bought: Bought[] = [];
  readonly held: Bought[] = [];
  readonly shelf: Shelf;
  /** As the public API has it: a purchase of one thing, and refunds that name no line. */
  readonly oneLine: boolean;

  constructor(shelf: Shelf, oneLine = false) {
    this.shelf = shelf;
    this.oneLine = oneLine;
    this.prices = new Map(shelf.items.map(({ itemId, priceMinor }) => [itemId, priceMinor]));
  }

  notice(bought: Bought): void {
    this.bought.push(bought);
    if (bought.held) this.held.push(bought);
  }
}

/** How one thing is asked for: once or many times, at once or one after the other, under one key or two. */
export type Style = "once" | "storm" | "again" | "secondKey" | "bothKeys" | "changed";

export function styleOf(luck: Luck): Style {
  const share = luck.next();
  if (share < 0.55) return "once";
  if (share < 0.65) return "storm";
  if (share < 0.78) return "again";
  if (share < 0.86) return "secondKey";
  return share < 0.94 ? "bothKeys" : "changed";
}

/** What an operation asks for. One of the six; about a purchase only when there is one. */
export function askedBy(op: number, luck: Luck, market: Market): Asked {
  const share = luck.next();
  // Ends and delays of holds are asked for mostly where there is a hold.
  const of = share < 0.86 && luck.chance(0.8) ? market.held : market.bought;
  const bought = share < 0.62 ? undefined : luck.pick(of);
  if (bought === undefined) return buying(op, share % 0.62 < 0.4 ? "commit" : "hold", luck, market);
  const { purchaseId } = bought;
  if (share < 0.75) {
    const [line, ...others] = bought.lines;
    const inPart = bought.held && others.length === 0 && luck.chance(0.4);
    const part = inPart ? { quantity: luck.from(1, line?.quantity ?? 1) } : {};
    return { kind: "capture", purchaseId, ...part };
  }
  if (share < 0.82) return { kind: "release", purchaseId };
  if (share < 0.86) return { kind: "extend", purchaseId, holdSeconds: luck.from(1, 600) };
  const line = luck.from(0, bought.lines.length - 1);
  const { quantity = 1, amountMinor = 1 } = bought.lines[line] ?? {};
  return {
    kind: "refund",
    purchaseId,
    ...(!market.oneLine && { line }),
    amountMinor: luck.from(1, amountMinor),
    ...(luck.chance(0.5) && { returnQuantity: luck.from(1, quantity) }),
  };
}

function buying(op: number, kind: "commit" | "hold", luck: Luck, market: Market): Asked {
  const { items, mandates } = market.shelf;
  const lines = [{ itemId: itemOf(luck, items), quantity: luck.from(1, 3) }];
  if (!market.oneLine && luck.chance(0.2)) lines.push({ itemId: itemOf(luck, items), quantity: 1 });
  const amountMinor = lines.reduce(
    (sum, { itemId, quantity }) => sum + (market.prices.get(itemId) ?? 0) * quantity,
    0,
  );
  const { mandateId = "" } = luck.pick(mandates) ?? {};
  // An agent of its own: what it buys under however many keys is one purchase.
  const rest = { mandateId, agentId: `agent-${op}`, lines, amountMinor };
  if (kind === "commit") return { kind, ...rest };
  return { kind, ...rest, holdSeconds: luck.chance(0.25) ? 1 : 600 };
}

/** Half of them want the item of which there is least. */
function itemOf(luck: Luck, items: Shelf["items"]): string {
  const share = luck.next();
  return items[share < 0.5 ? 0 : share < 0.75 ? 1 : 2]?.itemId ?? "";
}

/** Another request: under the same key it must be refused. */
export function changed(asked: Asked): Asked {
  if ("lines" in asked) return { ...asked, agentId: `${asked.agentId}-changed` };
  if (asked.kind === "extend") return { ...asked, holdSeconds: asked.holdSeconds + 1 };
  if (asked.kind === "refund") return { ...asked, amountMinor: asked.amountMinor + 1 };
  return { kind: "extend", purchaseId: asked.purchaseId, holdSeconds: 7 };
}

/** What an operator does next. `owed` is what ends a stop that stands; the last turn pays it all. */
export function commandBy(
  luck: Luck,
  market: Market,
  owed: Command[],
  late: boolean,
): Command | undefined {
  if (owed.length > 0 && luck.chance(0.7)) return owed.shift();
  const { items, mandates } = market.shelf;
  const { itemId = "" } = luck.pick(items) ?? {};
  const last = mandates.at(-1)?.mandateId ?? "";
  const { mandateId = "" } = luck.pick(mandates.slice(0, -1)) ?? {};
  const share = luck.next();
  if (share < 0.3) {
    return { kind: "restock", itemId: items[0]?.itemId ?? "", quantity: luck.from(1, 20) };
  }
  if (share < 0.45) return { kind: "price", itemId, priceMinor: luck.from(50, 1_500) };
  if (share < 0.6) return { kind: "reshard", itemId, buckets: luck.from(1, 24) };
  if (share < 0.7) return { kind: "topUp", mandateId, amountMinor: luck.from(1, 20_000) };
  if (share < 0.83) {
    owed.push({ kind: "activate", mandateId });
    return { kind: "pause", mandateId };
  }
  if (share < 0.96) {
    owed.push({ kind: "open", itemId });
    return { kind: "close", itemId };
  }
  return late ? { kind: "revoke", mandateId: last } : undefined;
}
