import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { EndpointView, MadeView } from "../../../../server/webhooks/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Page } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { About } from "./About.tsx";
import { Actions } from "./Actions.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { Health } from "./Health.tsx";
import { Redeliveries, RunningRedeliveries, useRedeliveries } from "./Redeliveries.tsx";
import { RevealSecret } from "./RevealSecret.tsx";
import type { WebhookSearch } from "./search.ts";
import { TestResult } from "./TestResult.tsx";
import { actNames, WebhookAct } from "./WebhookActs.tsx";
import { StateInWords, WebhookState } from "./WebhookState.tsx";
import { placeOf } from "./words.ts";

const back = { to: "/webhooks", label: "Webhooks" };

export function Webhook() {
  const { id } = useParams({ from: "/signed-in/webhooks/$id" });
  const reason = useReasonAgainst("webhooks:read");
  if (reason === undefined) return <KnownWebhook key={id} id={id} />;
  return (
    <Page title="Webhook" back={back}>
      <NotForRole icon="webhooks" what="Webhooks" reason={reason} />
    </Page>
  );
}

function KnownWebhook({ id }: { readonly id: string }) {
  const query = useQuery({
    queryKey: ["webhooks", id],
    queryFn: ({ signal }) => get<EndpointView>(`/v1/webhooks/${id}`, { signal }),
  });
  useLiveQueries(["webhooks"], [["webhooks"]]);
  const { data: webhook, error } = query;
  usePageTitle(webhook && placeOf(webhook.url));
  if (webhook) return <Shown webhook={webhook} />;
  return (
    <Page title="Webhook" back={back}>
      {error ? (
        <ErrorState error={error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Page>
  );
}

const tabs = [
  { id: "deliveries", label: "Deliveries" },
  { id: "redeliveries", label: "Sent again" },
  { id: "about", label: "Setup and secrets" },
];

function Shown({ webhook }: { readonly webhook: EndpointView }) {
  const { id, url, recent } = webhook;
  const search = useSearch({ from: "/signed-in/webhooks/$id" });
  const navigate = useNavigate({ from: "/webhooks/$id" });
  const [rolled, setRolled] = useState<MadeView>();
  const [done, setDone] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const redeliveries = useRedeliveries(id);
  const set = (next: WebhookSearch): void =>
    void navigate({ search: next, replace: true, resetScroll: false });
  if (rolled) {
    return (
      <Page title={`${placeOf(url)}, the new secret`} back={back}>
        <RevealSecret made={rolled} onDone={() => setRolled(undefined)} />
      </Page>
    );
  }
  const place = { webhook, search, onSet: set, onDone: setDone };
  return (
    <Page
      title={placeOf(url)}
      back={back}
      about={
        <>
          <WebhookState {...webhook} />
          <span className="ms-2 max-lg:hidden">
            {recent.length > 0 && <Health recent={recent} />}
          </span>
        </>
      }
      actions={<Actions {...place} onProblem={setProblem} />}
    >
      <StateInWords webhook={webhook} />
      {problem !== undefined && <ProblemNote error={problem} />}
      {done !== undefined && <Notice onClose={() => setDone(undefined)}>{done}</Notice>}
      {search.test !== undefined && (
        <TestResult
          id={search.test}
          key={search.test}
          onClose={() => set({ ...search, test: undefined })}
        />
      )}
      <RunningRedeliveries list={redeliveries} />
      <Parts {...place} redeliveries={redeliveries} />
      <Acts {...place} onRolled={setRolled} />
    </Page>
  );
}

interface Place {
  readonly webhook: EndpointView;
  readonly search: WebhookSearch;
  readonly onSet: (next: WebhookSearch) => void;
}

function Parts({
  redeliveries,
  ...place
}: Place & { readonly redeliveries: ReturnType<typeof useRedeliveries> }) {
  const { search, onSet } = place;
  const tab = tabs.find(({ id }) => id === search.tab)?.id ?? "deliveries";
  return (
    <Tabs
      label="Webhook"
      tabs={tabs}
      open={tab}
      onOpen={(next) => onSet({ ...search, tab: next === "deliveries" ? undefined : next })}
    >
      <div className="flex flex-col gap-4">
        {tab === "deliveries" && <Deliveries {...place} />}
        {tab === "redeliveries" && <Redeliveries list={redeliveries} />}
        {tab === "about" && <About {...place} />}
      </div>
    </Tabs>
  );
}

/** The dialog that the address names, if whoever reads it may. */
function Acts({
  webhook,
  search,
  onSet,
  onDone,
  onRolled,
}: Place & {
  readonly onDone: (says: string) => void;
  readonly onRolled: (made: MadeView) => void;
}) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const reason = useReasonAgainst("webhooks:write");
  const act = actNames.find((name) => name === search.act);
  if (!act || reason !== undefined) return null;
  const close = (): void => onSet({ ...search, act: undefined });
  return (
    <WebhookAct
      name={act}
      webhook={webhook}
      onClose={close}
      onDone={onDone}
      onRolled={(made) => {
        close();
        onRolled(made);
      }}
      onDeleted={() => {
        client.removeQueries({ queryKey: ["webhooks", webhook.id] });
        void navigate({ to: "/webhooks" });
      }}
    />
  );
}
