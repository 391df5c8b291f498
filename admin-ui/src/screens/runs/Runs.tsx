import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { RunLine } from "../../../../server/runs/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatDuration, formatNumber } from "../../ui/format.ts";
import { Page } from "../../ui/Page.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { NewRun } from "./NewRun.tsx";
import { Verdict } from "./Verdict.tsx";
import { curlOf, sizeOf, whole } from "./words.ts";

interface RunPage {
  readonly data: readonly RunLine[];
  readonly nextCursor: string | null;
}

const route = getRouteApi("/signed-in/runs");
const defaultAgents = 10_000;
const nothing = <span className="text-mute">–</span>;

export function Runs() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const { cursor } = search;
  const reason = useReasonAgainst("runs:write");
  const page = useQuery({
    queryKey: ["runs", cursor ?? ""],
    queryFn: ({ signal }) => get<RunPage>("/v1/runs", { query: { cursor }, signal }),
    placeholderData: keepPreviousData,
  });
  useLiveQueries(["runs"], [["runs"]]);
  const at = cursor === undefined ? {} : { cursor };
  const open = (): void => void navigate({ to: "/runs", search: { ...at, new: defaultAgents } });
  usePaletteActions([{ label: "New run", icon: "plus", run: open }]);
  const action = (
    <Button look="primary" icon="plus" disabledReason={reason} onClick={open}>
      New run
    </Button>
  );
  const runs = page.data?.data ?? [];
  const isEmpty = page.isSuccess && runs.length === 0 && cursor === undefined;
  return (
    <Page title="Mission Control" actions={!isEmpty && action}>
      {page.isPending && <SkeletonRows />}
      {page.isError && <ErrorState error={page.error} onRetry={() => void page.refetch()} />}
      {isEmpty && (
        <EmptyState
          icon="runs"
          title="Nothing has run yet"
          docs={{
            to: "/docs/explanation/invariants",
            words: "What is proven: the four invariants",
          }}
          action={
            <Button look="primary" icon="play" size="large" disabledReason={reason} onClick={open}>
              Run 10,000 agents against 100 units
            </Button>
          }
          curl={curlOf({ agents: 10_000, units: 100 })}
        >
          Ten thousand agents want a hundred units at the same moment. You see who gets one, what
          stops each of the others, and four numbers that stay at zero.
        </EmptyState>
      )}
      {page.isSuccess && !isEmpty && (
        <Table
          label="Runs"
          columns={columns}
          rows={runs}
          rowKey={({ id }) => id}
          rowHref={({ id }) => `/runs/${id}`}
          footer={<Pages cursor={cursor} next={page.data.nextCursor} />}
        />
      )}
      {search.new !== undefined && (
        <NewRun
          key={JSON.stringify(search)}
          search={search}
          runs={runs}
          onClose={() => void navigate({ to: "/runs", search: at })}
        />
      )}
    </Page>
  );
}

function Pages({
  cursor,
  next,
}: {
  readonly cursor: string | undefined;
  readonly next: string | null;
}) {
  return (
    <div className="flex min-h-7 items-center justify-between gap-3">
      <span>{next === null ? "No older runs." : "Newest first."}</span>
      <span className="flex gap-2">
        {cursor !== undefined && (
          <Link to="/runs" className={buttonClass("plain", "small")}>
            Newest
          </Link>
        )}
        {next !== null && (
          <Link to="/runs" search={{ cursor: next }} className={buttonClass("plain", "small")}>
            Older
          </Link>
        )}
      </span>
    </div>
  );
}

const columns: readonly Column<RunLine>[] = [
  {
    id: "size",
    header: "Run",
    width: "minmax(190px, 2fr)",
    narrow: "minmax(0, 1fr)",
    cell: (run) => sizeOf(run),
  },
  {
    id: "verdict",
    header: "Verdict",
    width: "minmax(110px, 1.3fr)",
    narrow: "104px",
    cell: (run) => <Verdict run={run} />,
  },
  {
    id: "winners",
    header: "Winners",
    width: "76px",
    align: "end",
    wideOnly: true,
    cell: ({ report }) => (report ? whole(report.sold) : nothing),
  },
  {
    id: "took",
    header: "Took",
    width: "96px",
    align: "end",
    wideOnly: true,
    cell: (run) => durationOf(run),
  },
  {
    id: "p99",
    header: "p99",
    width: "84px",
    align: "end",
    wideOnly: true,
    cell: ({ report }) => (report ? formatDuration(Math.round(report.p99Ms)) : nothing),
  },
  {
    id: "seed",
    header: "Seed",
    width: "104px",
    wideOnly: true,
    cell: ({ seed }) => formatNumber(seed, { useGrouping: false }),
  },
  {
    id: "who",
    header: "Started by",
    width: "minmax(90px, 1fr)",
    wideOnly: true,
    cell: ({ startedBy }) =>
      startedBy === null ? nothing : <span className="truncate">{startedBy}</span>,
  },
  {
    id: "when",
    header: "Started",
    width: "120px",
    align: "end",
    wideOnly: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

function durationOf({ startedAt, endedAt }: RunLine) {
  if (startedAt === null || endedAt === null) return nothing;
  return formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
}
