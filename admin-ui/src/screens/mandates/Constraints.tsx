import type { ConstraintListView, WholeMandateView } from "../../../../server/mandates/wire.ts";
import { Badge } from "../../ui/Badge.tsx";
import { classNames } from "../../ui/class-names.ts";
import { Money, Time } from "../../ui/Figures.tsx";
import { formatDuration, formatMoney } from "../../ui/format.ts";
import { Icon } from "../../ui/Icon.tsx";
import { Panel } from "../../ui/Page.tsx";
import { SplitBar } from "../../ui/SplitBar.tsx";
import { ErrorState, SkeletonRows } from "../../ui/States.tsx";
import { nameIn, useItems, useMerchants, useThing } from "../selling/things.ts";
import type { QuoteView } from "./quote.ts";

type Constraint = ConstraintListView["data"][number];

const names: Readonly<Record<Constraint["reason"], string>> = {
  SOLD_OUT: "Stock",
  ITEM_CLOSED: "On sale",
  AGENT_BLOCKED: "Agent not blocked",
  REVOKED: "Not revoked",
  PAUSED: "Not paused",
  NOT_STARTED: "Has begun",
  EXPIRED: "Has not ended",
  AGENT: "Agent",
  MERCHANT: "Merchants",
  ITEM: "Items",
  CURRENCY: "Currency",
  PURCHASE_MAX: "One purchase",
  DUPLICATE_SUSPECTED: "Duplicate window",
  PERIOD: "Period",
  CAP: "Cap",
};
const periods = { day: "Day", week: "Week", month: "Month" } as const;

/** What a sale is held against, in the server's order: the first that forbids it decides. */
export function Constraints({
  mandate,
  quote,
}: {
  readonly mandate: WholeMandateView;
  readonly quote: QuoteView | undefined;
}) {
  const found = useThing<ConstraintListView>("mandates", mandate.id, "constraints");
  const { data: list, error, refetch } = found;
  const declined = quote?.outcome === "WOULD_DECLINE" ? quote : undefined;
  return (
    <Panel title="Constraints" flush>
      <p className="px-4 pb-3 text-mute">
        Every sale is held against these, from the first to the last. The first that forbids it is
        the reason of the decline. Before them the item must be on sale and in stock.
      </p>
      {error && !list && <ErrorState error={error} onRetry={() => void refetch()} />}
      {found.isPending && <SkeletonRows bare rows={6} />}
      {list && (
        <ol className="border-t">
          {list.data.map((one, at) => (
            <Line
              key={`${one.reason}${one.period ?? ""}`}
              constraint={one}
              number={at + 1}
              currency={mandate.currency}
              isBinding={one.reason === declined?.reason && one.period === declined.period}
            />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Line({
  constraint,
  number,
  currency,
  isBinding,
}: {
  readonly constraint: Constraint;
  readonly number: number;
  readonly currency: string;
  readonly isBinding: boolean;
}) {
  const { reason, period, isSet, blocks } = constraint;
  return (
    <li
      className={classNames(
        "grid min-h-11 grid-cols-[20px_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-b px-4 py-2 last:border-b-0 sm:grid-cols-[20px_128px_minmax(0,1fr)_auto]",
        isBinding && "bg-bad/8 inset-ring-2 inset-ring-bad/60",
      )}
    >
      <span className="text-end text-sm text-mute tabular-nums">{number}</span>
      <span className={classNames("flex items-center gap-2", !isSet && "text-mute")}>
        {period === undefined ? names[reason] : periods[period]}
      </span>
      <span className="justify-self-end sm:col-start-4 sm:row-start-1">
        <Verdict isSet={isSet} blocks={blocks} isBinding={isBinding} />
      </span>
      <div className="min-w-0 max-sm:col-span-2 max-sm:col-start-2 max-sm:row-start-2 max-sm:empty:hidden sm:col-start-3 sm:row-start-1">
        <Arithmetic constraint={constraint} currency={currency} />
      </div>
    </li>
  );
}

function Verdict({
  isSet,
  blocks,
  isBinding,
}: {
  readonly isSet: boolean;
  readonly blocks: boolean;
  readonly isBinding: boolean;
}) {
  if (isBinding) {
    return (
      <Badge tone="bad" icon="cross">
        Stops this purchase
      </Badge>
    );
  }
  if (!isSet) return <span className="text-sm text-mute">no rule</span>;
  if (blocks) {
    return (
      <Badge tone="bad" icon="cross">
        Stops all
      </Badge>
    );
  }
  return (
    <span className="text-ok" title="Lets sales through">
      <Icon name="check" />
      <span className="sr-only">Lets sales through</span>
    </span>
  );
}

function Arithmetic({
  constraint,
  currency,
}: {
  readonly constraint: Constraint;
  readonly currency: string;
}) {
  const { limit, used, headroom = 0, resetsAt, windowSeconds, reason, allowed } = constraint;
  if (limit !== undefined && used === undefined) {
    return (
      <span className="text-mute">
        at most <Money minor={limit} currency={currency} />
      </span>
    );
  }
  if (limit !== undefined && used !== undefined) {
    const parts = [
      { label: "Used", value: used, shown: "", colour: "var(--c-mandate)" },
      { label: "Headroom", value: Math.max(0, headroom), shown: "", colour: "var(--rest)" },
    ] as const;
    return (
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-1">
        <SplitBar parts={parts} height={6} />
        <span className="text-sm text-mute">
          {`${formatMoney(used, currency)} of ${formatMoney(limit, currency)} used, `}
          <b className="font-medium text-ink">{formatMoney(headroom, currency)} left</b>
          {resetsAt !== undefined && (
            <>
              {" · begins anew "}
              <Time at={resetsAt} />
            </>
          )}
        </span>
      </div>
    );
  }
  if (windowSeconds !== undefined) {
    return (
      <span className="text-mute">
        the same again within {formatDuration(windowSeconds * 1_000)} is taken for a mistake
      </span>
    );
  }
  if (resetsAt !== undefined) return <Moment reason={reason} at={resetsAt} />;
  return allowed ? <AllowedNames reason={reason} allowed={allowed} /> : null;
}

function Moment({ reason, at }: { readonly reason: Constraint["reason"]; readonly at: string }) {
  return (
    <span className="text-mute">
      {reason === "EXPIRED" ? "ends " : "from "}
      <Time at={at} />
    </span>
  );
}

function AllowedNames({
  reason,
  allowed,
}: {
  readonly reason: Constraint["reason"];
  readonly allowed: readonly string[];
}) {
  const merchants = useMerchants().data?.data;
  const items = useItems().data?.data;
  if (allowed.length === 0) return <span className="text-mute">none is allowed</span>;
  const known = { MERCHANT: merchants, ITEM: items }[reason as "ITEM"];
  const isNamed = reason === "MERCHANT" || reason === "ITEM";
  const shown = allowed.slice(0, 3).map((one) => (isNamed ? nameIn(known, one) : one));
  const rest = allowed.length - shown.length;
  return (
    <span className="min-w-0 text-mute wrap-anywhere">
      only {shown.join(", ")}
      {rest > 0 && ` and ${rest} more`}
    </span>
  );
}
