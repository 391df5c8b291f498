import { assert } from "../base/assert.ts";
import { grantedText } from "./answers.ts";
import { agentKey, type Books } from "./books.ts";
import type { ItemFact, MandateFact, PeriodName, PurchaseLine } from "./facts.ts";
import { legs } from "./ledger.ts";
import type { RunningMandate } from "./running-mandate.ts";
import { rejected, type BuyingAsk, type Decision, type Decline, type Entry } from "./types.ts";

/** Where an item ask stands before stock and money are looked at. */
interface Basket {
  readonly mandate: MandateFact;
  readonly items: readonly ItemFact[];
  /** Units by pool: two lines may want the same item. */
  readonly units: ReadonlyMap<string, bigint>;
}

/** Commit and hold: claim units, debit the mandate, book the legs; a hold keeps them for a while. */
export function buy(books: Books, entry: Entry, ask: BuyingAsk): Decision | Decline {
  const basket = readBasket(books, ask);
  if ("kind" in basket) return basket;
  if (mustWait(books, basket)) return { kind: "wait" };
  const decline = outOfStock(books, basket) ?? againstMandate(books, ask, basket);
  if (decline) return mayFreeUp(books, basket, decline) ? { kind: "wait" } : decline;

  // After this point the ask is granted.
  const mandate = books.mandate(ask.mandateId);
  let chosenBucketId: string | undefined;
  for (const [poolId, units] of basket.units) {
    const bucket = books.pool(poolId).claim(units);
    chosenBucketId ??= `${poolId}:${bucket}`;
  }
  mandate.debit(ask.amountMinor);
  const held = ask.kind === "hold";
  const expiresAtMs = held ? books.facts.nowMs + ask.holdSeconds * 1000 : null;
  const createdAtMs = mandate.notBefore(books.facts.nowMs);
  books.addLines(purchaseLines(entry, ask, basket, createdAtMs, expiresAtMs));
  books.book(
    ...legs(
      {
        purchaseId: entry.id,
        txnId: entry.id,
        kind: ask.kind,
        tenantId: ask.tenantId,
        currency: ask.currency,
      },
      ["MANDATE_RESERVED", ask.mandateId, -ask.amountMinor],
      [held ? "MERCHANT_HELD" : "MERCHANT_PAYABLE", ask.merchantId, ask.amountMinor],
    ),
  );
  if (basket.mandate.duplicateWindowMs !== null) {
    for (const line of ask.lines)
      books.rememberGrant({ ...grantOf(ask, basket, line), tenantId: ask.tenantId });
  }
  books.announce({
    eventId: entry.id,
    tenantId: ask.tenantId,
    kind: held ? "purchase.held" : "purchase.committed",
    subjectId: entry.id,
  });
  const text = grantedText({
    outcome: held ? "HELD" : "COMMITTED",
    intentId: entry.id,
    ledgerTxnId: entry.id,
    ...(chosenBucketId !== undefined && { chosenBucketId }),
    ...(expiresAtMs !== null && { expiresAtMs }),
    amountMinor: ask.amountMinor,
    currency: ask.currency,
    attempts: books.attempt,
  });
  books.answer(entry, true, entry.id, text);
  return { kind: "granted", id: entry.id, text };
}

/** Whose things are these, and is the amount the one that the merchant asks? Nothing is stored of a no. */
function readBasket(books: Books, ask: BuyingAsk): Basket | Decision {
  const { facts } = books;
  const mandate = facts.mandates.get(ask.mandateId);
  if (!mandate) return rejected("UNKNOWN_MANDATE", `There is no mandate ${ask.mandateId}.`);
  if (mandate.tenantId !== ask.tenantId)
    return rejected("FORBIDDEN", "This mandate belongs to another tenant.");
  const items: ItemFact[] = [];
  const units = new Map<string, bigint>();
  let amountMinor = 0n;
  for (const { itemId, quantity } of ask.lines) {
    const item = facts.items.get(itemId);
    if (!item) return rejected("UNKNOWN_ITEM", `There is no item ${itemId}.`);
    if (item.tenantId !== ask.tenantId)
      return rejected("FORBIDDEN", "This item belongs to another tenant.");
    if (item.merchantId !== ask.merchantId) {
      return rejected("UNKNOWN_ITEM", `Item ${itemId} is not sold by merchant ${ask.merchantId}.`);
    }
    if (item.currency !== ask.currency) {
      return rejected(
        "CURRENCY_MISMATCH",
        `Item ${itemId} is sold in ${item.currency}, not ${ask.currency}.`,
      );
    }
    items.push(item);
    units.set(item.poolId, (units.get(item.poolId) ?? 0n) + quantity);
    amountMinor += item.priceMinor * quantity;
  }
  for (const charge of ask.charges ?? []) amountMinor += charge.amountMinor;
  if (amountMinor !== ask.amountMinor) {
    // While a new price goes through, both the old and the new amount may be right a moment later.
    if ([...units.keys()].some((id) => books.pool(id).fact.gate === "price"))
      return { kind: "wait" };
    return rejected(
      "AMOUNT_MISMATCH",
      `The amount is ${ask.amountMinor}, but this costs ${amountMinor}.`,
    );
  }
  return { mandate, items, units };
}

/** A command on the item or the mandate is half-way: what it leaves is known in a moment. */
function mustWait(books: Books, { mandate, units }: Basket): boolean {
  if (mandate.gate === "rules" || mandate.gate === "reshard" || mandate.gate === "cap") return true;
  for (const poolId of units.keys()) {
    const { gate } = books.pool(poolId).fact;
    if (gate !== null && gate !== "close") return true;
  }
  return false;
}

/**
 * An expired hold that would fill the ask lies behind a command on its own item or mandate: a decline
 * now would be stored for ever, and be wrong a moment later.
 */
function mayFreeUp(books: Books, { mandate, units }: Basket, { reason }: Decline): boolean {
  if (reason !== "SOLD_OUT" && reason !== "CAP" && reason !== "PERIOD") return false;
  if (books.facts.moreExpired === true) return true;
  return books.facts.expired.some(({ purchaseId }) =>
    books
      .purchase(purchaseId)
      ?.some(
        ({ state, poolId, mandateId }) =>
          state === "held" && (mandateId === mandate.mandateId || units.has(poolId ?? "")),
      ),
  );
}

function outOfStock(books: Books, { items, units }: Basket): Decline | undefined {
  for (const item of items) {
    const { fact, total } = books.pool(item.poolId);
    if (!fact.open || fact.gate === "close")
      return { failureCode: "OUT_OF_STOCK", reason: "ITEM_CLOSED" };
    const gateAgrees = fact.loaded.every((b) => b.open && b.priceVersion === item.priceVersion);
    assert(gateAgrees, "an open item's buckets are open, and at its price");
    const asked = units.get(item.poolId) ?? 0n;
    if (total < asked)
      return { failureCode: "OUT_OF_STOCK", reason: "SOLD_OUT", limit: total, asked };
  }
  return undefined;
}

/** The rules of a mandate, in a fixed order: the same ask for the same facts names the same reason. */
function againstMandate(books: Books, ask: BuyingAsk, basket: Basket): Decline | undefined {
  const { mandate } = basket;
  const { nowMs } = books.facts;
  const asked = ask.amountMinor;
  const no = (reason: Decline["reason"], more?: Partial<Decline>): Decline => ({
    failureCode: "MANDATE_REJECTED",
    reason,
    ...more,
  });
  if (books.facts.blockedAgents.has(agentKey(ask))) return no("AGENT_BLOCKED");
  if (mandate.state === "revoked" || mandate.gate === "revoke") return no("REVOKED");
  if (mandate.state === "paused" || mandate.gate === "pause") return no("PAUSED");
  const gateAgrees = mandate.loaded.every(
    (b) => b.active && b.rulesVersion === mandate.rulesVersion,
  );
  assert(gateAgrees, "an active mandate's buckets are active, and under its rules");
  if (mandate.startsAtMs !== null && nowMs < mandate.startsAtMs)
    return no("NOT_STARTED", { resetsAtMs: mandate.startsAtMs });
  if (mandate.expiresAtMs !== null && nowMs >= mandate.expiresAtMs) return no("EXPIRED");
  if (mandate.agentId !== null && mandate.agentId !== ask.agentId) return no("AGENT");
  if (mandate.allowedMerchants && !mandate.allowedMerchants.includes(ask.merchantId))
    return no("MERCHANT");
  if (
    mandate.allowedItems &&
    !ask.lines.every(({ itemId }) => mandate.allowedItems?.includes(itemId))
  )
    return no("ITEM");
  if (mandate.currency !== ask.currency) return no("CURRENCY");
  if (mandate.purchaseMaxMinor !== null && asked > mandate.purchaseMaxMinor) {
    return no("PURCHASE_MAX", { limit: mandate.purchaseMaxMinor, asked });
  }
  const repeatedUntil = repeatedWithin(books, ask, basket);
  if (repeatedUntil !== undefined) return no("DUPLICATE_SUSPECTED", { resetsAtMs: repeatedUntil });
  return withoutMoney(books.mandate(ask.mandateId), asked, no);
}

function withoutMoney(
  mandate: RunningMandate,
  asked: bigint,
  no: (reason: Decline["reason"], more: Partial<Decline>) => Decline,
): Decline | undefined {
  const period: PeriodName | undefined = mandate.shortOfRoom(asked);
  if (period !== undefined) {
    const { limitMinor, resetsAtMs } = mandate.fact.periods[period] ?? {
      limitMinor: 0n,
      resetsAtMs: 0,
    };
    const used = limitMinor - (mandate.room[period] ?? 0n);
    return no("PERIOD", { period, limit: limitMinor, used, asked, resetsAtMs });
  }
  if (mandate.remaining < asked) {
    const { capMinor } = mandate.fact;
    return no("CAP", { limit: capMinor, used: capMinor - mandate.remaining, asked });
  }
  return undefined;
}

/** Keys do not stop an agent that plans again and mints a new one; the duplicate window does. */
function repeatedWithin(books: Books, ask: BuyingAsk, basket: Basket): number | undefined {
  const windowMs = basket.mandate.duplicateWindowMs;
  if (windowMs === null || ask.again === true) return undefined;
  for (const line of ask.lines) {
    const last = books.lastGrantMs(grantOf(ask, basket, line));
    if (last !== undefined && books.facts.nowMs < last + windowMs) return last + windowMs;
  }
  return undefined;
}

function grantOf(ask: BuyingAsk, basket: Basket, line: BuyingAsk["lines"][number]) {
  const price = basket.items.find(({ itemId }) => itemId === line.itemId)?.priceMinor ?? 0n;
  const amountMinor = price * line.quantity;
  return { mandateId: ask.mandateId, agentId: ask.agentId, itemId: line.itemId, amountMinor };
}

function purchaseLines(
  entry: Entry,
  ask: BuyingAsk,
  basket: Basket,
  createdAtMs: number,
  expiresAtMs: number | null,
): PurchaseLine[] {
  const held = expiresAtMs !== null;
  const line = (
    number: number,
    what: Pick<
      PurchaseLine,
      "itemId" | "poolId" | "charge" | "quantity" | "unitPriceMinor" | "priceVersion"
    >,
  ): PurchaseLine => {
    const amountMinor =
      what.itemId === null ? what.unitPriceMinor : what.unitPriceMinor * what.quantity;
    return {
      ...what,
      purchaseId: entry.id,
      line: number,
      tenantId: ask.tenantId,
      merchantId: ask.merchantId,
      mandateId: ask.mandateId,
      agentId: ask.agentId,
      rulesVersion: basket.mandate.rulesVersion,
      amountMinor,
      currency: ask.currency,
      state: held ? "held" : "settled",
      settledQuantity: held ? 0n : what.quantity,
      settledMinor: held ? 0n : amountMinor,
      returnedQuantity: 0n,
      refundedMinor: 0n,
      expiresAtMs,
      version: 1n,
      createdAtMs,
    };
  };
  const lines = ask.lines.map(({ quantity }, index) => {
    const item = basket.items[index];
    assert(item !== undefined, "a basket has an item for every line");
    const { itemId, poolId, priceMinor: unitPriceMinor, priceVersion } = item;
    return line(index, { itemId, poolId, charge: null, quantity, unitPriceMinor, priceVersion });
  });
  const charges = (ask.charges ?? []).map(({ name, amountMinor }, index) =>
    line(lines.length + index, {
      itemId: null,
      poolId: null,
      charge: name,
      quantity: 0n,
      unitPriceMinor: amountMinor,
      priceVersion: 0n,
    }),
  );
  return [...lines, ...charges];
}
