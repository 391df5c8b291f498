import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { WholeAgentView } from "../../../../server/agents/wire.ts";
import { get } from "../../api/client.ts";
import { curlOf } from "../../api/curl.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { usePageTitle } from "../../shell/page-title.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { CopyButton, copyText } from "../../ui/CopyButton.tsx";
import { Money, Num, Time } from "../../ui/Figures.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Facts, Page, Panel } from "../../ui/Page.tsx";
import { note } from "../../ui/say.ts";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Tile } from "../../ui/Tile.tsx";
import { AskedWith, Declines } from "./AgentTables.tsx";
import { AsOf } from "./AsOf.tsx";
import { BlockDialog, UnblockDialog } from "./BlockDialog.tsx";

const back = { to: "/agents", label: "Agents" } as const;

export const pathOf = (id: string): string => `/v1/agents/${encodeURIComponent(id)}`;

export function Agent() {
  const { id } = useParams({ from: "/signed-in/agents/$id" });
  return <Known key={id} id={id} />;
}

function Known({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["agents", id],
    queryFn: ({ signal }) => get<WholeAgentView>(pathOf(id), { signal }),
    refetchInterval: 15_000,
  });
  usePageTitle(id);
  if (data) return <Shown agent={data} />;
  return (
    <Page title={id} back={back}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Page>
  );
}

function Shown({ agent }: { readonly agent: WholeAgentView }) {
  const { id, block, asOf } = agent;
  const client = useQueryClient();
  const [open, setOpen] = useState<"block" | "unblock">();
  const [said, setSaid] = useState<string>();
  const done = (after: WholeAgentView, says: string): void => {
    client.setQueryData(["agents", id], after);
    void client.invalidateQueries({ queryKey: ["agents"] });
    setSaid(says);
    setOpen(undefined);
  };
  const close = (): void => setOpen(undefined);
  return (
    <Page
      title={id}
      back={back}
      about={
        <>
          {block && (
            <Badge tone="bad" icon="stop">
              Blocked
            </Badge>
          )}
          <AsOf at={asOf} />
        </>
      }
      actions={<Actions agent={agent} onOpen={setOpen} />}
    >
      {said !== undefined && <Notice onClose={() => setSaid(undefined)}>{said}</Notice>}
      {block && <Blocked block={block} />}
      <Sums agent={agent} />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Declines agent={agent} />
          <AskedWith title="Mandates it asked under" noun="mandate" rows={agent.mandates} />
          <AskedWith title="Keys and people that sent its asks" noun="key" rows={agent.callers} />
        </div>
        <About agent={agent} />
      </div>
      {open === "block" && <BlockDialog id={id} onDone={done} onClose={close} />}
      {open === "unblock" && <UnblockDialog id={id} onDone={done} onClose={close} />}
    </Page>
  );
}

function Actions({
  agent: { id, block },
  onOpen,
}: {
  readonly agent: WholeAgentView;
  readonly onOpen: (dialog: "block" | "unblock") => void;
}) {
  const reason = useReasonAgainst("mandates:write");
  return (
    <>
      <Link to="/purchases" search={{ agentId: id }} className={buttonClass("plain")}>
        Its asks
      </Link>
      <Button
        icon="copy"
        onClick={() => {
          void copyText(curlOf("GET", pathOf(id)));
          note("Copied the request as curl.");
        }}
      >
        Copy as curl
      </Button>
      {block ? (
        <Button icon="play" disabledReason={reason} onClick={() => onOpen("unblock")}>
          Unblock …
        </Button>
      ) : (
        <Button look="danger" icon="stop" disabledReason={reason} onClick={() => onOpen("block")}>
          Block …
        </Button>
      )}
    </>
  );
}

function Blocked({ block }: { readonly block: NonNullable<WholeAgentView["block"]> }) {
  return (
    <p role="status" className="rounded-lg border border-bad/40 bg-bad/8 px-4 py-3">
      <b>It buys nothing</b> since <Time at={block.at} />
      {block.reason === null ? "." : <>: “{block.reason}”.</>} Its asks are declined, under whatever
      mandate and with whatever key; what it held before can still be captured.
    </p>
  );
}

function Sums({ agent: { asks, granted, declined, spent } }: { readonly agent: WholeAgentView }) {
  const share = asks === 0 ? undefined : granted / asks;
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Tile label="Asked to buy or hold" value={<Num value={asks} />} note="since it first asked" />
      <Tile
        label="Granted"
        value={<Num value={granted} />}
        note={
          share !== undefined && (
            <>
              <Num value={share} style="percent" /> of its asks
            </>
          )
        }
      />
      <Tile label="Declined" value={<Num value={declined} />} note="each with its reason below" />
      <Tile
        label="Spent"
        value={
          spent[0] ? <Money minor={spent[0].amountMinor} currency={spent[0].currency} /> : "nothing"
        }
        note={
          spent.length > 1
            ? spent.slice(1).map(({ amountMinor, currency }) => (
                <span key={currency}>
                  and <Money minor={amountMinor} currency={currency} />
                </span>
              ))
            : "paid, less what was refunded"
        }
      />
    </div>
  );
}

function About({ agent: { id, firstSeenAt, lastSeenAt } }: { readonly agent: WholeAgentView }) {
  const time = (at: string | null) => (at === null ? "never" : <Time at={at} />);
  return (
    <Panel title="Who it is">
      <Facts
        facts={[
          [
            "Its name",
            <span key="name" className="flex min-w-0 items-center gap-1">
              <span className="min-w-0 wrap-anywhere">{id}</span>
              <CopyButton text={id} label="Copy its name" />
            </span>,
          ],
          ["Last seen", time(lastSeenAt)],
          ["First seen", time(firstSeenAt)],
        ]}
      />
      <p className="pt-3 text-sm text-mute">
        An agent is the name that a buyer gives itself. One that may choose its name is stopped by
        its key or its mandate: bind them to the agent.
      </p>
    </Panel>
  );
}
