import type { Log } from "../server/base/log.ts";
import type { Metrics } from "../server/base/metrics.ts";
import type { Db } from "../server/db/open.ts";
import type { BalanceCopies } from "../server/balances/copies.ts";
import type { Tells } from "../server/live/announce.ts";
import type { Plane } from "../server/readplane/open.ts";
import type { DueEvent } from "./outbox/due.ts";

/** What a job works with. */
export interface JobContext {
  readonly db: Db;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Undefined when no DynamoDB is named: nothing is copied. */
  readonly plane: Plane | undefined;
  /** Undefined without Redis. */
  readonly balances?: BalanceCopies | undefined;
  /** Who watches hears of what only a worker sees; without Redis nobody does. */
  readonly tells: Tells;
}

/** What could not be done, by event, and why. An event that is not in it was done. */
export type Failures = ReadonlyMap<string, string>;

/** Something that is to be done because something happened. */
export interface Job {
  readonly name: string;
  hears(kind: string): boolean;
  /**
   * Events carry names: who hears one reads the books as they are by then. Throws when nothing can be
   * done at the moment, whatever the events are.
   */
  run(ctx: JobContext, events: readonly DueEvent[]): Promise<Failures>;
}
