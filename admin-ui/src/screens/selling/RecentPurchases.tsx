import { Link } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import type { askView } from "../../../../server/purchases/wire.ts";
import type { z } from "zod";
import { get } from "../../api/client.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { OutcomeBadge } from "../../ui/Badge.tsx";
import { Money, Time } from "../../ui/Figures.tsx";
import { Panel } from "../../ui/Page.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { Table, type Column } from "../../ui/Table.tsx";
import { reasonOf } from "../reasons.ts";
import { useHasScreen } from "./things.ts";

type AskView = z.output<typeof askView>;

const columns: readonly Column<AskView>[] = [
  {
    id: "when",
    header: "When",
    width: "minmax(108px, 1fr)",
    cell: (ask) => <Time at={ask.createdAt} />,
  },
  {
    id: "outcome",
    header: "Outcome",
    width: "92px",
    cell: ({ answer }) => <OutcomeBadge outcome={answer.outcome} />,
  },
  {
    id: "why",
    header: "Reason",
    width: "minmax(0, 2fr)",
    wideOnly: true,
    cell: ({ answer }) =>
      answer.outcome === "DECLINED" ? (
        <span className="truncate text-mute">
          {reasonOf(answer.reason, "period" in answer ? answer.period : undefined).label}
        </span>
      ) : (
        ""
      ),
  },
  {
    id: "amount",
    header: "Amount",
    align: "end",
    width: "minmax(76px, 1fr)",
    cell: ({ answer }) =>
      "amountMinor" in answer ? (
        <Money minor={answer.amountMinor} currency={answer.currency} />
      ) : (
        <span className="text-mute">none</span>
      ),
  },
];

/** The last asks that buy, of one merchant, item or mandate. */
export function RecentPurchases({
  by,
  id,
}: {
  readonly by: "merchantId" | "itemId" | "mandateId";
  readonly id: string;
}) {
  const hasScreen = useHasScreen("/purchases");
  const query = { [by]: id, limit: 8 };
  const found = useQuery({
    queryKey: ["purchases", "recent", query],
    queryFn: ({ signal }) =>
      get<{ readonly data: readonly AskView[] }>("/v1/purchases", { query, signal }),
  });
  useLiveQueries(["purchases"], [["purchases"]]);
  const rows = found.data?.data;
  const all = hasScreen && rows && rows.length > 0 && (
    <Link to={"/purchases" as "/"} search={{ [by]: id }} className="text-sm text-accent underline">
      All purchases
    </Link>
  );
  return (
    <Panel title="Recent purchases" actions={all} flush>
      {found.error && !rows && (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      )}
      {found.isPending && <SkeletonRows bare rows={3} />}
      {rows?.length === 0 && (
        <p className="px-4 pb-4 text-mute">
          Nobody has tried to buy yet. Declined tries show here, too.
        </p>
      )}
      {rows && rows.length > 0 && (
        <Table
          bare
          label="Recent purchases"
          columns={columns}
          rows={rows}
          rowKey={(ask) => ask.id}
          {...(hasScreen && { rowHref: (ask: AskView) => `/purchases/${ask.id}` })}
          rowHeight={36}
        />
      )}
    </Panel>
  );
}
