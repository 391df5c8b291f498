import { Link, useSearch } from "@tanstack/react-router";
import type { EndpointView } from "../../../../server/webhooks/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import type { PageOf } from "../../api/use-pages.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Time } from "../../ui/Figures.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Page } from "../../ui/Page.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { ListScreen } from "../selling/ListScreen.tsx";
import { useListOf } from "../selling/things.ts";
import { Health } from "./Health.tsx";
import { WebhookState } from "./WebhookState.tsx";
import { eventsOf, placeOf } from "./words.ts";

const columns: readonly Column<EndpointView>[] = [
  {
    id: "webhook",
    header: "Webhook",
    width: "minmax(0, 2fr)",
    cell: ({ url, description }) => (
      <span className="flex min-w-0 flex-col">
        <span className="truncate" title={url}>
          {placeOf(url)}
        </span>
        {description !== "" && (
          <span className="truncate text-sm font-normal text-mute">{description}</span>
        )}
      </span>
    ),
  },
  {
    id: "health",
    header: "Last 30 deliveries",
    width: "214px",
    wideOnly: true,
    cell: ({ recent }) => <Health recent={recent} />,
  },
  {
    id: "events",
    header: "Hears",
    width: "minmax(110px, 1fr)",
    wideOnly: true,
    cell: (webhook) => (
      <span className="truncate" title={webhook.events?.join(", ")}>
        {eventsOf(webhook)}
      </span>
    ),
  },
  {
    id: "made",
    header: "Made",
    width: "112px",
    align: "end",
    wideOnly: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: "state",
    header: "State",
    width: "92px",
    align: "end",
    cell: (webhook) => <WebhookState {...webhook} />,
  },
];

export function Webhooks() {
  const reason = useReasonAgainst("webhooks:read");
  return (
    <Page title="Webhooks" actions={reason === undefined && <NewWebhookLink />}>
      {reason === undefined ? (
        <List />
      ) : (
        <NotForRole icon="webhooks" what="Webhooks" reason={reason} />
      )}
    </Page>
  );
}

function List() {
  const { cursor } = useSearch({ from: "/signed-in/webhooks" });
  const list = useListOf<PageOf<EndpointView>>("webhooks", { cursor });
  useLiveQueries(["webhooks"], [["webhooks"]]);
  return (
    <ListScreen
      noun="webhooks"
      label="Webhooks"
      list={list}
      columns={columns}
      cursor={cursor}
      rowHref={({ id }) => `/webhooks/${id}`}
      rowHeight={52}
      isFiltered={false}
      empty={
        <EmptyState
          icon="webhooks"
          title="No webhooks yet"
          action={<NewWebhookLink />}
          curl={curlOf("POST", "/v1/webhooks", { url: "https://shop.example.com/hooks" })}
        >
          Your server hears of each sale, hold and change as it happens: signed, at least once, and
          again for three days until it says yes.
        </EmptyState>
      }
    />
  );
}

function NewWebhookLink() {
  const reason = useReasonAgainst("webhooks:write");
  if (reason !== undefined) {
    return (
      <Button look="primary" icon="plus" disabledReason={reason}>
        Add a webhook
      </Button>
    );
  }
  return (
    <Link to="/webhooks/new" className={buttonClass("primary")}>
      <Icon name="plus" />
      Add a webhook
    </Link>
  );
}
