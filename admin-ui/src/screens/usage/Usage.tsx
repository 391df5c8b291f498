import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { UsageView } from "../../../../server/usage/wire.ts";
import { get } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Num } from "../../ui/Figures.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Input } from "../../ui/Field.tsx";
import { Page, Panel } from "../../ui/Page.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { Callers } from "./Callers.tsx";
import { grantedIn, rowsBy, type UsageRow, type UsageSearch } from "./rows.ts";

export function Usage() {
  const search = useSearch({ from: "/signed-in/usage" });
  const { from, to } = search;
  const { data, error, refetch } = useQuery({
    queryKey: ["usage", { from, to }],
    queryFn: ({ signal }) => get<UsageView>("/v1/usage", { query: { from, to }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  return (
    <Page
      title="Usage"
      actions={<ExportButton path="/v1/usage" query={{ from, to }} name="usage" />}
    >
      <Span search={search} shown={data} />
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Counted usage={data} search={search} />
      ) : (
        <SkeletonRows rows={10} />
      )}
    </Page>
  );
}

/** Which days, and how they are put together. What is shown before anybody chose is the server's choice. */
function Span({
  search,
  shown,
}: {
  readonly search: UsageSearch;
  readonly shown: UsageView | undefined;
}) {
  const navigate = useNavigate({ from: "/usage" });
  const set = (next: UsageSearch): void => {
    const given = Object.entries({ ...search, ...next }).filter((one) => one[1] !== undefined);
    void navigate({ search: Object.fromEntries(given), replace: true, resetScroll: false });
  };
  const day = (name: "from" | "to", label: string) => (
    <Input
      key={`${name} ${search[name] ?? shown?.[name]}`}
      label={label}
      type="date"
      defaultValue={search[name] ?? shown?.[name] ?? ""}
      onBlur={(event) => {
        const next = event.target.value || undefined;
        if (next !== (search[name] ?? shown?.[name])) set({ [name]: next });
      }}
    />
  );
  return (
    <section aria-label="Span" className="flex flex-wrap items-end gap-x-4 gap-y-3">
      <Segments
        label="Put together"
        options={[
          ["", "By day"],
          ["month", "By month"],
        ]}
        value={search.by ?? ""}
        onSet={(by) => set({ by: by || undefined })}
      />
      {day("from", "First day, UTC")}
      {day("to", "Last day, UTC")}
    </section>
  );
}

const number = (id: keyof UsageRow, header: string): SmallColumn<UsageRow> => ({
  id,
  header,
  align: "end",
  cell: (row) => <Num value={Number(row[id])} />,
});

const columns: readonly SmallColumn<UsageRow>[] = [
  { id: "label", header: "When", cell: ({ label }) => label },
  number("commits", "Commits"),
  number("holds", "Holds"),
  number("captures", "Captures"),
  number("extensions", "Extensions"),
  number("releases", "Releases"),
  number("refunds", "Refunds"),
  number("declines", "Declines"),
  number("replays", "Replays"),
];

function Counted({ usage, search }: { readonly usage: UsageView; readonly search: UsageSearch }) {
  const { totals, from, to } = usage;
  const isMonthly = search.by === "month";
  const rows = rowsBy(usage.data, isMonthly ? "month" : "day");
  const asked = grantedIn(totals) + totals.declines;
  if (asked + totals.replays === 0) return <Nothing />;
  const bars = rows.map((row) => {
    const value = grantedIn(row) + row.declines;
    return { label: row.label, value, shown: formatNumber(value) };
  });
  const foot = Object.fromEntries(
    Object.entries(totals).map(([name, value]) => [name, <Num key={name} value={value} />]),
  );
  return (
    <>
      <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Tile label="Asks answered" value={<Num value={asked} />} note="each once" />
        <Tile label="Granted" value={<Num value={grantedIn(totals)} />} note="of every kind" />
        <Tile label="Declined" value={<Num value={totals.declines} />} note="stored and replayed" />
        <Tile
          label="Replays"
          value={<Num value={totals.replays} />}
          note="sent again: nothing moved"
        />
      </div>
      <Panel title={isMonthly ? "Asks by month" : "Asks by day"}>
        <Sparkline
          label={`Asks answered from ${from} to ${to}, in UTC`}
          bars={bars}
          unit="Asks"
          height={72}
        />
      </Panel>
      <Panel title={isMonthly ? "Month by month" : "Day by day"} flush>
        <SmallTable
          label="Usage"
          columns={columns}
          rows={rows.toReversed()}
          rowKey={({ label }) => label}
          foot={{ label: "All of them", ...foot }}
        />
      </Panel>
      <Callers from={from} to={to} />
    </>
  );
}

function Nothing() {
  return (
    <EmptyState
      icon="usage"
      title="Nothing was asked in these days"
      curl={curlOf("GET", "/v1/usage")}
    >
      Every commit, hold, capture and refund that was answered is counted here, by the day in UTC,
      with the declines and what was sent again.
    </EmptyState>
  );
}
