import { randomUUID } from "node:crypto";
import * as request from "./request.ts";
import type { Asked, Fields, Spoil, Verb } from "./request.ts";
import { noSuch, strange, type Step } from "./steps.ts";
import type { Item, Rules, World } from "./world.ts";

/** What another tenant has; the same for all sequences. */
export interface Strange {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
  readonly purchaseId: string;
}

/** A step as a request in the world as it is: its numbers become the ids of what is there. */
export function requestOf(
  world: World,
  strangers: Strange,
  step: Step,
  { sent, name }: { readonly sent: readonly Asked[]; readonly name: string },
): Asked {
  const { who } = step;
  if (step.does === "again") {
    const before = sent.filter(({ does }) => request.isOneOf(replayable, does));
    const one = before[before.length - 1 - (step.n % Math.max(1, before.length))];
    if (one) return { ...one, who: safe(one.does, who), spoil: "none", ...other(one, step) };
  }
  const does = step.does === "again" ? "commit" : step.does;
  const things = thingsOf(world, strangers, step);
  const isCommand = request.isOneOf([...request.itemVerbs, ...request.mandateVerbs], does);
  const hasKey = isCommand || request.isOneOf(replayable, does);
  return {
    does,
    who: safe(does, who),
    spoil: fitting(does, step.spoil),
    ...partsOf(world, step, things, name),
    ...(hasKey && { key: step.key === 0 || isCommand ? name : `key-${step.key}` }),
  };
}

/** What has an answer under its key. */
const replayable: readonly string[] = [...request.askVerbs, ...request.newVerbs];

/** A stranger's key would make and list a stranger's things, and nobody looks at those. */
function safe(does: Verb, who: Asked["who"]): Asked["who"] {
  const isOwn = request.isOneOf([...request.newVerbs, ...request.listVerbs], does);
  return who === "stranger" && isOwn ? "owner" : who;
}

/** Some spoils mean nothing to some requests. */
function fitting(does: Verb, spoil: Spoil): Spoil {
  if (request.isRead(does)) return spoil === "query" ? "query" : "none";
  const needsKey = request.isOneOf([...request.askVerbs, ...request.newVerbs], does);
  if (spoil === "noKey" && !needsKey) return "none";
  if (spoil === "badKey" && !needsKey && does !== "many") return "none";
  const isFree = does === "rules" || does === "revoke";
  return spoil === "missing" && isFree ? "extra" : spoil;
}

/** Every third time not quite the same: the key was used already. */
function other({ body, id }: Asked, { n }: Step): Partial<Asked> {
  if (n % 3 !== 0 || !body) return {};
  const number = Object.keys(body).find((field) => typeof body[field] === "number");
  if (number === undefined) return id === undefined ? {} : { id: randomUUID() };
  return { body: { ...body, [number]: (body[number] as number) + 1 } };
}

interface Things {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
  readonly subjectId: string;
}

function thingsOf(world: World, strangers: Strange, step: Step): Things {
  const from = (all: readonly { readonly id: string }[], at: number, strangeId: string): string => {
    if (at === strange) return strangeId;
    return all[at % all.length]?.id ?? randomUUID();
  };
  const itemId = from(world.items, step.item, strangers.itemId);
  const home = world.items.find(({ id }) => id === itemId)?.merchantId;
  const drawn = from(world.merchants, step.merchant, strangers.merchantId);
  const isPlain = step.merchant !== noSuch && step.merchant !== strange;
  return {
    // Mostly the one that sells the item.
    merchantId: isPlain && step.n !== 0 ? (home ?? drawn) : drawn,
    itemId,
    mandateId: from(world.mandates, step.mandate, strangers.mandateId),
    subjectId: from(subjectsOf(world, step), step.subject, strangers.purchaseId),
  };
}

/** From the newest; mostly those with which it may be done. */
function subjectsOf({ purchases }: World, { does, n }: Step): readonly { readonly id: string }[] {
  const wanted = does === "refund" ? "settled" : "held";
  const fitting = n % 3 === 0 ? [] : purchases.filter(({ state }) => state === wanted);
  return (fitting.length > 0 ? fitting : purchases).toReversed();
}

function partsOf(
  world: World,
  step: Step,
  things: Things,
  name: string,
): Pick<Asked, "id" | "body" | "query" | "asks"> {
  const { does } = step;
  if (does === "commit" || does === "quote" || does === "hold" || does === "again") {
    return { body: buying(world, step, things) };
  }
  if (does === "many") return manyOf(world, step, things, name);
  if (request.isOneOf(request.askVerbs, does)) return onPurchase(world, step, things);
  if (request.isOneOf(request.newVerbs, does)) return { body: newThing(step, things, name) };
  if (request.isOneOf(request.itemVerbs, does)) return { id: things.itemId, body: change(step) };
  if (request.isOneOf(request.mandateVerbs, does)) {
    const body = does === "rules" ? { ...rulesOf(step, things) } : change(step);
    return { id: things.mandateId, body };
  }
  return reading(world, step, things);
}

function buying(world: World, step: Step, { subjectId: _, ...ids }: Things): Fields {
  const item = world.items.find(({ id }) => id === ids.itemId);
  const price = item?.priceMinor ?? 100;
  return {
    ...ids,
    agentId: step.n % 5 === 4 ? "another" : "agent",
    quantity: step.units,
    amountMinor: Math.max(0, price * step.units + step.off),
    currency: currencyOf(item, step),
    ...(step.does === "hold" && { holdSeconds: 600 + step.n }),
  };
}

const currencyOf = (item: Item | undefined, { n, off }: Step): string =>
  n === 10 && off !== 0 ? "GBP" : (item?.currency ?? "USD");

function manyOf(world: World, step: Step, things: Things, name: string) {
  const asks = [0, 1, 2].slice(0, 1 + (step.n % 3)).map((index): Asked => {
    const own = { ...step, units: 1 + ((step.units + index) % 3), off: index === 2 ? step.off : 0 };
    const key = step.key === 0 ? `${name}-${index % 2}` : `key-${step.key}`;
    const body = buying(world, { ...own, does: "commit" }, things);
    const isBad = step.subject === 3 && index === 1;
    const spoil = isBad ? (["extra", "missing", "type", "float"] as const)[step.n % 4] : undefined;
    return { does: "commit", who: "owner", spoil: spoil ?? "none", key, body };
  });
  const texts = asks.map((ask) => JSON.parse(request.textOf(ask)) as Fields);
  const body = {
    asks: texts.map((text, index) => ({ ...text, idempotencyKey: asks[index]?.key })),
  };
  return { asks, body };
}

function onPurchase(world: World, step: Step, things: Things): Pick<Asked, "id" | "body"> {
  const { does, n, units, off } = step;
  const purchase = world.purchases.find(({ id }) => id === things.subjectId);
  const isElsewhere = step.merchant === noSuch || step.merchant === strange || n === 0;
  const merchantId = isElsewhere ? things.merchantId : (purchase?.merchantId ?? things.merchantId);
  const whole = purchase?.amountMinor ?? 100;
  const parts: Partial<Record<typeof does, Fields>> = {
    capture: n % 2 === 0 ? {} : { quantity: units },
    extend: { holdSeconds: 300 * units },
    refund: {
      amountMinor: Math.max(1, (n % 2 === 0 ? whole : Math.floor(whole / 2)) + off),
      ...(n % 3 === 0 && { returnQuantity: units }),
    },
  };
  return { id: things.subjectId, body: { merchantId, ...parts[does] } };
}

function newThing(step: Step, { merchantId, ...things }: Things, name: string): Fields {
  const { does, n, units } = step;
  if (does === "newMerchant") return { name: `merchant ${name}` };
  const currency = n === 7 ? "EUR" : "USD";
  if (does === "newMandate") {
    const capMinor = 150 * (n + 1);
    return { name: "a mandate", currency, capMinor, buckets: units, ...rulesOf(step, things) };
  }
  const sku = n % 7 === 6 ? "taken" : `sku ${name}`;
  const selling = { currency, priceMinor: [100, 70, 0, 33][n % 4], stock: 2 * n, buckets: units };
  return { merchantId, sku, name: "a thing", ...selling };
}

function rulesOf({ n, units }: Step, { itemId }: Pick<Things, "itemId">): Rules {
  return {
    ...(n % 4 === 1 && { purchaseMaxMinor: 100 * units }),
    ...(n % 4 === 2 && { monthLimitMinor: 200 * units }),
    ...(n === 7 && { agentId: "agent" }),
    ...(n === 8 && { allowedItems: [itemId] }),
    ...(n === 9 && { duplicateWindowSeconds: 86_400 }),
    ...(n === 5 && units === 1 && { expiresAt: "2026-01-01T00:00:00.000Z" }),
  };
}

function change({ does, n, units, off }: Step): Fields {
  switch (does) {
    case "price":
      return { priceMinor: 25 * n };
    case "adjust":
      return { quantity: n % 2 === 0 ? units : -units, reason: "counted" };
    case "reshard":
      return { buckets: units };
    case "cap":
      return { capMinor: 100 * n + units + off };
    case "revoke":
      return n % 2 === 0 ? {} : { releaseHolds: n % 4 === 1 };
    default:
      return {};
  }
}

function reading(world: World, step: Step, things: Things): Pick<Asked, "id" | "query"> {
  const { does, n, subject } = step;
  const { merchantId, itemId, mandateId } = things;
  const ask = world.asks[subject % Math.max(1, world.asks.length)];
  const limit = String(1 + n);
  switch (does) {
    case "readMerchant":
      return { id: merchantId };
    case "readItem":
      return { id: itemId };
    case "readMandate":
      return { id: mandateId };
    case "readAsk":
      return { id: ask?.id ?? things.subjectId };
    case "lookUp":
      return n % 4 === 0 || !ask
        ? { query: { merchantId, idempotencyKey: "nobody-sent-this" } }
        : { query: { merchantId: ask.merchantId, idempotencyKey: ask.key } };
    case "listAsks": {
      const outcome = ["committed", "held", "declined"][n % 3];
      const filters = [{}, { outcome }, { merchantId }, { itemId }, { mandateId, outcome }];
      return { query: { limit, ...filters[n % filters.length] } };
    }
    default:
      return { query: { limit } };
  }
}
