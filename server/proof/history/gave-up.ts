import type { Attempt, History } from "./history.ts";

/** Of those who asked while a fault was at work: how many, and how many were told to come again. */
export interface Meanwhile {
  readonly asked: number;
  /** Out of races, or of time, with nothing recorded: RETRY_EXHAUSTED. */
  readonly gaveUp: number;
}

export function meanwhile(
  worlds: readonly { readonly history: Pick<History, "attempts"> }[],
  { endedAt, lastedMs }: { readonly endedAt: number; readonly lastedMs: number },
): Meanwhile {
  const under = ({ inv, ret }: Attempt): boolean => inv <= endedAt && ret >= endedAt - lastedMs;
  const attempts = worlds.flatMap(({ history }) => history.attempts.filter(under));
  return {
    asked: attempts.length,
    gaveUp: attempts.filter(({ what }) => what === "exhausted").length,
  };
}
