import { useSyncExternalStore } from "react";

/** Where a row has two lines, because there is no room for columns; as `md:` has it in class names. */
export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => narrow.matches);
}

const narrow = matchMedia("(max-width: 767.98px)");

function subscribe(listener: () => void): () => void {
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
}
