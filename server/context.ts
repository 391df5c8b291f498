import type { Keyring } from "./auth/keyring.ts";
import type { Sessions } from "./auth/sessions.ts";
import type { BalanceCopies } from "./balances/copies.ts";
import type { Config } from "./base/config.ts";
import type { Log } from "./base/log.ts";
import type { Metrics } from "./base/metrics.ts";
import type { Db } from "./db/open.ts";
import type { Kernel } from "./kernel/gather.ts";
import type { Limits } from "./limits/limits.ts";
import type { Live } from "./live/live.ts";

/** What does the runs that are asked for. */
export interface Runs {
  /** There is one to begin, or to stop. */
  nudge(): void;
}
import type { Plane } from "./readplane/open.ts";

/** What a server works with. Passed on by hand: whoever uses it says so in its parameters. */
export interface Context {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly db: Db;
  /** A few connections kept free to look up who calls and whether all is well, whatever else waits. */
  readonly door: Db;
  readonly kernel: Kernel;
  readonly keyring: Keyring;
  readonly limits: Limits;
  readonly sessions: Sessions;
  readonly live: Live;
  readonly runs: Runs;
  /** Undefined when no DynamoDB is named: everything is read from the books. */
  readonly plane: Plane | undefined;
  /** Undefined without Redis: every leg is added up. */
  readonly balances: BalanceCopies | undefined;
}
