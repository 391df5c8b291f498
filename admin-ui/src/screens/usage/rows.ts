import type { DayView } from "../../../../server/usage/wire.ts";
import { textsIn, type Search } from "../../search.ts";

export type UsageSearch = Search<"from" | "to" | "by">;
export const readSearch = textsIn("from", "to", "by");

type Counts = Omit<DayView, "day" | "mode">;
export type UsageRow = Counts & { readonly label: string };

/** All that was granted, of whatever kind. */
export function grantedIn(row: Counts): number {
  const { commits, holds, captures, extensions, releases, refunds } = row;
  return commits + holds + captures + extensions + releases + refunds;
}

/** The server's days, or their sums under the month that they lie in. */
export function rowsBy(days: readonly DayView[], by: "day" | "month"): UsageRow[] {
  const groups = Map.groupBy(days, ({ day }) => (by === "day" ? day : day.slice(0, 7)));
  return [...groups].map(([label, group]) => ({ label, ...sumOf(group) }));
}

function sumOf(days: readonly DayView[]): Counts {
  const sum = { commits: 0, holds: 0, captures: 0, extensions: 0, releases: 0, refunds: 0 };
  const all = { ...sum, declines: 0, replays: 0 };
  for (const day of days) {
    for (const name of Object.keys(all) as (keyof typeof all)[]) all[name] += day[name];
  }
  return all;
}
