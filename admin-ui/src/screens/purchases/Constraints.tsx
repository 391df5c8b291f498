import { useQuery } from "@tanstack/react-query";
import type { WholeItemView } from "../../../../server/items/wire.ts";
import type { WholeMandateView } from "../../../../server/mandates/wire.ts";
import type { WholeAskView } from "../../../../server/purchases/whole/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Money, Num } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SmallTable, type SmallColumn } from "../../ui/SmallTable.tsx";
import { PanelSkeleton } from "../../ui/States.tsx";
import { questions, reasonWords } from "./words.ts";

type Check = WholeAskView["checks"][number];

interface Figures {
  readonly limit: number;
  readonly used?: number | undefined;
  readonly headroom: number;
}

interface Line {
  readonly check: Check;
  readonly figures: Figures | undefined;
  readonly asOf: "when asked" | "now";
  readonly asked: number | undefined;
  readonly isMoney: boolean;
}

/** In a busy shop others move them all the time. */
const everyMs = 3_000;

const withFigures: readonly Check["reason"][] = ["SOLD_OUT", "PURCHASE_MAX", "PERIOD", "CAP"];

/** What the ask was held against: the numbers of the one that stopped it, and how the others stand now. */
export function Constraints({ ask }: { readonly ask: WholeAskView }) {
  const { itemId = "", mandateId = "", currency = "USD" } = ask.request;
  const mayMandates = useReasonAgainst("mandates:read") === undefined;
  const itemQuery = useQuery({
    queryKey: ["items", itemId],
    queryFn: ({ signal }) => get<WholeItemView>(`/v1/items/${itemId}`, { signal }),
  });
  const mandateQuery = useQuery({
    queryKey: ["mandates", mandateId],
    queryFn: ({ signal }) => get<WholeMandateView>(`/v1/mandates/${mandateId}`, { signal }),
    enabled: mayMandates,
  });
  useLiveQueries(
    ["purchases", "items", "mandates"],
    [
      ["items", itemId],
      ["mandates", mandateId],
    ],
    everyMs,
  );
  const { data: item } = itemQuery;
  const { data: mandate } = mandateQuery;
  const isWaiting = itemQuery.isLoading || mandateQuery.isLoading;
  const lines = ask.checks.flatMap((check): Line[] => {
    const isMoney = check.reason !== "SOLD_OUT";
    const asked = isMoney ? ask.request.amountMinor : ask.request.quantity;
    if (check.result === "stopped") {
      const { limit, used, headroom = 0 } = check;
      const figures = limit === undefined ? undefined : { limit, used, headroom };
      return [{ check, figures, asOf: "when asked", asked: check.asked ?? asked, isMoney }];
    }
    if (!withFigures.includes(check.reason)) return [];
    const figures = figuresNow(check, item, mandate);
    return figures ? [{ check, figures, asOf: "now", asked, isMoney }] : [];
  });
  const others = (result: Check["result"]): string =>
    ask.checks
      .filter((check) => check.result === result && !withFigures.includes(check.reason))
      .map(({ reason }) => questions[reason])
      .join(" · ");
  const [passed, unseen] = [others("passed"), others("not_reached")];
  return (
    <Panel title="Constraints" flush>
      {isWaiting ? (
        <PanelSkeleton />
      ) : (
        <SmallTable
          label="Constraints"
          columns={columnsIn(currency)}
          rows={lines}
          rowKey={({ check }) => `${check.reason}${check.period ?? ""}`}
          isMarked={({ check }) => check.result === "stopped"}
        />
      )}
      <div className="flex flex-col gap-1 border-t px-4 py-3 text-sm text-mute">
        {passed !== "" && <p>Passed: {passed}</p>}
        {unseen !== "" && <p>Not looked at: {unseen}</p>}
        <p>
          The first that refuses decides, and its figures are kept with the answer. Those of the
          others are as of now.
        </p>
      </div>
    </Panel>
  );
}

function figuresNow(
  { reason, period }: Check,
  item: WholeItemView | undefined,
  mandate: WholeMandateView | undefined,
): Figures | undefined {
  if (reason === "SOLD_OUT" && item) {
    const { stocked, free, held, sold } = item.stock;
    return { limit: stocked, used: held + sold, headroom: free };
  }
  if (!mandate) return undefined;
  if (reason === "CAP") return usedOf(mandate.capMinor, mandate.left.capMinor);
  if (reason === "PURCHASE_MAX") {
    const limit = mandate.purchaseMaxMinor;
    return limit === null ? undefined : { limit, headroom: limit };
  }
  if (reason !== "PERIOD" || period === undefined) return undefined;
  const limit = mandate[`${period}LimitMinor`];
  const left = mandate.left[period];
  return limit === null || !left ? undefined : usedOf(limit, left.leftMinor);
}

const usedOf = (limit: number, left: number): Figures => ({
  limit,
  used: limit - left,
  headroom: left,
});

function columnsIn(currency: string): readonly SmallColumn<Line>[] {
  const figure = (value: number | undefined, { isMoney }: Line) => {
    if (value === undefined) return <span className="text-mute">–</span>;
    return isMoney ? <Money minor={value} currency={currency} /> : <Num value={value} />;
  };
  return [
    {
      id: "check",
      header: "Constraint",
      cell: ({ check: { reason, period } }) => (
        <span className="font-medium">
          {period === undefined ? questions[reason] : reasonWords(reason, period)}
        </span>
      ),
    },
    { id: "result", header: "Result", cell: ({ check }) => <Result result={check.result} /> },
    { id: "limit", header: "Limit", align: "end", cell: (l) => figure(l.figures?.limit, l) },
    { id: "used", header: "Used", align: "end", cell: (l) => figure(l.figures?.used, l) },
    { id: "this", header: "This ask", align: "end", cell: (l) => figure(l.asked, l) },
    { id: "room", header: "Headroom", align: "end", cell: (l) => figure(l.figures?.headroom, l) },
    { id: "at", header: "As of", cell: ({ asOf }) => <span className="text-mute">{asOf}</span> },
  ];
}

function Result({ result }: { readonly result: Check["result"] }) {
  if (result === "stopped") {
    return (
      <Badge tone="bad" icon="cross">
        Stopped it
      </Badge>
    );
  }
  if (result === "not_reached") return <Badge>Not looked at</Badge>;
  return (
    <Badge tone="ok" icon="check">
      Passed
    </Badge>
  );
}
