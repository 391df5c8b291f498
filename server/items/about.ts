import { pageQuery } from "../http/list.ts";
import { itemBody } from "../http/new-item.ts";
import type { About } from "../http/route.ts";
import { nothing } from "../http/shapes.ts";
import * as wire from "./wire.ts";

export const aboutCreate: About = {
  summary: "Create an item",
  says: "With its price and its first stock.",
  body: itemBody,
  key: "required",
  answers: { 201: wire.wholeItemView },
  problems: ["UNKNOWN_MERCHANT", "SKU_TAKEN"],
};

export const aboutList: About = {
  summary: "List items",
  says: "Each with where its units are.",
  query: wire.listQuery,
  answers: { 200: wire.itemList },
  problems: ["UNKNOWN_MERCHANT"],
};

export const aboutShow: About = {
  summary: "Get an item",
  says: "With where its units are.",
  answers: { 200: wire.wholeItemView },
  problems: ["UNKNOWN_ITEM"],
};

export const aboutPrices: About = {
  summary: "List an item's prices",
  says: `The newest ${wire.pricesMax}; those before stay in the books.`,
  answers: { 200: wire.priceList },
  problems: ["UNKNOWN_ITEM"],
};

export const aboutMoves: About = {
  summary: "List an item's stock moves",
  says: "Its first stock and every adjustment, with the reason that was given.",
  query: pageQuery,
  answers: { 200: wire.moveList },
  problems: ["UNKNOWN_ITEM"],
};

/** A change is answered with the item as it is after it. */
const change = (summary: string, says: string, body: About["body"] = nothing): About => ({
  summary,
  says,
  body,
  key: "optional",
  answers: { 200: wire.wholeItemView },
  problems: ["UNKNOWN_ITEM", "BUSY"],
});

export const aboutClose = change(
  "Close an item",
  "Once this is answered no sale of it goes through any more.",
);

export const aboutOpen = change("Open an item", "Puts it on sale again.");

export const aboutPrice = change(
  "Set an item's price",
  "Asks that name the price of before are refused from now on.",
  wire.priceBody,
);

export const aboutAdjust: About = {
  ...change(
    "Adjust an item's stock",
    "More units, or fewer; once for its key, however often it is sent.",
    wire.adjustBody,
  ),
  key: "required",
  problems: ["UNKNOWN_ITEM", "NOT_ENOUGH_STOCK", "BUSY"],
};

export const aboutReshard = change(
  "Reshard an item's stock",
  "Deals the stock into more slices, or fewer, while it is sold.",
  wire.reshardBody,
);
