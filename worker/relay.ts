import { setTimeout as sleep } from "node:timers/promises";
import { crashPoint } from "../server/base/crash-points.ts";
import { handle } from "./handle.ts";
import type { JobContext } from "./job.ts";
import { readDue, type DueEvent } from "./outbox/due.ts";

/** How a batch gets done: here, or by whoever takes it from the queue. */
export type Deliver = (events: readonly DueEvent[], slice: number) => Promise<void>;

export interface RelayOptions {
  /** The shards of the outbox that are this worker's now. */
  readonly shards: () => readonly number[];
  readonly deliver?: Deliver;
  readonly batchMax?: number;
  readonly pollMs?: number;
}

/** While one batch is with DynamoDB the other is with the database. */
const lanes = 2;

const pauseMaxMs = 1_000;

/** Looks for what is due and has it done, until the signal. Nothing here remembers what is due: rows do. */
export async function relay(
  ctx: JobContext,
  options: RelayOptions,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) => keepLane(ctx, options, lane, signal)),
  );
}

async function keepLane(
  ctx: JobContext,
  options: RelayOptions,
  lane: number,
  signal: AbortSignal,
): Promise<void> {
  const { pollMs = 20 } = options;
  const handed = new HandedOver();
  let failures = 0;
  while (!signal.aborted) {
    try {
      const shards = options.shards().filter((shard) => shard % lanes === lane);
      const done = await relayOnce(ctx, { ...options, shards: () => shards }, handed);
      if (failures > 0) ctx.log.info({ lane, failures }, "events are told again");
      failures = 0;
      if (done === 0) await pause(pollMs, signal);
    } catch (error) {
      failures += 1;
      // Said once and then now and then, not ten times a second for an hour.
      if (Number.isInteger(Math.log2(failures))) {
        ctx.log.warn({ lane, failures, err: error }, "events wait: they could not be told");
      }
      await pause(Math.random() * Math.min(pauseMaxMs, 50 * 2 ** failures), signal);
    }
  }
}

/** One look at the outbox: how many events were due that nobody had in hand. */
export async function relayOnce(
  ctx: JobContext,
  options: RelayOptions,
  handed: HandedOver = new HandedOver(),
): Promise<number> {
  const { shards, batchMax = 1_000, deliver } = options;
  const mine = shards();
  const [slice] = mine;
  if (slice === undefined) return 0;
  const fresh = handed.without(await readDue(ctx.db, mine, batchMax));
  if (fresh.length === 0) return 0;
  crashPoint("relay.read");
  if (deliver && handed.isTrusted()) {
    await deliver(fresh, slice);
    crashPoint("relay.handed");
    handed.over(fresh);
  } else {
    await handle(ctx, fresh, slice);
    ctx.metrics.deliveries.inc({ by: "here" }, fresh.length);
  }
  return fresh.length;
}

/** What was handed over and still stands in the outbox by then was lost, or whoever has it is slow. */
const inHandMs = 2_000;
/** How long it is done here then: a queue that lost one event may lose the next. */
const distrustMs = 5_000;

/** What this lane has handed over: of that it keeps its hands off, and not for ever. */
export class HandedOver {
  /** Until when it is believed that somebody has this row in hand. */
  readonly #until = new Map<string, number>();
  #distrustedUntil = -Infinity;

  over(events: readonly DueEvent[]): void {
    for (const event of events) this.#until.set(rowOf(event), performance.now() + inHandMs);
  }

  isTrusted(): boolean {
    return performance.now() > this.#distrustedUntil;
  }

  /** Rows that are gone are forgotten; those that are in hand stand first, because they are the oldest. */
  without(due: readonly DueEvent[]): DueEvent[] {
    if (this.#until.size === 0) return [...due];
    const now = performance.now();
    const there = new Set(due.map(rowOf));
    for (const [row, until] of this.#until) {
      const isLost = there.has(row) && until < now;
      if (isLost) this.#distrustedUntil = now + distrustMs;
      if (isLost || !there.has(row)) this.#until.delete(row);
    }
    return due.filter((event) => !this.#until.has(rowOf(event)));
  }
}

const rowOf = ({ eventId, dueAt }: DueEvent): string => `${eventId} ${dueAt}`;

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
