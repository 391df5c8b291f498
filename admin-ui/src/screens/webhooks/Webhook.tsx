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
  const { id, url } = webhook;
  const search = useSearch({ from: "/signed-in/webhooks/$id" });
  const navigate = useNavigate({ from: "/webhooks/$id" });
  const client = useQueryClient();
  const [rolled, setRolled] = useState<MadeView>();
  const [done, setDone] = useState<string>();
  const [problem, setProblem] = useState<unknown>();
  const redeliveries = useRedeliveries(id);
  const set = (next: WebhookSearch): void =>
    void navigate({ search: next, replace: true, resetScroll: false });
  const act = actNames.find((name) => name === search.act);
  const reason = useReasonAgainst("webhooks:write");
  const tab = tabs.some((one) => one.id === search.tab) ? (search.tab ?? "") : "deliveries";
  if (rolled) {
    return (
      <Page title={`${placeOf(url)}, the new secret`} back={back}>
        <RevealSecret made={rolled} onDone={() => setRolled(undefined)} />
      </Page>
    );
  }
  const onDeleted = (): void => {
    client.removeQueries({ queryKey: ["webhooks", id] });
    void navigate({ to: "/webhooks" });
  };
  const onRolled = (made: MadeView): void => {
    set({ ...search, act: undefined });
    setRolled(made);
  };
  return (
    <Page
      title={placeOf(url)}
      back={back}
      about={<WebhookState {...webhook} />}
      actions={
        <Actions
          webhook={webhook}
          search={search}
          onSet={set}
          onDone={setDone}
          onProblem={setProblem}
        />
      }
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
      <Tabs
        label="Webhook"
        tabs={tabs}
        open={tab}
        onOpen={(next) => set({ ...search, tab: next === "deliveries" ? undefined : next })}
      >
        <div className="flex flex-col gap-4">
          {tab === "deliveries" && <Deliveries webhook={webhook} search={search} onSet={set} />}
          {tab === "redeliveries" && <Redeliveries list={redeliveries} />}
          {tab === "about" && <About webhook={webhook} search={search} onSet={set} />}
        </div>
      </Tabs>
      {act && reason === undefined && (
        <WebhookAct
          name={act}
          webhook={webhook}
          onClose={() => set({ ...search, act: undefined })}
          onDone={setDone}
          onRolled={onRolled}
          onDeleted={onDeleted}
        />
      )}
    </Page>
  );
}
