import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { WholeDeliveryView } from "../../../../server/webhooks/wire.ts";
import { get, post } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { Button } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Time, useNow } from "../../ui/Figures.tsx";
import { formatTime } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { NotForRole } from "../../ui/NotForRole.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { ProblemNote } from "../../ui/ProblemNote.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { ThingLink } from "../../ui/ThingLink.tsx";
import { AttemptPanels, Attempts } from "./Attempts.tsx";
import { NextTime, StandingBadge } from "./Health.tsx";
import { looks, standingOf, verdictOf } from "./words.ts";

export function Delivery() {
  const { id } = useParams({ from: "/signed-in/webhooks/deliveries/$id" });
  const reason = useReasonAgainst("webhooks:read");
  if (reason === undefined) return <KnownDelivery key={id} id={id} />;
  return (
    <Page title="Delivery" back={{ to: "/webhooks", label: "Webhooks" }}>
      <NotForRole icon="webhooks" what="Webhooks" reason={reason} />
    </Page>
  );
}

function KnownDelivery({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["webhooks", "delivery", id],
    queryFn: ({ signal }) => get<WholeDeliveryView>(`/v1/webhook-deliveries/${id}`, { signal }),
    // Whoever hears no news sees the next attempt too.
    refetchInterval: ({ state }) => (state.data?.state === "pending" ? 2_000 : false),
  });
  useLiveQueries(["webhooks"], [["webhooks", "delivery", id]]);
  usePageTitle(data?.event);
  if (data) return <Shown delivery={data} />;
  return (
    <Page title="Delivery" back={{ to: "/webhooks", label: "Webhooks" }}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Page>
  );
}

function Shown({ delivery }: { readonly delivery: WholeDeliveryView }) {
  const { id, event, webhookId, log } = delivery;
  const { attempt: wanted, show } = useSearch({ from: "/signed-in/webhooks/deliveries/$id" });
  const navigate = useNavigate({ from: "/webhooks/deliveries/$id" });
  const [problem, setProblem] = useState<unknown>();
  const attempt = log.find((one) => String(one.attempt) === wanted) ?? log[0];
  const set = (next: { attempt?: string | undefined; show?: string | undefined }): void =>
    void navigate({
      search: { attempt: wanted, show, ...next },
      replace: true,
      resetScroll: false,
    });
  return (
    <Page
      title={event}
      back={{ to: `/webhooks/${webhookId}`, label: "Webhook" }}
      about={<StandingBadge standing={standingOf(delivery)} />}
      actions={
        <>
          <CopyButton
            text={curlOf("GET", `/v1/webhook-deliveries/${id}`)}
            words="Copy as curl"
            look="plain"
            size="normal"
          />
          <Again delivery={delivery} onProblem={setProblem} />
        </>
      }
    >
      <Verdict delivery={delivery} />
      {problem !== undefined && <ProblemNote error={problem} />}
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Attempts
            log={log}
            shown={attempt?.attempt}
            onShow={(number) => set({ attempt: String(number) })}
          />
          <AttemptPanels
            delivery={delivery}
            attempt={attempt}
            show={show}
            onShow={(next) => set({ show: next })}
          />
        </div>
        <Names delivery={delivery} />
      </div>
    </Page>
  );
}

function Again({
  delivery: { id },
  onProblem,
}: {
  readonly delivery: WholeDeliveryView;
  readonly onProblem: (error: unknown) => void;
}) {
  const client = useQueryClient();
  const role = useReasonAgainst("webhooks:write");
  const [isBusy, setBusy] = useState(false);
  const redeliver = async (): Promise<void> => {
    setBusy(true);
    onProblem(undefined);
    try {
      await post(`/v1/webhook-deliveries/${id}/redeliver`, {});
      await client.invalidateQueries({ queryKey: ["webhooks"] });
    } catch (error) {
      onProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      look="primary"
      icon="refresh"
      busy={isBusy}
      disabledReason={role}
      onClick={() => void redeliver()}
    >
      Send it again
    </Button>
  );
}

function Verdict({ delivery }: { readonly delivery: WholeDeliveryView }) {
  const now = useNow();
  const standing = standingOf(delivery);
  const isBad = standing === "failed" || standing === "retrying";
  return (
    <p
      role="status"
      className={classNames(
        "flex items-start gap-3 rounded-lg border px-4 py-3 text-lg leading-6",
        isBad ? "border-bad/40 bg-bad/8" : "bg-panel",
      )}
    >
      <span
        className={classNames(
          "mt-0.5",
          isBad ? "text-bad" : standing === "delivered" ? "text-ok" : "text-mute",
        )}
      >
        <Icon name={looks[standing].icon} size={20} />
      </span>
      <span className="min-w-0 font-medium text-pretty break-words">
        {verdictOf(delivery, now)}
      </span>
    </p>
  );
}

const places = [
  ["purchaseId", "Purchase", "/purchases"],
  ["itemId", "Item", "/items"],
  ["mandateId", "Mandate", "/mandates"],
  ["merchantId", "Merchant", "/merchants"],
] as const;

/** What the event is about: the ids in its body, where they lead. A test's are nobody's. */
function Names({ delivery }: { readonly delivery: WholeDeliveryView }) {
  const { id, eventId, webhookId, createdAt, nextAttemptAt, event } = delivery;
  const data = event === "webhook.test" ? {} : dataOf(delivery.payload);
  return (
    <Panel title="What it is about">
      <Facts
        facts={[
          [
            "Happened",
            <span key="at" title={formatTime(createdAt)}>
              <Time at={createdAt} />
            </span>,
          ],
          ...(nextAttemptAt === null
            ? []
            : [["Next attempt", <NextTime key="next" at={nextAttemptAt} />] as const]),
          ...places.flatMap(([name, label, at]) => {
            const thing = data[name];
            if (typeof thing !== "string") return [];
            const link = (
              <ThingLink key={name} at={at} id={thing}>
                <code className="font-mono text-xs break-all">{thing}</code>
              </ThingLink>
            );
            return [[label, link] as const];
          }),
          [
            "Webhook",
            <Link
              key="w"
              to="/webhooks/$id"
              params={{ id: webhookId }}
              className="font-mono text-xs break-all underline decoration-line underline-offset-2 hover:decoration-ink"
            >
              {webhookId}
            </Link>,
          ],
          ["webhook-id", <IdText key="event" id={eventId} label="Copy the event's id" />],
          ["Delivery", <IdText key="id" id={id} label="Copy the delivery's id" />],
        ]}
      />
    </Panel>
  );
}

function dataOf(payload: string): Readonly<Record<string, unknown>> {
  const { data } = JSON.parse(payload) as { readonly data?: Readonly<Record<string, unknown>> };
  return data ?? {};
}
