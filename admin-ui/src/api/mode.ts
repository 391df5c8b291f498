import { useSyncExternalStore } from "react";

/** Which of the organisation's two tenants is looked at. */
export type Mode = "test" | "live";

const name = "zerorace-mode";
const listeners = new Set<() => void>();
let mode: Mode = read();

/** A tab keeps its own; a new one begins with what was chosen last. */
function read(): Mode {
  try {
    return (sessionStorage.getItem(name) ?? localStorage.getItem(name)) === "live"
      ? "live"
      : "test";
  } catch {
    return "test";
  }
}

export function currentMode(): Mode {
  return mode;
}

/** Somebody who would lose what cannot be had again: asked before, and calls `go` or does not. */
let guard: ((go: () => void) => void) | undefined;

export function guardMode(asked: (go: () => void) => void): () => void {
  guard = asked;
  return () => {
    if (guard === asked) guard = undefined;
  };
}

export function setMode(next: Mode): void {
  if (guard && next !== mode) guard(() => change(next));
  else change(next);
}

function change(next: Mode): void {
  mode = next;
  try {
    sessionStorage.setItem(name, next);
    localStorage.setItem(name, next);
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
  for (const listener of listeners) listener();
}

export function onMode(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useMode(): Mode {
  return useSyncExternalStore(onMode, currentMode);
}
