import { anyId, anyText, problem } from "./expect.ts";
import { notOwn } from "./records.ts";
import type { Asked, Fields, Prediction, Reply, Rule } from "./request.ts";
import { release } from "./settling.ts";
import { itemView, mandateView, merchantView } from "./views.ts";
import type { Item, Mandate, Rules, World } from "./world.ts";

/** What is made, and what is done to items and mandates. */

/** The same key with the same body makes nothing new, and shows the thing as it is by now. */
function once(world: World, asked: Asked, show: (world: World, id: string) => Fields) {
  const known = world.creations.find(({ does, key }) => does === asked.does && key === asked.key);
  if (!known) return undefined;
  if (known.print !== JSON.stringify(asked.body)) return problem(409, "KEY_REUSED");
  return { status: 201, body: show(world, known.id), replayed: true };
}

function made(world: World, asked: Asked, { body }: Reply): { id: string; createdAt: string } {
  const made = { id: body.id as string, createdAt: body.createdAt as string };
  const { does, key = "" } = asked;
  world.creations.push({ does, key, print: JSON.stringify(asked.body), id: made.id });
  world.rows.entries++;
  return made;
}

const unborn = { id: anyId as unknown as string, createdAt: anyText as unknown as string };

export const newMerchant: Rule = (world, asked) => {
  const { name } = asked.body as { name: string };
  const learn = (reply: Reply): void => {
    world.merchants.push({ ...made(world, asked, reply), name });
  };
  const fresh = { status: 201, body: { ...unborn, name }, replayed: false, learn };
  return once(world, asked, merchantView) ?? fresh;
};

interface ItemBody {
  readonly merchantId: string;
  readonly sku: string;
  readonly name: string;
  readonly currency: string;
  readonly priceMinor: number;
  readonly stock: number;
  readonly buckets: number;
}

export const newItem: Rule = (world, asked) => {
  const known = once(world, asked, itemView);
  if (known) return known;
  const { stock, ...body } = asked.body as unknown as ItemBody;
  const { merchantId, sku } = body;
  const refused = notOwn(world, asked.who, merchantId, "UNKNOWN_MERCHANT");
  if (refused) return refused;
  const isTaken = world.items.some((one) => one.merchantId === merchantId && one.sku === sku);
  if (isTaken) return problem(409, "SKU_TAKEN");
  const item = { ...body, priceVersion: 1, open: true, stocked: stock, free: stock };
  const later = structuredClone(world);
  later.items.push({ ...item, id: "new", createdAt: "" });
  const learn = (reply: Reply): void => {
    world.items.push({ ...item, ...made(world, asked, reply) });
    world.rows.moves++;
  };
  return { status: 201, body: { ...itemView(later, "new"), ...unborn }, replayed: false, learn };
};

export const newMandate: Rule = (world, asked) => {
  const known = once(world, asked, mandateView);
  if (known) return known;
  const { name, currency, capMinor, buckets, ...rules } = asked.body as unknown as MandateBody;
  const refused = strangeItem(world, asked, rules);
  if (refused) return refused;
  const mandate = {
    name,
    currency,
    capMinor,
    buckets,
    rules,
    state: "active" as const,
    remaining: capMinor,
    rulesVersion: 1,
    room: rules.monthLimitMinor ?? 0,
  };
  const later = structuredClone(world);
  later.mandates.push({ ...mandate, id: "new", createdAt: "" });
  const learn = (reply: Reply): void => {
    world.mandates.push({ ...mandate, ...made(world, asked, reply) });
  };
  return { status: 201, body: { ...mandateView(later, "new"), ...unborn }, replayed: false, learn };
};

interface MandateBody extends Rules {
  readonly name: string;
  readonly currency: string;
  readonly capMinor: number;
  readonly buckets: number;
}

function strangeItem(world: World, { who }: Asked, { allowedItems = [] }: Rules) {
  const refused = allowedItems.map((id) => notOwn(world, who, id, "UNKNOWN_ITEM"));
  return refused.find((one) => one?.status === 403) ?? refused.find((one) => one !== undefined);
}

/** Done to a copy first, so that the view of it afterwards is known before it is done. */
function done(
  world: World,
  alone: boolean,
  show: (world: World) => Fields,
  change: (world: World) => void,
): Prediction {
  const after = structuredClone(world);
  change(after);
  const learn = (): void => {
    change(world);
    world.rows.entries++;
  };
  // Among others it may show what one of them did after it.
  return { status: 200, body: alone ? show(after) : () => true, learn };
}

export const onItem: Rule = (world, asked, alone) => {
  const { id = "", does } = asked;
  const refused = notOwn(world, asked.who, id, "UNKNOWN_ITEM");
  if (refused) return refused;
  const body = asked.body as { priceMinor: number; quantity: number; buckets: number };
  const free = world.items.find((one) => one.id === id)?.free ?? 0;
  if (does === "adjust" && free + body.quantity < 0) return problem(409, "NOT_ENOUGH_STOCK");
  const change = (item: Item, rows: World["rows"]): void => {
    if (does === "close" || does === "open") item.open = does === "open";
    if (does === "reshard") item.buckets = body.buckets;
    if (does === "price") {
      item.priceMinor = body.priceMinor;
      item.priceVersion++;
    }
    if (does === "adjust") {
      item.free += body.quantity;
      item.stocked += body.quantity;
      rows.moves++;
    }
  };
  return done(
    world,
    alone,
    (later) => itemView(later, id),
    (later) => {
      for (const item of later.items) if (item.id === id) change(item, later.rows);
    },
  );
};

export const onMandate: Rule = (world, asked, alone) => {
  const { id = "", does } = asked;
  if (does === "rules") {
    const strange = strangeItem(world, asked, asked.body as Rules);
    if (strange) return strange;
  }
  const refused = notOwn(world, asked.who, id, "UNKNOWN_MANDATE");
  if (refused) return refused;
  const mandate = world.mandates.find((one) => one.id === id);
  const { capMinor = 0, releaseHolds } = asked.body as {
    capMinor?: number;
    releaseHolds?: boolean;
  };
  const isOver = mandate?.state === "revoked";
  if (isOver && (does === "pause" || does === "activate")) return problem(409, "MANDATE_REVOKED");
  const spent = mandate ? mandate.capMinor - mandate.remaining : 0;
  if (does === "cap" && capMinor < spent) return problem(409, "CAP_BELOW_SPENT");
  const states = { pause: "paused", activate: "active", revoke: "revoked" } as const;
  const change = (later: World, one: Mandate): void => {
    if (does === "pause" || does === "activate" || does === "revoke") one.state = states[does];
    if (does === "cap") {
      one.remaining += capMinor - one.capMinor;
      one.capMinor = capMinor;
    }
    if (does === "rules") setRules(later, one, asked.body as Rules);
    if (does === "revoke" && releaseHolds === true) releaseAll(later, id);
  };
  return done(
    world,
    alone,
    (later) => mandateView(later, id),
    (later) => {
      for (const one of later.mandates) if (one.id === id) change(later, one);
    },
  );
};

/** What was spent this month counts under the new limit. */
function setRules({ purchases }: World, mandate: Mandate, rules: Rules): void {
  let spent = 0;
  for (const one of purchases) {
    if (one.mandateId !== mandate.id) continue;
    if (one.state === "held") spent += one.amountMinor;
    if (one.state === "settled") spent += one.settledMinor - one.refundedMinor;
  }
  mandate.rules = rules;
  mandate.rulesVersion++;
  mandate.room = Math.max(0, (rules.monthLimitMinor ?? 0) - spent);
}

/** By asks of its own, which are on record but in nobody's list. */
function releaseAll(world: World, mandateId: string): void {
  for (const one of world.purchases) {
    if (one.mandateId !== mandateId || one.state !== "held") continue;
    release(world, one).change({ status: 201, text: "", body: {}, replayed: null });
    world.rows.released++;
    world.rows.events++;
  }
}
