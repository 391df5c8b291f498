import type { WholeEntryView } from "../../../../server/ledger/wire.ts";
import type { ListOf } from "../../api/use-pages.ts";
import { textsIn, type Search } from "../../search.ts";

export const filterNames = [
  "account",
  "kind",
  "side",
  "currency",
  "merchantId",
  "mandateId",
  "purchaseId",
  "from",
  "to",
] as const;
export type FilterName = (typeof filterNames)[number];
/** `at`: the moment that the balances are looked at; now without it. */
export type LedgerSearch = Search<FilterName | "at">;

export const readSearch = textsIn(...filterNames, "at");

export const path = "/v1/ledger/entries";

export function listOf({ at: _, ...filters }: LedgerSearch): ListOf<WholeEntryView> {
  return {
    path,
    query: { ...filters, view: "whole" },
    rowKey: ({ transactionId, leg }) => `${transactionId}.${leg}`,
  };
}
