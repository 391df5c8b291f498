import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";

const name = "zerorace-theme";
const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");
let theme: Theme = read();

function read(): Theme {
  try {
    const kept = localStorage.getItem(name);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

export function setTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(name, next);
  } catch {
    // Without storage it lasts until the page is loaded again.
  }
  show();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, () => theme);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** theme-init.js did this before the first paint. */
function show(): void {
  const isDark = theme === "dark" || (theme === "system" && system.matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

export function followTheme(): void {
  system.addEventListener("change", show);
}
