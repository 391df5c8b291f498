import type { DeliveryView, EndpointView } from "../../../../server/webhooks/wire.ts";
import { usePages } from "../../api/use-pages.ts";
import { Num, Time } from "../../ui/Figures.tsx";
import { FilterBar, SelectFilter, TimeFilter } from "../../ui/FilterBar.tsx";
import { filtersIn } from "../../ui/filters.ts";
import { formatDuration } from "../../ui/format.ts";
import { NothingFits, PagedList } from "../../ui/PagedList.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
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
  const clear = (): void =>
    onSet({ ...search, state: undefined, event: undefined, from: undefined, to: undefined });
  const isFiltered = [state, event, from, to].some((one) => one !== undefined);
  const empty = isFiltered ? (
    <NothingFits onClear={clear}>Deliveries are kept for 30 days.</NothingFits>
  ) : (
    <EmptyState icon="webhooks" title="Nothing was sent yet">
      It hears of what happens from now on. Send a test to see whether it arrives.
    </EmptyState>
  );
  return (
    <>
      <Filters search={search} onSet={onSet} onClear={clear} />
      <PagedList
        list={list}
        noun="deliveries"
        columns={columns}
        rowKey={({ id }) => id}
        rowHref={({ id }) => `/webhooks/deliveries/${id}`}
        empty={empty}
        skeletonRows={6}
      />
    </>
  );
}

const labels = { state: "State", event: "Event", from: "From", to: "Before" } as const;

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
  const { field, active, setOne } = filtersIn({
    search,
    labels,
    wordsOf: () => undefined,
    onSet,
  });
  return (
    <FilterBar
      active={active(["event", "from", "to"])}
      onClear={onClear}
      start={
        <div className="max-w-full overflow-x-auto">
          <Segments
            label="State"
            options={states}
            value={search.state ?? ""}
            onSet={(value) => setOne("state", value || undefined)}
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
