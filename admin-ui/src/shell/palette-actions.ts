import { useEffect, useRef } from "react";
import type { IconName } from "../ui/Icon.tsx";

export interface PaletteAction {
  readonly label: string;
  readonly icon?: IconName;
  readonly run: () => void;
}

const registered = new Map<symbol, () => readonly PaletteAction[]>();

/** What can be done on this screen, also from the palette: `usePaletteActions([{ label, run }])`. */
export function usePaletteActions(actions: readonly PaletteAction[]): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const name = Symbol("screen");
    registered.set(name, () => latest.current);
    return () => {
      registered.delete(name);
    };
  }, []);
}

export function actionsOfScreen(): readonly PaletteAction[] {
  return [...registered.values()].flatMap((read) => read());
}
