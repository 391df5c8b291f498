import { useSyncExternalStore } from "react";

/** Whether the list of first steps is shown: while some are left, never, or because somebody wants it. */
export type Showing = "while-left" | "never" | "always";

const name = "zerorace-first-steps";
const listeners = new Set<() => void>();
let showing: Showing = read();

function read(): Showing {
  try {
    const kept = localStorage.getItem(name);
    return kept === "never" || kept === "always" ? kept : "while-left";
  } catch {
    return "while-left";
  }
}

export function showFirstSteps(next: Showing): void {
  showing = next;
  try {
    localStorage.setItem(name, next);
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
  for (const listener of listeners) listener();
}

export function useFirstStepsShown(): Showing {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => showing,
  );
}
