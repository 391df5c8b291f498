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
  type ActiveFilter,
} from "../../ui/FilterBar.tsx";
import { formatMoment } from "../../ui/format.ts";
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
  const setOne = (name: FilterName, value: string | undefined): void => {
    const next: Partial<Record<FilterName, string | undefined>> = { ...search, [name]: value };
    // What was bought has no reason.
    if (name === "outcome" && value !== undefined && value !== "declined") delete next.reason;
    if (name === "reason" && value !== undefined) next.outcome = "declined";
    const given = Object.entries(next).filter((one) => one[1] !== undefined);
    onSet(Object.fromEntries(given));
  };
  const field = (name: FilterName) => ({
    label: labels[name],
    value: search[name],
    onSet: (value: string | undefined) => setOne(name, value),
  });
  const wordsOf = (name: FilterName, value: string): string => {
    if (name === "reason") return reasonWords(value);
    if (name === "from" || name === "to") return formatMoment(value, Date.now());
    return (name in named && named[name as keyof typeof named].nameOf(value)) || value;
  };
  const active = filterNames.flatMap((name): ActiveFilter[] => {
    const value = search[name];
    if (value === undefined || name === "outcome") return [];
    const onRemove = (): void => setOne(name, undefined);
    return [{ label: labels[name], value: wordsOf(name, value), onRemove }];
  });
  return (
    <FilterBar
      active={active}
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
