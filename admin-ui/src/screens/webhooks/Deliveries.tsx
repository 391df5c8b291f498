import type { DeliveryView, EndpointView } from "../../../../server/webhooks/wire.ts";
import { usePages } from "../../api/use-pages.ts";
import { Button } from "../../ui/Button.tsx";
import { Num, Time } from "../../ui/Figures.tsx";
import { FilterBar, SelectFilter, TimeFilter, type ActiveFilter } from "../../ui/FilterBar.tsx";
import { formatDuration, formatMoment } from "../../ui/format.ts";
import { FreshRows, ListFooter } from "../../ui/ListFooter.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { useIsNarrow } from "../../ui/use-media.ts";
import { useKinds } from "./EventPicker.tsx";
import { NextTime, StandingBadge } from "./Health.tsx";
import type { WebhookSearch } from "./search.ts";
import { standingOf } from "./words.ts";

const columns: readonly Column<DeliveryView>[] = [
  {
    id: "event",
    header: "Event",
    width: "minmax(0, 1.5fr)",
    cell: (delivery) => (
      <>
        {delivery.event}
        <span className="block truncate text-sm font-normal text-mute md:hidden">
          {answerOf(delivery)} · <Time at={delivery.createdAt} />
        </span>
      </>
    ),
  },
  {
    id: "state",
    header: "State",
    width: "104px",
    cell: (delivery) => <StandingBadge standing={standingOf(delivery)} />,
  },
  {
    id: "answer",
    header: "Last answer",
    width: "minmax(0, 2.4fr)",
    wideOnly: true,
    cell: (delivery) => (
      <span className="truncate" title={answerOf(delivery)}>
        {delivery.lastStatus !== null && (
          <b className="font-medium tabular-nums">{delivery.lastStatus} </b>
        )}
        <span className="text-mute">
          {delivery.lastStatus === null ? answerOf(delivery) : delivery.lastAnswer}
        </span>
      </span>
    ),
  },
  {
    id: "ms",
    header: "Took",
    width: "76px",
    align: "end",
    wideOnly: true,
    cell: ({ lastMs }) => (lastMs === null ? "" : formatDuration(lastMs)),
  },
  {
    id: "attempts",
    header: "Attempts",
    width: "72px",
    align: "end",
    wideOnly: true,
    cell: ({ attempts }) => <Num value={attempts} />,
  },
  {
    id: "next",
    header: "Next attempt",
    width: "108px",
    align: "end",
    wideOnly: true,
    cell: ({ nextAttemptAt }) =>
      nextAttemptAt === null ? (
        <span className="text-mute">none</span>
      ) : (
        <NextTime at={nextAttemptAt} />
      ),
  },
  {
    id: "when",
    header: "Happened",
    width: "112px",
    align: "end",
    wideOnly: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

function answerOf({ lastStatus, lastFault, lastAnswer }: DeliveryView): string {
  if (lastStatus === null) return lastFault ?? "not tried yet";
  return lastAnswer ? `${lastStatus} ${lastAnswer}` : String(lastStatus);
}

const states = [
  ["", "All"],
  ["delivered", "Delivered"],
  ["pending", "Due"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
] as const;

export function Deliveries({
  webhook,
  search,
  onSet,
}: {
  readonly webhook: EndpointView;
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
}) {
  const { state, event, from, to } = search;
  const path = `/v1/webhooks/${webhook.id}/deliveries`;
  const query = { state, event, from, to };
  const list = usePages<DeliveryView>({ path, query, rowKey: ({ id }) => id }, ["webhooks"]);
  const isNarrow = useIsNarrow();
  const { rows, isFirst, error, retry, hasMore } = list;
  const clear = (): void =>
    onSet({ ...search, state: undefined, event: undefined, from: undefined, to: undefined });
  const isFiltered = [state, event, from, to].some((one) => one !== undefined);
  return (
    <>
      <Filters search={search} onSet={onSet} onClear={clear} />
      {isFirst ? (
        <SkeletonRows rows={6} />
      ) : error && rows.length === 0 ? (
        <ErrorState error={error} onRetry={retry} />
      ) : rows.length === 0 && !hasMore ? (
        <Nothing isFiltered={isFiltered} onClear={clear} />
      ) : (
        <div>
          <FreshRows list={list} noun="deliveries" />
          <Table
            rowHeight={isNarrow ? 56 : 40}
            label="Deliveries"
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            rowHref={({ id }) => `/webhooks/deliveries/${id}`}
            footer={<ListFooter list={list} noun="deliveries" />}
          />
        </div>
      )}
    </>
  );
}

function Filters({
  search,
  onSet,
  onClear,
}: {
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
  readonly onClear: () => void;
}) {
  const kinds = useKinds();
  const labels = { event: "Event", from: "From", to: "Before" } as const;
  const field = (name: keyof typeof labels) => ({
    label: labels[name],
    value: search[name],
    onSet: (value: string | undefined) => onSet({ ...search, [name]: value }),
  });
  const active = (["event", "from", "to"] as const).flatMap((name): ActiveFilter[] => {
    const value = search[name];
    if (value === undefined) return [];
    const words = name === "event" ? value : formatMoment(value, Date.now());
    return [{ label: labels[name], value: words, onRemove: () => field(name).onSet(undefined) }];
  });
  return (
    <FilterBar
      active={active}
      onClear={onClear}
      start={
        <div className="max-w-full overflow-x-auto">
          <Segments
            label="State"
            options={states}
            value={search.state ?? ""}
            onSet={(value) => onSet({ ...search, state: value || undefined })}
          />
        </div>
      }
    >
      <SelectFilter
        {...field("event")}
        options={(kinds.data?.data ?? []).map(({ event }) => [event, event] as const)}
      />
      <TimeFilter {...field("from")} />
      <TimeFilter {...field("to")} />
    </FilterBar>
  );
}

function Nothing({
  isFiltered,
  onClear,
}: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}) {
  if (isFiltered) {
    return (
      <EmptyState
        icon="filter"
        title="Nothing fits these filters"
        action={<Button onClick={onClear}>Clear the filters</Button>}
      >
        Deliveries are kept for 30 days.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="webhooks" title="Nothing was sent yet">
      It hears of what happens from now on. Send a test to see whether it arrives.
    </EmptyState>
  );
}
