import { problem } from "./expect.ts";
import { notOwn, whose } from "./records.ts";
import type { Asked, Fields, Prediction, Rule } from "./request.ts";
import * as views from "./views.ts";
import type { StoredAsk, World } from "./world.ts";

/** What can be read back: one thing, one ask by its id or its key, and lists of all. */

const things = {
  readMerchant: ["UNKNOWN_MERCHANT", views.merchantView],
  readItem: ["UNKNOWN_ITEM", views.itemView],
  readMandate: ["UNKNOWN_MANDATE", views.mandateView],
} as const;

export const readThing: Rule = (world, { does, who, id = "" }) => {
  const [unknown, show] = things[does as keyof typeof things];
  const refused = notOwn(world, who, id, unknown);
  return refused ?? { status: 200, body: show(world, id) };
};

export const readAsk: Rule = (world, { who, id = "" }) => {
  const ask = world.asks.find((one) => one.id === id);
  if (!ask || who === "stranger") {
    const isOther = whose(world, who, id) === "other";
    return isOther ? problem(403, "FORBIDDEN") : problem(404, "UNKNOWN_PURCHASE");
  }
  return { status: 200, body: views.askView(ask) };
};

export const lookUp: Rule = (world, { who, query }) => {
  const { merchantId = "", idempotencyKey } = query as Record<string, string>;
  const refused = notOwn(world, who, merchantId, "UNKNOWN_MERCHANT");
  if (refused) return refused;
  const ask = world.asks.find((one) => one.merchantId === merchantId && one.key === idempotencyKey);
  return ask ? { status: 200, body: views.askView(ask) } : problem(404, "NOT_KNOWN_YET");
};

/** Every page of a list, put together in the order of the ids. */
export const list: Rule = (world, asked) => {
  switch (asked.does) {
    case "listMerchants":
      return whole(world.merchants.map(({ id }) => views.merchantView(world, id)));
    case "listItems":
      return whole(world.items.map(({ id }) => views.itemView(world, id)));
    case "listMandates":
      return whole(world.mandates.map(({ id }) => views.shortMandateView(world, id)));
    default:
      return listAsks(world, asked);
  }
};

function listAsks(world: World, { who, query = {} }: Asked): Prediction {
  const { limit: _, ...filter } = query as Record<string, string>;
  const unknown = { merchantId: "MERCHANT", mandateId: "MANDATE", itemId: "ITEM" };
  for (const [name, noun] of Object.entries(unknown)) {
    const id = filter[name];
    const refused = id === undefined ? undefined : notOwn(world, who, id, `UNKNOWN_${noun}`);
    if (refused) return refused;
  }
  return whole(world.asks.filter((ask) => fits(ask, filter)).map(views.askView));
}

function fits(ask: StoredAsk, { outcome, ...ids }: Record<string, string>): boolean {
  const { does, granted } = ask;
  if (does !== "commit" && does !== "hold") return false;
  const became = granted ? { commit: "committed", hold: "held" }[does] : "declined";
  if (outcome !== undefined && became !== outcome) return false;
  return Object.entries(ids).every(([name, id]) => ask[name as "itemId"] === id);
}

const idOf = (one: Fields): string => one["id"] as string;

function whole(all: readonly Fields[]): Prediction {
  const data = all.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  return { status: 200, body: { data } };
}
