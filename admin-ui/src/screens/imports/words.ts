import type { ImportView } from "../../../../server/imports/wire.ts";
import type { Tone } from "../../ui/Badge.tsx";
import { formatDuration, formatNumber } from "../../ui/format.ts";
import type { IconName } from "../../ui/Icon.tsx";

export type Kind = ImportView["kind"];
type State = ImportView["state"];

/** How an import stands, in a word. */
export const stateWords: Readonly<
  Record<State, { readonly word: string; readonly tone: Tone; readonly icon: IconName }>
> = {
  uploading: { word: "Uploaded", tone: "neutral", icon: "up" },
  checking: { word: "Checking", tone: "accent", icon: "refresh" },
  checked: { word: "Checked", tone: "accent", icon: "eye" },
  rejected: { word: "Rejected", tone: "bad", icon: "cross" },
  importing: { word: "Importing", tone: "accent", icon: "refresh" },
  done: { word: "Done", tone: "ok", icon: "check" },
  cancelled: { word: "Cancelled", tone: "neutral", icon: "stop" },
  undoing: { word: "Undoing", tone: "warn", icon: "refresh" },
  undone: { word: "Undone", tone: "neutral", icon: "back" },
};

/** Some of the file is not there. */
export const cutOff = { word: "Incomplete", tone: "warn", icon: "alert" } as const;

/** A worker has something to do about it, so it changes by itself. */
export function isAtWork({ state }: ImportView): boolean {
  return state === "checking" || state === "importing" || state === "undoing";
}

/** All of the file is on the server. */
export function isWhole({ bytes, fileBytes }: ImportView): boolean {
  return bytes > 0 && bytes >= (fileBytes ?? 0);
}

export const parentOf = {
  items: { to: "/items", label: "Items and inventory", list: "/items/import" },
  mandates: { to: "/mandates", label: "Mandates and budgets", list: "/mandates/import" },
} as const;

export function sizeOf(bytes: number): string {
  return bytes < 100_000
    ? `${formatNumber(Math.ceil(bytes / 1000))} kB`
    : `${formatNumber(bytes / 1_000_000, { maximumFractionDigits: 1 })} MB`;
}

/** "1 row", "2,000 rows". */
export function rowsOf(count: number): string {
  return `${formatNumber(count)} ${count === 1 ? "row" : "rows"}`;
}

/** "1 item", "2,000 items". */
export function thingsOf(kind: Kind, count: number): string {
  return `${formatNumber(count)} ${count === 1 ? kind.slice(0, -1) : kind}`;
}

/** How fast, and how long yet. */
export function paceOf({ progress }: ImportView): string {
  if (!progress) return "";
  const { done, total, unit, perSecond, secondsLeft } = progress;
  const far =
    unit === "bytes"
      ? `${sizeOf(done)} of ${sizeOf(total)}`
      : `${formatNumber(done)} of ${rowsOf(total)}`;
  const pace = perSecond === null ? "" : ` · ${rowsOf(perSecond)} a second`;
  const left = secondsLeft === null ? "" : ` · ${formatDuration(secondsLeft * 1000)} left`;
  return `${far}${pace}${left}`;
}
