import type { WholeEntryView } from "../../../../server/ledger/wire.ts";
import type { MandateView } from "../../../../server/mandates/wire.ts";
import type { MerchantView } from "../../../../server/merchants/wire.ts";
import { useFinding } from "../../api/use-finding.ts";
import { usePages } from "../../api/use-pages.ts";
import { Money } from "../../ui/Figures.tsx";
import {
  FilterBar,
  SelectFilter,
  TextFilter,
  ThingFilter,
  TimeFilter,
} from "../../ui/FilterBar.tsx";
import { filtersIn } from "../../ui/filters.ts";
import { formatTime } from "../../ui/format.ts";
import { NothingFits, PagedList } from "../../ui/PagedList.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { filterNames, listOf, type FilterName, type LedgerSearch } from "./list.ts";
import { accountName, accounts, kinds, sidesOf, type Kind } from "./words.ts";

const money = (id: "debit" | "credit", header: string): Column<WholeEntryView> => ({
  id,
  header,
  align: "end",
  width: "minmax(76px, 112px)",
  narrow: "88px",
  cell: (entry) => {
    const minor = sidesOf(entry)[id];
    return minor === undefined ? "" : <Money minor={minor} currency={entry.currency} />;
  },
});

const text = (
  id: string,
  header: string,
  of: (entry: WholeEntryView) => string,
): Column<WholeEntryView> => ({
  id,
  header,
  wideOnly: true,
  cell: (entry) => (
    <span className="truncate" title={of(entry)}>
      {of(entry)}
    </span>
  ),
});

const columns: readonly Column<WholeEntryView>[] = [
  {
    id: "kind",
    header: "Entry",
    width: "104px",
    narrow: "minmax(0, 1fr)",
    cell: ({ kind, account }) => (
      <>
        {kinds[kind]}
        <span className="block truncate text-sm font-normal text-mute md:hidden">
          {accountName(account)}
        </span>
      </>
    ),
  },
  text("account", "Account", ({ account }) => accountName(account)),
  text("owner", "Whose", ({ ownerName, ownerId }) => ownerName ?? ownerId),
  text("against", "Against", ({ against }) => against.map(accountName).join(" and ")),
  {
    ...text("when", "Booked", ({ createdAt }) => formatTime(createdAt)),
    width: "188px",
  },
  money("debit", "Debit"),
  money("credit", "Credit"),
];

/** The legs, debit and credit in columns of their own; each leads to its purchase. */
export function Entries({
  search,
  fixed = [],
  onSet,
}: {
  readonly search: LedgerSearch;
  /** Filters that this screen is about. */
  readonly fixed?: readonly FilterName[];
  readonly onSet: (next: LedgerSearch) => void;
}) {
  const list = usePages(listOf(search), ["purchases"]);
  const isFiltered = filterNames.some(
    (name) => search[name] !== undefined && !fixed.includes(name),
  );
  const clear = (): void =>
    onSet(Object.fromEntries(Object.entries(search).filter(([name]) => name === "at")));
  const says =
    "Each purchase, hold, capture and refund books two entries or more that sum to zero.";
  const curl = `curl -H "Authorization: Bearer $ZERORACE_API_KEY" ${location.origin}${listOf({}).path}`;
  const empty = isFiltered ? (
    <NothingFits onClear={clear}>{says}</NothingFits>
  ) : (
    <EmptyState icon="ledger" title="Nothing is booked yet" curl={curl}>
      {says}
    </EmptyState>
  );
  return (
    <section id="entries" aria-labelledby="entries-title" className="flex flex-col gap-3">
      <h2 id="entries-title" className="text-lg font-semibold">
        Entries
      </h2>
      <EntryFilters search={search} fixed={fixed} onSet={onSet} onClear={clear} />
      <PagedList
        list={list}
        noun="entries"
        columns={columns}
        rowKey={listOf({}).rowKey}
        rowHref={({ purchaseId }) => `/purchases/${purchaseId}`}
        empty={empty}
        skeletonRows={10}
      />
    </section>
  );
}

const labels: Readonly<Record<FilterName, string>> = {
  account: "Account",
  kind: "Entry",
  side: "Side",
  currency: "Currency",
  merchantId: "Merchant",
  mandateId: "Mandate",
  purchaseId: "Purchase",
  from: "From",
  to: "Before",
};

const sides = [
  ["debit", "Debit"],
  ["credit", "Credit"],
] as const;

function EntryFilters({
  search,
  fixed,
  onSet,
  onClear,
}: {
  readonly search: LedgerSearch;
  readonly fixed: readonly FilterName[];
  readonly onSet: (next: LedgerSearch) => void;
  readonly onClear: () => void;
}) {
  const merchants = useFinding<MerchantView>("merchants");
  const mandates = useFinding<MandateView>("mandates");
  const { field, active } = filtersIn({
    search,
    labels,
    wordsOf: (name, value) => {
      if (name === "account") return accountName(value);
      if (name === "kind" && value in kinds) return kinds[value as Kind];
      return merchants.nameOf(value) ?? mandates.nameOf(value);
    },
    onSet,
  });
  const accountOptions = Object.entries(accounts).map(([id, { name }]) => [id, name] as const);
  return (
    <FilterBar
      active={active(filterNames.filter((name) => !fixed.includes(name)))}
      onClear={onClear}
    >
      {!fixed.includes("account") && (
        <SelectFilter {...field("account")} options={accountOptions} />
      )}
      <SelectFilter {...field("kind")} options={Object.entries(kinds)} />
      <SelectFilter {...field("side")} options={sides} any="Both" />
      <TextFilter {...field("currency")} hint="As in USD." />
      <ThingFilter {...field("merchantId")} finding={merchants} noun="merchants" />
      <ThingFilter {...field("mandateId")} finding={mandates} noun="mandates" />
      <TextFilter {...field("purchaseId")} hint="Its id." />
      <TimeFilter {...field("from")} />
      <TimeFilter {...field("to")} />
    </FilterBar>
  );
}
