import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { usePaletteActions } from "../../shell/palette-actions.ts";
import { Button } from "../../ui/Button.tsx";
import { CopyButton } from "../../ui/CopyButton.tsx";
import { Money, Time } from "../../ui/Figures.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { IdText } from "../../ui/IdText.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { SplitFigures } from "../../ui/SplitBar.tsx";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { RecentPurchases } from "../selling/RecentPurchases.tsx";
import { useThing } from "../selling/things.ts";
import { Calculator, useQuote } from "./Calculator.tsx";
import { Constraints } from "./Constraints.tsx";
import { MandateAct, type ActName } from "./MandateActs.tsx";
import { StateBadge } from "./Mandates.tsx";
import { partsOf } from "./money.ts";

const back = { to: "/mandates", label: "Mandates and budgets" };

export function Mandate() {
  const { id } = useParams({ from: "/signed-in/mandates/$id" });
  const found = useThing<WholeMandateView>("mandates", id);
  useLiveQueries(["mandates", "purchases", "items"], [["mandates"]]);
  usePageTitle(found.data?.name ?? "Mandate");
  if (found.data) return <Loaded mandate={found.data} />;
  return (
    <Page title="Mandate" back={back}>
      {found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Skeleton className="h-56 w-full" />
      )}
    </Page>
  );
}

const acts = ["top-up", "cap", "rules", "pause", "activate", "reshard", "revoke"] as const;

function Loaded({ mandate }: { readonly mandate: WholeMandateView }) {
  const { act } = useSearch({ from: "/signed-in/mandates/$id" });
  const navigate = useNavigate({ from: "/mandates/$id" });
  const [done, setDone] = useState<string>();
  const quote = useQuote(mandate);
  const role = useReasonAgainst("mandates:write");
  const isOver = mandate.state === "revoked";
  const reason = role ?? (isOver ? "It is revoked, for good. Make another mandate." : undefined);
  const begin = (name: ActName | undefined): void =>
    void navigate({ search: (now) => ({ ...now, act: name }), replace: true });
  const entry = (name: ActName, label: string) => ({
    label,
    disabledReason: reason,
    onSelect: () => begin(name),
  });
  const isPaused = mandate.state === "paused";
  const more = [
    entry("cap", "Set the cap"),
    entry("rules", "Set the rules"),
    entry("reshard", "Reshard the money"),
    { ...entry("revoke", "Revoke the mandate"), danger: true },
  ];
  usePaletteActions(
    reason === undefined ? more.map(({ label, onSelect }) => ({ label, run: onSelect })) : [],
  );
  const open = acts.find((name) => name === act);
  return (
    <Page
      title={mandate.name}
      back={back}
      about={<StateBadge state={mandate.state} />}
      actions={
        <>
          <Menu label="More acts" look="plain" items={more}>
            More <Icon name="chevron" size={14} />
          </Menu>
          <Button
            icon={isPaused ? "play" : "pause"}
            disabledReason={reason}
            onClick={() => begin(isPaused ? "activate" : "pause")}
          >
            {isPaused ? "Activate" : "Pause"}
          </Button>
          <Button
            look="primary"
            icon="plus"
            disabledReason={reason}
            onClick={() => begin("top-up")}
          >
            Top up
          </Button>
        </>
      }
    >
      {done !== undefined && <Notice onClose={() => setDone(undefined)}>{done}</Notice>}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_30rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Budget">
            <SplitFigures parts={partsOf(mandate)} />
          </Panel>
          <Constraints mandate={mandate} quote={quote.data} />
          <RecentPurchases by="mandateId" id={mandate.id} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Calculator mandate={mandate} quote={quote} />
          <Profile mandate={mandate} />
        </div>
      </div>
      {open && reason === undefined && (
        <MandateAct
          name={open}
          mandate={mandate}
          onDone={setDone}
          onClose={() => begin(undefined)}
        />
      )}
    </Page>
  );
}

function Profile({ mandate }: { readonly mandate: WholeMandateView }) {
  const { id, capMinor, currency, agentId, timeZone, buckets, createdAt } = mandate;
  const curl = curlOf("GET", `/v1/mandates/${id}`);
  return (
    <Panel title="Profile" actions={<CopyButton text={curl} words="Copy as curl" size="small" />}>
      <Facts
        facts={[
          ["Cap", <Money key="cap" minor={capMinor} currency={currency} />],
          ["Agent", agentId ?? "any"],
          ["Time zone", timeZone],
          ["Buckets", String(buckets)],
          ["Id", <IdText key="id" id={id} />],
          ["Created", <Time key="at" at={createdAt} />],
        ]}
      />
    </Panel>
  );
}
