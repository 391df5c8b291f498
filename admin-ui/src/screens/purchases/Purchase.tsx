import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useParams } from "@tanstack/react-router";
import type { HistoryView, WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { get } from "../../api/client.ts";
import { useLive } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { ActorName } from "../../ui/ActorName.tsx";
import { Badge, OutcomeBadge } from "../../ui/Badge.tsx";
import { buttonClass } from "../../ui/Button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { CopyButton, copyText } from "../../ui/CopyButton.tsx";
import { Time, useNow } from "../../ui/Figures.tsx";
import { formatMoney, formatTime } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { note } from "../../ui/say.ts";
import { ErrorState, Skeleton, SkeletonRows } from "../../ui/States.tsx";
import { ThingLink, useHasScreen } from "../../ui/ThingLink.tsx";
import { PurchaseLegs } from "../ledger/PurchaseLegs.tsx";
import { useActs } from "./Acts.tsx";
import { curlOf, playgroundOf, typescriptOf } from "./code.ts";
import { Constraints } from "./Constraints.tsx";
import { Deliveries } from "./Deliveries.tsx";
import { Exchange } from "./Exchange.tsx";
import { History } from "./History.tsx";
import { isPartRefunded, standingOf, thingOf, verdictOf } from "./words.ts";

const back = { to: "/purchases", label: "Purchases" } as const;

export function Purchase() {
  const { id } = useParams({ from: "/signed-in/purchases/$id" });
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ["purchase", id, "ask"],
    queryFn: ({ signal }) =>
      get<WholeAskView>(`/v1/purchases/${id}`, { query: { view: "whole" }, signal }),
  });
  useLive(["purchases"], (heard) => {
    const isOurs = heard.kind === "changed" && heard.ids.includes(id);
    if (isOurs) void client.invalidateQueries({ queryKey: ["purchase", id] });
  });
  if (data?.request.purchaseId !== undefined) {
    // A capture, a refund: it stands in the timeline of what it was about.
    return <Navigate to="/purchases/$id" params={{ id: data.request.purchaseId }} replace />;
  }
  if (data) return <Shown ask={data} />;
  return (
    <Page title="Purchase" back={back}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          <Skeleton className="h-14 w-full" />
          <SkeletonRows rows={5} />
        </>
      )}
    </Page>
  );
}

function Shown({ ask }: { readonly ask: WholeAskView }) {
  const { id, request } = ask;
  const title = `${thingOf(ask)}, ${formatMoney(request.amountMinor ?? 0, request.currency ?? "USD")}`;
  usePageTitle(title);
  const { buttons, result } = useActs(ask);
  const history = useQuery({
    queryKey: ["purchase", id, "history"],
    queryFn: ({ signal }) => get<HistoryView>(`/v1/purchases/${id}/history`, { signal }),
    enabled: ask.purchase !== null,
  });
  return (
    <Page
      title={title}
      back={back}
      about={
        <>
          <OutcomeBadge outcome={standingOf(ask)} />
          {isPartRefunded(ask) && <Badge tone="warn">part refunded</Badge>}
        </>
      }
      actions={
        <>
          <ReplayLink ask={ask} />
          <CopyMenu ask={ask} />
          {buttons}
        </>
      }
    >
      <Verdict ask={ask} />
      {result}
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem] xl:grid-rows-[auto_1fr]">
        <Constraints ask={ask} />
        <div className="flex min-w-0 flex-col gap-5 xl:col-start-2 xl:row-span-2 xl:row-start-1">
          <About ask={ask} />
          {history.data && <History steps={history.data.data} />}
          {history.error && !history.data && (
            <ErrorState error={history.error} onRetry={() => void history.refetch()} />
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-5">
          {ask.purchase && <PurchaseLegs id={id} />}
          <Exchange ask={ask} />
          {ask.purchase && <Deliveries id={id} />}
        </div>
      </div>
    </Page>
  );
}

function Verdict({ ask }: { readonly ask: WholeAskView }) {
  const now = useNow();
  const isRefused = ask.answer.outcome === "DECLINED";
  return (
    <p
      className={classNames(
        "flex items-start gap-3 rounded-lg border px-4 py-3 text-lg leading-6",
        isRefused ? "border-bad/40 bg-bad/8" : "bg-panel",
      )}
    >
      <span className={classNames("mt-0.5", isRefused ? "text-bad" : "text-ok")}>
        <Icon name={isRefused ? "cross" : "check"} size={20} />
      </span>
      <span className="min-w-0 font-medium text-pretty break-words">{verdictOf(ask, now)}</span>
    </p>
  );
}

function About({ ask }: { readonly ask: WholeAskView }) {
  const { id, names, request, merchantId, idempotencyKey, asker, createdAt, answer } = ask;
  const { itemId = "", mandateId = "", agentId = "" } = request;
  return (
    <Panel title="Who and what">
      <Facts
        facts={[
          [
            "Asked",
            <span key="at" title={formatTime(createdAt)}>
              <Time at={createdAt} />,{" "}
              <span className="whitespace-nowrap">{formatTime(createdAt)}</span>
            </span>,
          ],
          [
            "Merchant",
            <ThingLink key="m" at="/merchants" id={merchantId}>
              {names.merchant ?? merchantId}
            </ThingLink>,
          ],
          [
            "Item",
            <ThingLink key="i" at="/items" id={itemId}>
              {names.item ?? itemId}
            </ThingLink>,
          ],
          [
            "Mandate",
            <ThingLink key="p" at="/mandates" id={mandateId}>
              {names.mandate ?? mandateId}
            </ThingLink>,
          ],
          [
            "Agent",
            <Link
              key="a"
              to="/purchases"
              search={{ agentId }}
              className="underline decoration-line underline-offset-2 hover:decoration-ink"
            >
              {agentId}
            </Link>,
          ],
          ["Key", <Copied key="k" text={idempotencyKey} label="Copy the key" />],
          ...(asker === null ? [] : [["Sent by", <ActorName key="by" actor={asker} />] as const]),
          ["Id", <Copied key="id" text={id} label="Copy the id" />],
          [
            "Attempts",
            answer.attempts === 1
              ? "1, no race was lost"
              : `${answer.attempts}: ${answer.attempts - 1} lost to others`,
          ],
        ]}
      />
    </Panel>
  );
}

function Copied({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex items-start gap-1 [&_button]:-my-1">
      <code className="min-w-0 font-mono text-xs break-all">{text}</code>
      <CopyButton text={text} label={label} />
    </span>
  );
}

/** Its screen is another's to build: as long as it is not there, neither is the way to it. */
function ReplayLink({ ask }: { readonly ask: WholeAskView }) {
  const hasPlayground = useHasScreen("/playground");
  if (!hasPlayground) return null;
  return (
    <Link to={"/playground" as "/"} search={playgroundOf(ask) as object} className={buttonClass()}>
      <Icon name="playground" />
      Replay in the playground
    </Link>
  );
}

function CopyMenu({ ask }: { readonly ask: WholeAskView }) {
  const copy = (what: string, text: string) => () => {
    void copyText(text).then(() => note(`Copied ${what}.`));
  };
  return (
    <Menu
      label="Copy as"
      look="plain"
      items={[
        { label: "Copy as curl", onSelect: copy("as curl", curlOf(ask)) },
        { label: "Copy as TypeScript", onSelect: copy("as TypeScript", typescriptOf(ask)) },
        { label: "Copy the id", onSelect: copy("the id", ask.id) },
        { label: "Copy the link", onSelect: copy("the link", location.href) },
      ]}
    >
      <Icon name="copy" />
      Copy as
      <Icon name="chevron" size={14} />
    </Menu>
  );
}
