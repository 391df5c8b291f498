import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { AgentListView, AgentView } from "../../../../server/agents/wire.ts";
import { get } from "../../api/client.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Money, Num, Time } from "../../ui/Figures.tsx";
import { Page } from "../../ui/Page.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { useIsNarrow } from "../../ui/use-media.ts";
import { reasonWords } from "../purchases/words.ts";
import { ListScreen } from "../selling/ListScreen.tsx";
import { AsOf } from "./AsOf.tsx";

const number = (
  id: string,
  header: string,
  of: (agent: AgentView) => number,
): Column<AgentView> => ({
  id,
  header,
  width: "minmax(70px, 90px)",
  align: "end",
  wideOnly: true,
  cell: (agent) => <Num value={of(agent)} />,
});

const columns: readonly Column<AgentView>[] = [
  {
    id: "name",
    header: "Agent",
    width: "minmax(120px, 2fr)",
    cell: ({ id, block, lastSeenAt }) => (
      <>
        <span className="flex min-w-0 items-center gap-2">
          <span className="truncate" title={id}>
            {id}
          </span>
          {block && (
            <Badge tone="bad" icon="stop">
              Blocked
            </Badge>
          )}
        </span>
        <span className="block truncate text-sm font-normal text-mute md:hidden">
          {lastSeenAt === null ? "never asked" : <Time at={lastSeenAt} />}
        </span>
      </>
    ),
  },
  number("asks", "Asked", ({ asks }) => asks),
  number("granted", "Granted", ({ granted }) => granted),
  number("declined", "Declined", ({ declined }) => declined),
  {
    id: "reason",
    header: "Mostly refused by",
    width: "minmax(120px, 1.3fr)",
    wideOnly: true,
    cell: ({ declines: [first] }) => (
      <span className="truncate text-mute">{first ? reasonWords(first.reason) : ""}</span>
    ),
  },
  {
    id: "spent",
    header: "Spent",
    width: "minmax(90px, 1fr)",
    align: "end",
    cell: ({ spent: [first, ...more] }) =>
      first ? (
        <span className="truncate">
          <Money minor={first.amountMinor} currency={first.currency} />
          {more.length > 0 && <span className="text-mute"> +{more.length}</span>}
        </span>
      ) : (
        <span className="text-mute">nothing</span>
      ),
  },
  {
    id: "seen",
    header: "Last seen",
    width: "minmax(96px, 128px)",
    align: "end",
    wideOnly: true,
    cell: ({ lastSeenAt }) =>
      lastSeenAt === null ? <span className="text-mute">never</span> : <Time at={lastSeenAt} />,
  },
];

const states = [
  ["", "All"],
  ["blocked", "Blocked"],
] as const;

export function Agents() {
  const { cursor, state } = useSearch({ from: "/signed-in/agents" });
  const navigate = useNavigate({ from: "/agents" });
  const isNarrow = useIsNarrow();
  const list = useQuery({
    queryKey: ["agents", { cursor, state }],
    queryFn: ({ signal }) =>
      get<AgentListView>("/v1/agents", { query: { limit: 50, cursor, state }, signal }),
    placeholderData: keepPreviousData,
    // Asks are counted half a minute after they were made, and the count itself is told to nobody.
    refetchInterval: 15_000,
  });
  return (
    <Page title="Agents" about={list.data && <AsOf at={list.data.asOf} />}>
      <div>
        <Segments
          label="Which agents"
          options={states}
          value={state ?? ""}
          onSet={(next) => void navigate({ search: next === "" ? {} : { state: next } })}
        />
      </div>
      <ListScreen
        noun="agents"
        label="Agents"
        list={list}
        columns={columns}
        cursor={cursor}
        rowHeight={isNarrow ? 56 : 40}
        rowHref={({ id }) => `/agents/${encodeURIComponent(id)}`}
        isFiltered={state !== undefined}
        empty={<NoAgents />}
      />
    </Page>
  );
}

function NoAgents() {
  const curl = `curl -X POST ${location.origin}/v1/purchases/commit \\
  -H "Authorization: Bearer $ZERORACE_API_KEY" \\
  -H "Idempotency-Key: order-1" \\
  -H "Content-Type: application/json" \\
  -d '{"merchantId":"…","itemId":"…","mandateId":"…","agentId":"agent-7",
       "quantity":1,"amountMinor":2500,"currency":"USD"}'`;
  return (
    <EmptyState
      icon="agents"
      title="No agent has asked yet"
      curl={curl}
      action={
        <Link to="/playground" className={buttonClass("primary")}>
          Open the playground
        </Link>
      }
    >
      An agent is a program that buys. It names itself in each ask, as in agent-7, and stands here
      half a minute later: what it bought, what refused it, and what it spent.
    </EmptyState>
  );
}
