import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openBalances } from "../server/balances/copies.ts";
import type { Config } from "../server/base/config.ts";
import { inTime } from "../server/base/in-time.ts";
import type { Log } from "../server/base/log.ts";
import { collectRuntime } from "../server/base/metrics.ts";
import { reopen, type Db } from "../server/db/open.ts";
import { openAnnouncer, publishTo, tellsNobody } from "../server/live/announce.ts";
import { readBacklog } from "../server/outbox/backlog.ts";
import { openPlane } from "../server/readplane/open.ts";
import { ensureTable } from "../server/readplane/table.ts";
import { openSender } from "../server/redis/fan-out.ts";
import { readOverdueSeconds } from "../server/webhooks/due.ts";
import { listenForHealth } from "./health.ts";
import type { JobContext } from "./job.ts";
import { openQueue, type Queue } from "./queues.ts";
import { relay } from "./relay.ts";
import { keepRounds, rounds } from "./rounds.ts";
import { openShards, type Shards } from "./shards.ts";
import { tellWatermark } from "./watermark.ts";

export interface RunningWorker {
  /** Of /metrics, /healthz and /readyz. */
  readonly url: string;
  /** Ends what is under way, begins nothing more and gives its shards to the others. */
  drain(): Promise<void>;
}

const beatMs = 750;
const backlogMs = 2_000;
const readyForMs = 10_000;
/** How long what is under way may take once we are told to stop: a batch takes a second or two. */
const patienceMs = 8_000;

/** Works until it is drained. The schema is checked by who calls this; the database stays theirs. */
export async function startWorker(config: Config, db: Db, log: Log): Promise<RunningWorker> {
  const { metrics } = db;
  const plane = openPlane(config, metrics);
  // Its statements look up by id, whatever the planner thinks of tables that were small once.
  const own = reopen(db, { name: "zerorace-worker", poolMax: 6, indexOnly: true });
  const live = openTelling(config);
  const ctx: JobContext = {
    db: own,
    log,
    metrics,
    plane,
    balances: live.balances,
    tells: live.tells,
  };
  const shards = openShards(ctx);
  const queue = queueOf(config, ctx);
  const stopping = new AbortController();
  let seenAt = -Infinity;
  const health = await listenForHealth(
    config,
    metrics,
    () => !stopping.signal.aborted && performance.now() - seenAt < readyForMs,
  ).catch(async (error: unknown) => {
    await queue?.close();
    live.close();
    plane?.close();
    await own.close();
    throw error;
  });
  collectRuntime(metrics);
  const { signal } = stopping;
  const pace = { ctx, signal };
  const parts = [
    every(pace, beatMs, "share the outbox", async () => {
      await shards.beat();
      seenAt = performance.now();
    }),
    every(pace, backlogMs, "look at the backlog", () => lookAtBacklog(ctx)),
    whenThereIsATable(pace, () =>
      Promise.all([
        relay(ctx, { shards: () => shards.held(), ...queue }, signal),
        every(pace, beatMs, "tell the watermark", () => watermarkOf(ctx, shards)),
      ]),
    ),
    keepRounds(rounds, { config, log, metrics, db: own, tells: live.tells }, signal),
  ];
  return {
    url: health.url,
    async drain() {
      stopping.abort();
      const ended = Promise.all(parts)
        .then(() => queue?.close())
        .then(() => shards.leave());
      // What hangs is somebody's whom nobody can hurry; its rows stay, and another worker does it.
      if (!(await inTime(ended, patienceMs).catch(() => true))) log.warn("stopped in the middle");
      await health.close();
      live.close();
      plane?.close();
      await own.close();
    },
  };
}

/** With a Redis of their own several workers share what is due; alone there is nobody to share with. */
function queueOf({ queue, redisUrl }: Config, ctx: JobContext): Queue | undefined {
  return queue === "on" && redisUrl !== undefined ? openQueue(ctx, redisUrl) : undefined;
}

/** What others read or hear of in Redis. Without it nobody could. */
function openTelling({ redisUrl }: Config) {
  if (redisUrl === undefined) {
    return { tells: tellsNobody, balances: undefined, close: () => undefined };
  }
  const sender = openSender(redisUrl);
  const tells = openAnnouncer(publishTo(sender, randomUUID()));
  const balances = openBalances(redisUrl, { timeoutMs: 250 });
  return {
    tells,
    balances,
    close() {
      tells.close();
      sender.close();
      balances.close();
    },
  };
}

interface Pace {
  readonly ctx: JobContext;
  readonly signal: AbortSignal;
}

/** A part that fails tries again; it is said when that begins. */
async function every(
  { ctx, signal }: Pace,
  ms: number,
  name: string,
  work: () => Promise<unknown>,
): Promise<void> {
  let failed = false;
  while (!signal.aborted) {
    try {
      await work();
      failed = false;
    } catch (error) {
      if (!failed) ctx.log.warn({ err: error }, `could not ${name}`);
      failed = true;
    }
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }
}

/** DynamoDB may come later than we do. Without one there is nothing to wait for. */
async function whenThereIsATable(pace: Pace, work: () => Promise<unknown>): Promise<void> {
  const { plane } = pace.ctx;
  const ready = new AbortController();
  if (plane) {
    const signal = AbortSignal.any([pace.signal, ready.signal]);
    await every({ ...pace, signal }, beatMs, "make the table", async () => {
      await ensureTable(plane);
      ready.abort();
    });
  }
  if (!pace.signal.aborted) await work();
}

async function lookAtBacklog({ db, metrics }: JobContext): Promise<void> {
  const { events, oldestSeconds, parked } = await readBacklog(db);
  metrics.outboxBacklog.set(events);
  metrics.outboxOldest.set(oldestSeconds);
  metrics.outboxDead.set(parked);
  metrics.webhookOverdue.set(await readOverdueSeconds(db));
}

/** One of the workers does it: the one that has the first shard. */
async function watermarkOf(ctx: JobContext, shards: Shards): Promise<void> {
  if (!shards.held().includes(0)) return;
  try {
    await tellWatermark(ctx);
  } catch (error) {
    // Somebody may have deleted the table.
    if (ctx.plane) await ensureTable(ctx.plane);
    throw error;
  }
}
