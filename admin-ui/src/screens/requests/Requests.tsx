import { useNavigate, useSearch } from "@tanstack/react-router";
import type { RequestView } from "../../../../server/requests/wire.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { curlOf } from "../../api/curl.ts";
import { usePages, type ListOf } from "../../api/use-pages.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Time } from "../../ui/Figures.tsx";
import { formatDuration, formatNumber } from "../../ui/format.ts";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page } from "../../ui/Page.tsx";
import { NothingFits, PagedList } from "../../ui/PagedList.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { ThingLink } from "../../ui/ThingLink.tsx";
import { RequestFilters } from "./RequestFilters.tsx";
import type { RequestSearch } from "./search.ts";
import { lookOf } from "./words.ts";

const columns: readonly Column<RequestView>[] = [
  {
    id: "request",
    header: "Request",
    width: "minmax(0, 2.4fr)",
    cell: (request) => (
      <>
        <code className="font-mono text-xs">
          {request.method} {request.route}
        </code>
        <span className="block truncate text-sm font-normal text-mute md:hidden">
          {request.code ?? formatDuration(request.ms)}
          {request.replayed === true && ", a replay"} · <Time at={request.createdAt} />
        </span>
      </>
    ),
  },
  {
    id: "status",
    header: "Status",
    width: "minmax(64px, 84px)",
    cell: (request) => {
      const { tone, icon } = lookOf(request);
      return (
        <Badge tone={tone} icon={icon}>
          {request.status ?? "gone"}
        </Badge>
      );
    },
  },
  {
    id: "code",
    header: "Code",
    width: "minmax(0, 1.6fr)",
    wideOnly: true,
    cell: ({ code, replayed }) => (
      <span className="flex min-w-0 items-center gap-2 truncate">
        {code !== null && (
          <a
            className="relative z-10 truncate underline decoration-line underline-offset-2 hover:decoration-ink"
            href={`/problems/${code}`}
            target="_blank"
            rel="noreferrer"
          >
            {code}
          </a>
        )}
        {replayed === true && <Badge icon="refresh">Replay</Badge>}
      </span>
    ),
  },
  {
    id: "key",
    header: "Key",
    width: "minmax(0, 1fr)",
    wideOnly: true,
    cell: ({ keyId }) =>
      keyId === null ? (
        <span className="text-mute">a person</span>
      ) : (
        <span className="relative z-10 truncate font-mono text-xs" title={keyId}>
          <ThingLink at="/keys" id={keyId}>
            {keyId.slice(0, 8)}…
          </ThingLink>
        </span>
      ),
  },
  {
    id: "idempotency",
    header: "Idempotency key",
    width: "minmax(0, 1.2fr)",
    wideOnly: true,
    cell: ({ idempotencyKey }) => (
      <code className="truncate font-mono text-xs" title={idempotencyKey ?? undefined}>
        {idempotencyKey}
      </code>
    ),
  },
  {
    id: "ms",
    header: "Took",
    width: "72px",
    align: "end",
    wideOnly: true,
    cell: ({ ms }) => formatDuration(ms),
  },
  {
    id: "for",
    header: "Stands for",
    width: "80px",
    align: "end",
    wideOnly: true,
    cell: ({ standsFor }) =>
      standsFor === 1 ? <span className="text-mute">1</span> : formatNumber(standsFor),
  },
  {
    id: "when",
    header: "When",
    width: "112px",
    align: "end",
    wideOnly: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

/** Of programs, unless the address wants those of people or all. */
function listOf({ by, ...filters }: RequestSearch): ListOf<RequestView> {
  const wanted = by === "all" ? undefined : (by ?? "key");
  return {
    path: "/v1/requests",
    query: { ...filters, by: wanted },
    rowKey: ({ requestId }) => requestId,
  };
}

export function Requests() {
  const reason = useReasonAgainst("requests:read");
  return (
    <Page title="Request log">
      {reason === undefined ? (
        <List />
      ) : (
        <NotForRole icon="requests" what="Requests" reason={reason} />
      )}
    </Page>
  );
}

function List() {
  const search = useSearch({ from: "/signed-in/requests" });
  const navigate = useNavigate({ from: "/requests" });
  const set = (next: RequestSearch): void =>
    void navigate({ search: next, replace: true, resetScroll: false });
  const list = usePages(listOf(search), ["requests"]);
  const empty =
    Object.keys(search).length > 0 ? (
      <NothingFits onClear={() => set({})}>
        New requests that fit show up here by themselves.
      </NothingFits>
    ) : (
      <NoRequests />
    );
  return (
    <>
      <RequestFilters search={search} onSet={set} />
      <Sampled rows={list.rows} />
      <PagedList
        list={list}
        noun="requests"
        columns={columns}
        rowKey={({ requestId }) => requestId}
        rowHref={({ requestId }) => `/requests/${requestId}`}
        empty={empty}
      />
    </>
  );
}

/** What is in the log and what is not, in words. */
function Sampled({ rows }: { readonly rows: readonly RequestView[] }) {
  const isSampled = rows.some(({ standsFor }) => standsFor > 1);
  return (
    <p className="max-w-[60rem] text-sm text-pretty text-mute">
      The last 10,000 requests of seven days, a second late, without what was in them. Every failure
      is here.{" "}
      {isSampled
        ? "Of the successes there were more than 20 in some seconds: of those beyond, one in 100 is kept and stands for the others."
        : "Of successes beyond 20 in a second one in 100 is kept, and says so; none of these had to be left out."}
    </p>
  );
}

function NoRequests() {
  return (
    <EmptyState
      icon="requests"
      title="No program has asked anything yet"
      curl={curlOf("GET", "/v1/purchases?limit=1")}
    >
      Each request with one of your API keys shows up here by itself: its status, its code, how long
      it took, and whether it was a replay.
    </EmptyState>
  );
}
