import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import type { Listener, LiveState, Topic } from "./events.ts";
import { liveStream } from "./stream.ts";

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watcher) => liveStream.watch(watcher),
    () => liveStream.state,
  );
}

/** Calls `listener` for what changes, for as long as the screen is there. It may be a new one at every render. */
export function useLive(topics: readonly Topic[], listener: Listener): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  const names = topics.join(",");
  useEffect(
    () => liveStream.listen(names.split(",") as Topic[], (heard) => latest.current(heard)),
    [names],
  );
}

/** However much changes: what is shown is read again at most this often. */
const refreshMs = 500;

/**
 * Reads these queries again when something of the topics changed. Prefixes will do, as in `["purchases"]`.
 * What is dear to read is read less often: `everyMs`.
 */
export function useLiveQueries(
  topics: readonly Topic[],
  keys: readonly QueryKey[],
  everyMs = refreshMs,
): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useLive(topics, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const queryKey of keys) void client.invalidateQueries({ queryKey });
    }, everyMs);
  });
}
