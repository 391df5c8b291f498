import type { ItemView } from "../../../../server/items/wire.ts";
import type { MandateView } from "../../../../server/mandates/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { useFinding } from "../../api/use-finding.ts";
import {
  FilterBar,
  SelectFilter,
  TextFilter,
  ThingFilter,
  TimeFilter,
} from "../../ui/FilterBar.tsx";
import { filtersIn } from "../../ui/filters.ts";
import { Segments } from "../../ui/Segments.tsx";
import { filterNames, type FilterName, type PurchaseSearch } from "./list.ts";
import { buyingReasons } from "../reasons.ts";
import { reasonWords } from "./words.ts";

const outcomes = [
  ["", "All"],
  ["committed", "Bought"],
  ["held", "Held"],
  ["declined", "Declined"],
] as const;

const reasonOptions = Object.entries(buyingReasons).map(
  ([code, { label }]) => [code, label] as const,
);

const labels: Readonly<Record<FilterName, string>> = {
  outcome: "Outcome",
  reason: "Reason",
  merchantId: "Merchant",
  itemId: "Item",
  mandateId: "Mandate",
  agentId: "Agent",
  key: "Idempotency key",
  from: "From",
  to: "Before",
};

/** What was bought has no reason. */
function agreeing(next: PurchaseSearch, changed: FilterName): PurchaseSearch {
  if (changed === "reason" && next.reason !== undefined) return { ...next, outcome: "declined" };
  if (changed !== "outcome" || next.outcome === undefined || next.outcome === "declined")
    return next;
  const { reason: _, ...rest } = next;
  return rest;
}

export function PurchaseFilters({
  search,
  onSet,
}: {
  readonly search: PurchaseSearch;
  readonly onSet: (next: PurchaseSearch) => void;
}) {
  const named = {
    merchantId: useFinding<MerchantView>("merchants"),
    itemId: useFinding<ItemView>("items"),
    mandateId: useFinding<MandateView>("mandates"),
  } as const;
  const { field, active, setOne } = filtersIn({
    search,
    labels,
    wordsOf: (name, value) => {
      if (name === "reason") return reasonWords(value);
      return name in named ? named[name as keyof typeof named].nameOf(value) : value;
    },
    onSet: (next, changed) => onSet(agreeing(next, changed)),
  });
  return (
    <FilterBar
      active={active(filterNames.filter((name) => name !== "outcome"))}
      onClear={() => onSet({})}
      start={
        <Segments
          label="Outcome"
          options={outcomes}
          value={search.outcome ?? ""}
          onSet={(value) => setOne("outcome", value || undefined)}
        />
      }
    >
      <SelectFilter {...field("reason")} options={reasonOptions} />
      <ThingFilter {...field("merchantId")} finding={named.merchantId} noun="merchants" />
      <ThingFilter {...field("itemId")} finding={named.itemId} noun="items" />
      <ThingFilter {...field("mandateId")} finding={named.mandateId} noun="mandates" />
      <TextFilter {...field("agentId")} hint="Its whole name." />
      <TextFilter {...field("key")} hint="The whole key, at any merchant." />
      <TimeFilter {...field("from")} />
      <TimeFilter {...field("to")} />
    </FilterBar>
  );
}
