import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { formatField, type Cell } from "../http/csv.ts";
import type { CallerRow } from "./by-caller.ts";
import { currency, time } from "../http/shapes.ts";
import type { Day, Usage } from "./store.ts";
import { latencyMinutes, newestAsks, percentile, type Today } from "./today.ts";

/** The queries and answers of /v1/usage and /v1/usage/today. */

export const daysMax = 366;
const says = "must be a day as in 2026-11-21";
const date = z
  .string(says)
  .pipe(z.iso.date(says))
  .refine((text) => text >= "1000", says);

export const usageQuery = z.object({
  from: date
    .optional()
    .meta({ description: "The first day, in UTC; 30 days up to `to` when it is left out." }),
  to: date.optional().meta({ description: "The last day, in UTC; today when it is left out." }),
  format: formatField,
});

const count = z.int().nonnegative();

/** Asks that were answered, by what came of them. */
const counts = {
  commits: count,
  holds: count,
  captures: count,
  extensions: count,
  releases: count,
  refunds: count,
  declines: count,
  replays: count.meta({
    description:
      "Repeats that were answered from the record. They move nothing, and come some seconds late.",
  }),
};

const dayView = z.object({ day: z.iso.date(), mode: z.string(), ...counts });

export const usageView = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  mode: z.string(),
  data: z.array(dayView).meta({ description: "Every day of the span, the first first." }),
  totals: z.object(counts),
});

export type DayView = z.output<typeof dayView>;
export type UsageView = z.output<typeof usageView>;

export const columns = Object.keys(dayView.shape) as readonly (keyof DayView)[];
const countNames = Object.keys(counts) as readonly (keyof typeof counts)[];

export function viewOf({ mode, days }: Usage, from: string, to: string): UsageView {
  const data = days.map((day) => ({ day: day.day, mode, ...numbersOf([day]) }));
  return { from, to, mode, data, totals: numbersOf(days) };
}

function numbersOf(days: readonly Day[]): UsageView["totals"] {
  const sums = countNames.map((name) => {
    const sum = days.reduce((total, day) => total + day[name], 0n);
    return [name, Number(sum)] as const;
  });
  return Object.fromEntries(sums) as UsageView["totals"];
}

export function cellsOf(day: DayView): Cell[] {
  return columns.map((name) => day[name]);
}

const { format: _, ...span } = usageQuery.shape;
export const callersQuery = z.object(span);

export const callersView = z
  .object({
    from: z.iso.date(),
    to: z.iso.date(),
    data: z
      .array(
        z.object({
          caller: z.string().nullable().meta({ description: "`key:…` or `person:…`." }),
          name: z.string().nullable(),
          commits: count,
          holds: count,
          others: count.meta({ description: "Captures, extensions, releases and refunds." }),
          declines: count,
          lastAt: time,
        }),
      )
      .meta({ description: "Who asked most comes first; 500 at most." }),
  })
  .meta({ id: "UsageByCaller", description: "Who sent the asks of some days." });

export type CallersView = z.output<typeof callersView>;

export function viewOfCallers(rows: readonly CallerRow[], from: string, to: string): CallersView {
  const data = rows.map(({ caller, name, lastAt, ...numbers }) => ({
    caller,
    name,
    commits: Number(numbers.commits),
    holds: Number(numbers.holds),
    others: Number(numbers.others),
    declines: Number(numbers.declines),
    lastAt: rfc3339(lastAt),
  }));
  return { from, to, data };
}

const sum = z.string().meta({ description: "In minor units; a whole number as text." });

export const todayView = z
  .object({
    day: z.iso.date().meta({ description: "The running day, in UTC." }),
    asOf: time,
    revenue: z
      .array(z.object({ currency, soldMinor: sum, refundedMinor: sum }))
      .meta({ description: "What was paid and paid back today, per currency." }),
    declines: z.array(z.object({ reason: z.string(), count })).meta({
      description: `Why asks of today were declined, the commonest first, among the newest ${newestAsks} asks.`,
    }),
    latency: z
      .object({ p50Ms: count, p95Ms: count, p99Ms: count, requests: count, minutes: z.int() })
      .nullable()
      .meta({
        description: `How long commits and holds took at this server's door, by the newest requests of the last ${latencyMinutes} minutes. Null: there were none.`,
      }),
  })
  .meta({ id: "UsageToday", description: "What today brought so far." });

export type TodayView = z.output<typeof todayView>;

export function viewOfToday({ day, revenue, declines, latency }: Today, now: Date): TodayView {
  const requests = latency.reduce((total, { standsFor }) => total + standsFor, 0);
  const ms = (share: number): number => percentile(latency, share);
  return {
    day,
    asOf: now.toISOString(),
    revenue: revenue.map(({ currency: code, soldMinor, refundedMinor }) => {
      return {
        currency: code,
        soldMinor: String(soldMinor),
        refundedMinor: String(refundedMinor),
      };
    }),
    declines: declines.map(({ reason, declines: times }) => ({ reason, count: Number(times) })),
    latency:
      requests === 0
        ? null
        : {
            p50Ms: ms(0.5),
            p95Ms: ms(0.95),
            p99Ms: ms(0.99),
            requests,
            minutes: latencyMinutes,
          },
  };
}
