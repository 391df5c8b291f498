import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { KeyView } from "../../../../server/keys/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst, useSession } from "../../api/session.ts";
import { useMode } from "../../api/mode.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page } from "../../ui/Page.tsx";
import { Pager } from "../../ui/Pager.tsx";
import { EmptyState, ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { inShort } from "./scopes.ts";
import { boundsOf, KeyState } from "./KeyState.tsx";

interface KeyList {
  readonly data: readonly KeyView[];
  readonly nextCursor: string | null;
}

const columns: readonly Column<KeyView>[] = [
  { id: "name", header: "Name", width: "minmax(120px, 2fr)", cell: ({ name }) => name },
  {
    id: "key",
    header: "Key",
    width: "minmax(150px, 1.4fr)",
    wideOnly: true,
    cell: ({ masked }) => (
      <code className="truncate font-mono text-xs" title={masked}>
        {masked.slice(0, 18)}…
      </code>
    ),
  },
  {
    id: "scopes",
    header: "May",
    width: "minmax(120px, 1.4fr)",
    wideOnly: true,
    cell: ({ scopes }) => (
      <span className="truncate" title={scopes.join(", ")}>
        {inShort(scopes)}
      </span>
    ),
  },
  {
    id: "bounds",
    header: "Bound to",
    width: "minmax(90px, 1fr)",
    wideOnly: true,
    cell: (key) => boundsOf(key) ?? <span className="text-mute">anyone</span>,
  },
  {
    id: "used",
    header: "Last used",
    width: "minmax(90px, 1fr)",
    wideOnly: true,
    cell: ({ lastUsedAt }) =>
      lastUsedAt === null ? <span className="text-mute">never</span> : <Time at={lastUsedAt} />,
  },
  {
    id: "expires",
    header: "Expires",
    width: "minmax(90px, 1fr)",
    wideOnly: true,
    cell: ({ expiresAt }) =>
      expiresAt === null ? <span className="text-mute">never</span> : <Time at={expiresAt} />,
  },
  {
    id: "state",
    header: "State",
    width: "92px",
    align: "end",
    cell: ({ state }) => <KeyState state={state} />,
  },
];

export function Keys() {
  const reason = useReasonAgainst("keys:read");
  return (
    <Page title="API keys" actions={reason === undefined && <NewKeyLink />}>
      {reason === undefined ? <List /> : <NotForRole icon="keys" what="API keys" reason={reason} />}
    </Page>
  );
}

function List() {
  const { cursor } = useSearch({ from: "/signed-in/keys" });
  const query = useQuery({
    queryKey: ["keys", { cursor }],
    queryFn: ({ signal }) => get<KeyList>("/v1/keys", { query: { limit: 50, cursor }, signal }),
    placeholderData: keepPreviousData,
  });
  useLiveQueries(["keys"], [["keys"]]);
  const { data, error } = query;
  if (!data && error) return <ErrorState error={error} onRetry={() => void query.refetch()} />;
  if (!data) return <SkeletonRows />;
  if (data.data.length === 0 && cursor === undefined) return <NoKeys />;
  const { nextCursor } = data;
  return (
    <Table
      label="API keys"
      columns={columns}
      rows={data.data}
      rowKey={({ id }) => id}
      rowHref={({ id }) => `/keys/${id}`}
      footer={
        <Pager cursor={cursor} nextCursor={nextCursor} count={data.data.length} noun="API keys" />
      }
    />
  );
}

function NoKeys() {
  const mode = useMode();
  const { tenants } = useSession();
  const command =
    `npm run -s zerorace -- keys create --name "my agent" \\\n` +
    `  --tenant ${tenants[mode]} \\\n` +
    "  --scopes purchases:read,purchases:write";
  return (
    <EmptyState
      icon="keys"
      title={`No API keys for ${mode} data yet`}
      docs={{ to: "/docs/how-to/keys-and-audit", words: "About API keys" }}
      action={<NewKeyLink />}
      curl={command}
    >
      A program that buys or sells signs each of its requests with one. It is shown once, when it is
      made.
    </EmptyState>
  );
}

function NewKeyLink() {
  const reason = useReasonAgainst("keys:write");
  if (reason !== undefined) {
    return (
      <Button look="primary" icon="plus" disabledReason={reason}>
        Create a key
      </Button>
    );
  }
  return (
    <Link to="/keys/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Create a key
    </Link>
  );
}
