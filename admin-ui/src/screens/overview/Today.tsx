import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TodayView, UsageView } from "../../../../server/usage/wire.ts";
import { get } from "../../api/client.ts";
import { useReasonAgainst } from "../../api/session.ts";
import { useLiveQueries } from "../../live/use-live.ts";
import { Money, Num } from "../../ui/Figures.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Panel } from "../../ui/Page.tsx";
import { Sparkline } from "../../ui/Sparkline.tsx";
import { SplitBar } from "../../ui/SplitBar.tsx";
import { ErrorState, Skeleton } from "../../ui/States.tsx";
import { reasonOf, stopsASale } from "../reasons.ts";

/** Counting takes some reading: not for every sale. */
const everyMs = 3_000;

export function Today() {
  const reason = useReasonAgainst("usage:read");
  if (reason === undefined) return <Counted />;
  return (
    <Panel title="Today">
      <p className="text-mute">{reason}</p>
    </Panel>
  );
}

function Counted() {
  const today = useQuery({
    queryKey: ["usage", "today"],
    queryFn: ({ signal }) => get<TodayView>("/v1/usage/today", { signal }),
  });
  const days = useQuery({
    queryKey: ["usage", "days"],
    queryFn: ({ signal }) => get<UsageView>("/v1/usage", { signal }),
  });
  useLiveQueries(["purchases"], [["usage"]], everyMs);
  const error = today.error ?? days.error;
  if (error && (!today.data || !days.data)) {
    const again = (): void => void Promise.all([today.refetch(), days.refetch()]);
    return <ErrorState error={error} onRetry={again} />;
  }
  return (
    <>
      <Panel title="Today" actions={<span className="text-sm text-mute">UTC</span>}>
        <Figures today={today.data} usage={days.data} />
      </Panel>
      <Panel title="What stopped the others">
        {today.data ? <Stopped today={today.data} /> : <Skeleton className="h-5 w-48" />}
      </Panel>
      <Panel title="Sold, day by day">
        {days.data ? <Days usage={days.data} /> : <Skeleton className="h-20 w-full" />}
      </Panel>
    </>
  );
}

const soldOn = ({ commits, captures }: UsageView["data"][number]): number => commits + captures;

function Figures({
  today,
  usage,
}: {
  readonly today: TodayView | undefined;
  readonly usage: UsageView | undefined;
}) {
  const last = usage?.data.at(-1);
  const latency = today?.latency;
  const shown = <Skeleton className="h-6 w-14" />;
  return (
    <dl className="grid grid-cols-[repeat(auto-fit,minmax(8.5rem,1fr))] gap-x-6 gap-y-4">
      <Figure label="Sold">{last ? <Num value={soldOn(last)} /> : shown}</Figure>
      <Figure label="Refused">{today ? <Num value={refusedIn(today)} /> : shown}</Figure>
      <Figure label="Revenue">{today ? <Revenue today={today} /> : shown}</Figure>
      <Figure
        label="Answered within"
        note={latency ? `p95 · p99 ${formatNumber(latency.p99Ms)} ms` : "no sale in the last hour"}
      >
        {!today ? shown : latency ? `${formatNumber(latency.p95Ms)} ms` : "–"}
      </Figure>
    </dl>
  );
}

function Figure({
  label,
  note,
  children,
}: {
  readonly label: string;
  readonly note?: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <dt className="text-sm text-mute">{label}</dt>
      <dd className="text-2xl leading-8 font-semibold tabular-nums">{children}</dd>
      {note !== undefined && <dd className="text-sm text-mute">{note}</dd>}
    </div>
  );
}

/** A line per currency; what was paid back is taken off, and said. */
function Revenue({ today: { revenue } }: { readonly today: TodayView }) {
  if (revenue.length === 0) return "–";
  return revenue.map(({ currency, soldMinor, refundedMinor }) => (
    <span key={currency} className="block">
      <Money minor={BigInt(soldMinor) - BigInt(refundedMinor)} currency={currency} />
      {refundedMinor !== "0" && (
        <span className="block text-sm font-normal text-mute">
          after <Money minor={refundedMinor} currency={currency} /> paid back
        </span>
      )}
    </span>
  ));
}

/** A refund that was too much is no sale that was stopped. */
const stopsIn = ({ declines }: TodayView): TodayView["declines"] =>
  declines.filter(({ reason }) => stopsASale(reason));

const refusedIn = (today: TodayView): number =>
  stopsIn(today).reduce((sum, { count }) => sum + count, 0);

function Stopped({ today }: { readonly today: TodayView }) {
  const all = refusedIn(today);
  if (all === 0) return <p className="text-mute">Nothing was refused today.</p>;
  const parts = stopsIn(today).map(({ reason, count }) => {
    const { label, colour } = reasonOf(reason);
    const shown = formatNumber(count);
    return { label, colour: `var(${colour})` as const, value: count, shown };
  });
  return (
    <div className="flex flex-col gap-3">
      <SplitBar parts={parts} height={12} />
      <table className="w-full tabular-nums">
        <thead className="sr-only">
          <tr>
            <th scope="col">Reason</th>
            <th scope="col">Times</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ label, colour, value, shown }) => (
            <tr key={label}>
              <th scope="row" className="py-1 text-start font-normal">
                <span className="flex items-center gap-2">
                  <svg aria-hidden="true" width="10" height="10" className="shrink-0">
                    <rect width="10" height="10" rx="2.5" fill={colour} />
                  </svg>
                  {label}
                </span>
              </th>
              <td className="py-1 text-end">{shown}</td>
              <td className="w-16 py-1 text-end text-mute">
                {formatNumber(value / all, { style: "percent", maximumFractionDigits: 1 })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Days({ usage }: { readonly usage: UsageView }) {
  const format = new Intl.DateTimeFormat(undefined, {
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  });
  const bars = usage.data.map((day) => {
    const sold = soldOn(day);
    return { label: format.format(new Date(day.day)), value: sold, shown: formatNumber(sold) };
  });
  const whole = formatNumber(usage.data.reduce((sum, day) => sum + soldOn(day), 0));
  return (
    <div className="flex flex-col gap-2">
      <p className="text-mute">
        {whole} sold in {formatNumber(bars.length)} days.
      </p>
      <Sparkline label={`Sold in the last ${bars.length} days`} bars={bars} unit="Sold" />
    </div>
  );
}
