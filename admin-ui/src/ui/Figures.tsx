import { useEffect, useState } from "react";
import { formatMoney, formatNumber, formatRelative, formatTime } from "./format.ts";

/** `minor` as the API has it: minor units, a number or a text. */
export function Money({
  minor,
  currency,
}: {
  readonly minor: number | string | bigint;
  readonly currency: string;
}) {
  return <span className="whitespace-nowrap tabular-nums">{formatMoney(minor, currency)}</span>;
}

export function Num({
  value,
  ...options
}: { readonly value: number | bigint } & Intl.NumberFormatOptions) {
  return <span className="whitespace-nowrap tabular-nums">{formatNumber(value, options)}</span>;
}

/** How long ago; the exact time, with its zone, when pointed at. */
export function Time({ at }: { readonly at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={formatTime(at)} className="whitespace-nowrap">
      {formatRelative(at, now)}
    </time>
  );
}

const watchers = new Set<(now: number) => void>();

/** One clock for all that is shown; a faster one for what counts seconds. */
export function useNow(everyMs?: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs !== undefined) {
      const timer = setInterval(() => setNow(Date.now()), everyMs);
      return () => clearInterval(timer);
    }
    watchers.add(setNow);
    return () => {
      watchers.delete(setNow);
    };
  }, [everyMs]);
  return now;
}

/** Started once, by main.tsx. */
export function startClock(): void {
  setInterval(() => {
    if (document.hidden) return;
    for (const watcher of watchers) watcher(Date.now());
  }, 5_000);
}
