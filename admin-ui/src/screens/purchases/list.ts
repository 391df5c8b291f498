import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { pagesOf, type ListOf } from "../../api/use-pages.ts";
import { textsIn, type Search } from "../../search.ts";

export const filterNames = [
  "outcome",
  "reason",
  "merchantId",
  "itemId",
  "mandateId",
  "agentId",
  "key",
  "from",
  "to",
] as const;
export type FilterName = (typeof filterNames)[number];
export type PurchaseSearch = Search<FilterName>;

export const readSearch = textsIn(...filterNames);

export const path = "/v1/purchases";

export function listOf(search: PurchaseSearch): ListOf<WholeAskView> {
  return { path, query: { ...search, view: "whole" }, rowKey: ({ id }) => id };
}

/** For the route: the first page is on its way before the screen is. */
export const firstPage = (search: PurchaseSearch) => pagesOf<WholeAskView>(listOf(search));
