import { useNavigate } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";
import { useScreens } from "./screens.ts";

const name = "zerorace-shortcuts";
const listeners = new Set<() => void>();

/** Single keys can be turned off (WCAG 2.1.4): who speaks to a computer types by accident. */
export function areShortcutsOn(): boolean {
  try {
    return localStorage.getItem(name) !== "off";
  } catch {
    return true;
  }
}

export function setShortcuts(isOn: boolean): void {
  try {
    localStorage.setItem(name, isOn ? "on" : "off");
  } catch {
    // Without storage they stay on.
  }
  for (const listener of listeners) listener();
}

export function useShortcutsOn(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, areShortcutsOn);
}

const typing = "input, textarea, select, [contenteditable], [role=menu] *";

/** ⌘K, ?, / and G with a letter. */
export function useShortcuts(open: (what: "palette" | "shortcuts") => void): void {
  const navigate = useNavigate();
  const screens = useScreens();
  useEffect(() => {
    let isAfterG = false;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        if (!document.querySelector("dialog[open]")) open("palette");
        return;
      }
      const isElsewhere =
        event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]");
      if (isElsewhere || !areShortcutsOn()) return;
      if (event.target instanceof Element && event.target.closest(typing)) return;
      const letter = event.key.toLowerCase();
      const link = screens.flatMap(({ links }) => links).find(({ key }) => key === letter);
      if (isAfterG && link && link.reason === undefined) void navigate({ to: link.path as "/" });
      else if (event.key === "?") open("shortcuts");
      else if (event.key === "/") open("palette");
      else {
        isAfterG = letter === "g";
        return;
      }
      isAfterG = false;
      event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [navigate, open, screens]);
}
