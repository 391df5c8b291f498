import type { Log } from "../base/log.ts";

/** What was used since it was last written: noting costs nothing, and many are written at once. */
export interface Uses {
  note(id: string): void;
  /** Writes what was noted; also done by itself every few seconds, and by `close`. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const rowsMax = 1_000;

export function openUses(
  write: (ids: readonly string[]) => Promise<void>,
  { log, flushMs, says }: { log: Pick<Log, "warn">; flushMs: number; says: string },
): Uses {
  let used = new Set<string>();
  const flush = async (): Promise<void> => {
    const some = [...used];
    used = new Set();
    try {
      for (let from = 0; from < some.length; from += rowsMax) {
        await write(some.slice(from, from + rowsMax));
      }
    } catch (err) {
      for (const id of some) used.add(id);
      log.warn({ err }, says);
    }
  };
  let flushing: Promise<void> = Promise.resolve();
  const flushInTurn = (): Promise<void> => (flushing = flushing.then(flush));
  const timer = setInterval(() => void flushInTurn(), flushMs);
  timer.unref();
  return {
    note: (id) => used.add(id),
    flush: flushInTurn,
    close() {
      clearInterval(timer);
      return flushInTurn();
    },
  };
}
