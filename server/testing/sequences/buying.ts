import { aboutIn, anyId, anyText, problem } from "./expect.ts";
import { declined, ending, newId, notOwn, recall, store, type Decline } from "./records.ts";
import type { Asked, Fields, Prediction, Reply } from "./request.ts";
import { giveBack, nextMonth, spendable, type Item, type Mandate, type World } from "./world.ts";

interface Buying {
  readonly merchantId: string;
  readonly mandateId: string;
  readonly itemId: string;
  readonly agentId: string;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly currency: string;
  readonly holdSeconds?: number;
}

/** For commit and hold, and without a key for a quote, which leaves nothing behind. */
export function buy(world: World, asked: Asked): Prediction {
  const ask = asked.body as unknown as Buying;
  const known = recall(world, asked);
  if (known) return known;
  const here = asked.does === "quote" ? structuredClone(world) : world;
  const item = here.items.find(({ id }) => id === ask.itemId);
  const mandate = here.mandates.find(({ id }) => id === ask.mandateId);
  // The books of the asker are put in order before the ask is looked at, also when it is refused.
  if (item && mandate) sweep(here, ask, item, mandate);
  const refused = refusalOf(here, asked, ask, item);
  if (refused) return refused;
  if (!item || !mandate) throw new Error("what is not there was refused");
  const decline = declineOf(here, ask, item, mandate);
  if (asked.does === "quote") return quoted(ask, decline);
  return decline ? declined(here, asked, decline) : grantedBuying(here, asked, item, mandate);
}

function refusalOf(world: World, { who }: Asked, ask: Buying, item?: Item): Prediction | undefined {
  const things = [
    [ask.mandateId, "UNKNOWN_MANDATE"],
    [ask.itemId, "UNKNOWN_ITEM"],
  ] as const;
  for (const [id, unknown] of things) {
    const refused = notOwn(world, who, id, unknown);
    if (refused) return refused;
  }
  if (item?.merchantId !== ask.merchantId) return problem(404, "UNKNOWN_ITEM");
  if (item.currency !== ask.currency) return problem(422, "CURRENCY_MISMATCH");
  const costs = item.priceMinor * ask.quantity;
  return costs === ask.amountMinor ? undefined : problem(422, "AMOUNT_MISMATCH");
}

/** Holds past their time give back what they hold as soon as a claim is short of it. */
function sweep(world: World, ask: Buying, item: Item, mandate: Mandate): void {
  const shortOfUnits = item.open && item.free < ask.quantity;
  const shortOfMoney = spendable(mandate) < ask.amountMinor;
  for (const one of world.purchases) {
    if (one.state !== "held" || !one.lapsed) continue;
    const isNeeded =
      (shortOfUnits && one.itemId === item.id) || (shortOfMoney && one.mandateId === mandate.id);
    if (!isNeeded) continue;
    giveBack(world, one, one.quantity, one.amountMinor);
    one.state = "expired";
    world.rows.events++;
  }
}

function declineOf(world: World, ask: Buying, item: Item, mandate: Mandate): Decline | undefined {
  const { quantity, amountMinor: asks } = ask;
  if (!item.open) return { failureCode: "OUT_OF_STOCK", reason: "ITEM_CLOSED" };
  if (item.free < quantity) {
    return { failureCode: "OUT_OF_STOCK", reason: "SOLD_OUT", limit: item.free, asked: quantity };
  }
  const no = (reason: string, more: Fields = {}) => ({
    failureCode: "MANDATE_REJECTED",
    reason,
    ...more,
  });
  const { rules, state } = mandate;
  if (state !== "active") return no(state.toUpperCase());
  if (rules.expiresAt !== undefined && Date.parse(rules.expiresAt) <= Date.now()) {
    return no("EXPIRED");
  }
  if (rules.agentId !== undefined && rules.agentId !== ask.agentId) return no("AGENT");
  if (rules.allowedItems && !rules.allowedItems.includes(item.id)) return no("ITEM");
  if (mandate.currency !== ask.currency) return no("CURRENCY");
  const { purchaseMaxMinor: most, monthLimitMinor: limit } = rules;
  if (most !== undefined && asks > most) return no("PURCHASE_MAX", { limit: most, asked: asks });
  if (rules.duplicateWindowSeconds !== undefined && world.recent.includes(sameAs(ask))) {
    return no("DUPLICATE_SUSPECTED", { resetsAt: anyText });
  }
  if (limit !== undefined && mandate.room < asks) {
    const used = limit - mandate.room;
    return no("PERIOD", { period: "month", limit, used, asked: asks, resetsAt: nextMonth() });
  }
  if (mandate.remaining >= asks) return undefined;
  const used = mandate.capMinor - mandate.remaining;
  return no("CAP", { limit: mandate.capMinor, used, asked: asks });
}

const sameAs = ({ mandateId, agentId, itemId, amountMinor }: Buying): string =>
  [mandateId, agentId, itemId, amountMinor].join(" ");

function quoted({ amountMinor, currency }: Buying, decline: Decline | undefined): Prediction {
  const body = decline
    ? { outcome: "WOULD_DECLINE", ...decline, detail: anyText }
    : { outcome: "WOULD_COMMIT", amountMinor, currency };
  return { status: 200, body };
}

function grantedBuying(world: World, asked: Asked, item: Item, mandate: Mandate): Prediction {
  const ask = asked.body as unknown as Buying;
  const { quantity, amountMinor, currency, holdSeconds = 600 } = ask;
  const held = asked.does === "hold";
  const chosen = (value: unknown): boolean => /^[0-9a-f-]{36}:\d+$/.test(String(value));
  const body = {
    outcome: held ? "HELD" : "COMMITTED",
    intentId: newId(world),
    ledgerTxnId: anyId,
    chosenBucketId: chosen,
    ...(held && { expiresAt: aboutIn(holdSeconds) }),
    amountMinor,
    currency,
    ...ending,
  };
  const learn = (reply: Reply): void => {
    store(world, asked, reply, true);
    item.free -= quantity;
    mandate.remaining -= amountMinor;
    mandate.room -= amountMinor;
    if (mandate.rules.duplicateWindowSeconds !== undefined) world.recent.push(sameAs(ask));
    const { merchantId, mandateId, itemId } = ask;
    world.purchases.push({
      id: reply.body.intentId as string,
      merchantId,
      mandateId,
      itemId,
      quantity,
      amountMinor,
      currency,
      unitMinor: item.priceMinor,
      rulesVersion: mandate.rulesVersion,
      state: held ? "held" : "settled",
      lapsed: false,
      expiresAtMs: held ? Date.parse(reply.body.expiresAt as string) : 0,
      settledQuantity: held ? 0 : quantity,
      settledMinor: held ? 0 : amountMinor,
      returned: 0,
      refundedMinor: 0,
    });
  };
  return { status: 201, body, replayed: false, learn };
}
