import type { Import } from "./store.ts";

interface Rates {
  readonly phase: "checking" | "importing" | "undoing";
  readonly done: number;
  readonly total: number;
  readonly unit: "bytes" | "rows";
  readonly perSecond: number | null;
  readonly secondsLeft: number | null;
}

/** How far it is, as far as a worker has something to do. */
export function progressOf(it: Import): Rates | null {
  const { state } = it;
  if (state === "checking") {
    const at = { done: it.bytesChecked, total: it.bytes, unit: "bytes" } as const;
    return { phase: state, ...at, perSecond: null, secondsLeft: null };
  }
  if (state === "undoing") {
    const at = { done: it.rowsUndone + it.rowsKept, total: it.rowsMade, unit: "rows" } as const;
    return { phase: state, ...at, perSecond: null, secondsLeft: null };
  }
  if (state !== "importing") return null;
  const done = it.rowsMade + it.rowsRefused;
  const total = it.rowsChecked;
  const perSecond = it.rowsPerSecond;
  const secondsLeft = perSecond ? Math.ceil((total - done) / perSecond) : null;
  return { phase: state, done, total, unit: "rows", perSecond, secondsLeft };
}
