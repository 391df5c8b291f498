import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { usePages } from "../../api/use-pages.ts";
import { Badge, OutcomeBadge } from "../../ui/Badge.tsx";
import { buttonClass } from "../../ui/Button.tsx";
import { ExportButton } from "../../ui/ExportButton.tsx";
import { Money, Time } from "../../ui/Figures.tsx";
import { Page } from "../../ui/Page.tsx";
import { NothingFits, PagedList } from "../../ui/PagedList.tsx";
import { EmptyState } from "../../ui/States.tsx";
import type { Column } from "../../ui/Table.tsx";
import { useHasScreen } from "../../ui/ThingLink.tsx";
import { listOf, path, type PurchaseSearch } from "./list.ts";
import { PurchaseFilters } from "./PurchaseFilters.tsx";
import { isPartRefunded, reasonWords, standingOf, thingOf } from "./words.ts";

const columns: readonly Column<WholeAskView>[] = [
  {
    id: "purchase",
    header: "Purchase",
    width: "minmax(120px, 2fr)",
    narrow: "minmax(0, 1fr)",
    cell: (ask) => (
      <>
        {thingOf(ask)}
        <span className="block truncate text-sm font-normal text-mute md:hidden">
          {reasonOf(ask) ?? ask.names.mandate} · <Time at={ask.createdAt} />
        </span>
      </>
    ),
  },
  {
    id: "amount",
    header: "Amount",
    width: "minmax(84px, 110px)",
    narrow: "76px",
    align: "end",
    cell: ({ request }) => (
      <Money minor={request.amountMinor ?? 0} currency={request.currency ?? "USD"} />
    ),
  },
  {
    id: "outcome",
    header: "Outcome",
    width: "minmax(92px, 1.6fr)",
    narrow: "84px",
    cell: outcomeCell,
  },
  text("merchant", "Merchant", ({ names, merchantId }) => names.merchant ?? merchantId),
  text("mandate", "Mandate", ({ names, request }) => names.mandate ?? request.mandateId),
  text("agent", "Agent", ({ request }) => request.agentId),
  {
    id: "when",
    header: "When",
    width: "minmax(96px, 128px)",
    align: "end",
    wideOnly: true,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];

function text(
  id: string,
  header: string,
  of: (ask: WholeAskView) => string | undefined,
): Column<WholeAskView> {
  return {
    id,
    header,
    wideOnly: true,
    cell: (ask) => (
      <span className="truncate" title={of(ask)}>
        {of(ask)}
      </span>
    ),
  };
}

function reasonOf({ answer }: WholeAskView): string | undefined {
  if (answer.outcome !== "DECLINED") return undefined;
  return reasonWords(answer.reason, "period" in answer ? answer.period : undefined);
}

function outcomeCell(ask: WholeAskView) {
  const { answer } = ask;
  return (
    <>
      <OutcomeBadge outcome={standingOf(ask)} />
      {answer.outcome === "DECLINED" && (
        <span className="truncate text-mute max-md:hidden">{reasonOf(ask)}</span>
      )}
      {isPartRefunded(ask) && (
        <span className="max-md:hidden">
          <Badge tone="warn">part refunded</Badge>
        </span>
      )}
    </>
  );
}

export function Purchases() {
  const search = useSearch({ from: "/signed-in/purchases" });
  const navigate = useNavigate({ from: "/purchases" });
  const set = (next: PurchaseSearch): void => {
    void navigate({ search: next, replace: true, resetScroll: false });
  };
  const list = usePages(listOf(search), ["purchases"]);
  const empty =
    Object.keys(search).length > 0 ? (
      <NothingFits onClear={() => set({})}>
        New purchases that fit show up here by themselves.
      </NothingFits>
    ) : (
      <NoPurchases />
    );
  return (
    <Page title="Purchases" actions={<ExportButton path={path} query={search} name="purchases" />}>
      <PurchaseFilters search={search} onSet={set} />
      <PagedList
        list={list}
        noun="purchases"
        columns={columns}
        rowKey={({ id }) => id}
        rowHref={({ id }) => `/purchases/${id}`}
        empty={empty}
      />
    </Page>
  );
}

function NoPurchases() {
  const hasPlayground = useHasScreen("/playground");
  const curl = `curl -X POST ${location.origin}/v1/purchases/commit \\
  -H "Authorization: Bearer $ZERORACE_API_KEY" \\
  -H "Idempotency-Key: order-1" \\
  -H "Content-Type: application/json" \\
  -d '{"merchantId":"…","itemId":"…","mandateId":"…","agentId":"agent-7",
       "quantity":1,"amountMinor":2500,"currency":"USD"}'`;
  return (
    <EmptyState
      icon="purchases"
      title="Nobody has asked to buy yet"
      docs={{ to: "/docs/how-to/agents", words: "How an agent buys" }}
      curl={curl}
      {...(hasPlayground && {
        action: (
          <Link to={"/playground" as "/"} className={buttonClass("primary")}>
            Open the playground
          </Link>
        ),
      })}
    >
      Every ask shows up here by itself, the refused ones too, with the reason and the arithmetic.
    </EmptyState>
  );
}
