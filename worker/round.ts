import type { Config } from "../server/base/config.ts";
import type { Log } from "../server/base/log.ts";
import type { Metrics } from "../server/base/metrics.ts";
import type { Db } from "../server/db/open.ts";
import type { Tells } from "../server/live/announce.ts";

/** What a round works with. */
export interface RoundContext {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly db: Db;
  readonly tells: Tells;
}

/** Something that is due because time has passed. */
export interface Round {
  /** In metrics, logs and its lease: words with dashes. */
  readonly name: string;
  readonly everyMs: number;
  /**
   * Does what is due; safe to run twice and by several. Returns how much it did. The signal says that
   * the worker stops, or that the lease went to somebody else: end soon, nothing needs to be undone.
   */
  run(ctx: RoundContext, signal: AbortSignal): Promise<number>;
}
