import { Queue as BullQueue, Worker } from "bullmq";
import { setTimeout as sleep } from "node:timers/promises";
import { crashPoint } from "../server/base/crash-points.ts";
import { inTime } from "../server/base/in-time.ts";
import { connectRedis } from "../server/redis/connect.ts";
import { handle } from "./handle.ts";
import type { JobContext } from "./job.ts";
import { readThese, type DueEvent } from "./outbox/due.ts";
import type { Deliver } from "./relay.ts";

export interface Queue {
  readonly deliver: Deliver;
  /** Waits for what is being done here. */
  close(): Promise<void>;
}

/** What Redis is told: names. Whoever takes a job reads the rows, and finds those that are still due. */
interface Named {
  readonly events: readonly (readonly [shard: number, eventId: string])[];
  readonly slice: number;
}

const queueName = "outbox";
const prefix = "zr:queue";
/** Enough to share a backlog among some workers, and few enough to be a batch. */
const eventsPerJob = 250;
const addTimeoutMs = 250;
const slices = 16;
const closeMs = 5_000;

/**
 * Lets all workers share what one of them found due. Nothing depends on it: jobs that Redis forgets, or
 * that somebody took and did not finish, are handed over again from their rows; and while Redis is away
 * each worker does itself what it finds.
 */
export function openQueue(ctx: JobContext, redisUrl: string): Queue {
  const adding = connectRedis(redisUrl);
  const taking = connectRedis(redisUrl, takes);
  const queue = new BullQueue<Named>(queueName, {
    connection: adding,
    prefix,
    skipVersionCheck: true,
  });
  const worker = new Worker<Named>(
    queueName,
    async ({ data }) => {
      const events = await readThese(ctx.db, data.events);
      if (events.length > 0) await handle(ctx, events, data.slice);
      crashPoint("job.done");
    },
    {
      connection: taking,
      prefix,
      concurrency: 2,
      skipVersionCheck: true,
      lockDuration: 10_000,
      stalledInterval: 5_000,
      // Seconds until a worker looks by itself: the word that there is a job may have gone to a killed one.
      drainDelay: 1,
      // After an outage; its own way is to sit still for 15 s.
      runRetryDelay: 500,
      // A job that goes down with its worker is no worse for it: the next one takes it.
      maxStalledCount: 100,
    },
  );
  // Redis that is away says so in every one of them; what matters is said by the relay.
  for (const one of [adding, taking]) one.on("error", () => undefined);
  queue.on("error", () => undefined);
  worker.on("error", () => undefined);
  const hand = async (events: readonly DueEvent[], slice: number): Promise<void> => {
    // No id of its own making: a job of the same name that once failed would stand in its way.
    const options = { removeOnComplete: true, removeOnFail: true, attempts: 1 };
    const named = events.map(({ shard, eventId }) => [shard, eventId] as const);
    const added = queue.add(queueName, { events: named, slice }, options);
    added.catch(() => undefined);
    const late = new AbortController();
    const tooLate = sleep(addTimeoutMs, "late" as const, { signal: late.signal });
    tooLate.catch(() => undefined);
    try {
      if ((await Promise.race([added, tooLate])) === "late") throw new Error("Redis is late");
    } finally {
      late.abort();
    }
  };
  return {
    async deliver(events, slice) {
      const parts = Array.from({ length: Math.ceil(events.length / eventsPerJob) }, (_, part) =>
        events.slice(part * eventsPerJob, (part + 1) * eventsPerJob),
      );
      for (const [index, part] of parts.entries()) {
        const own = (slice + index) % slices;
        const handed = adding.status === "ready" && (await hand(part, own).then(yes, no));
        ctx.metrics.deliveries.inc({ by: handed ? "queue" : "here" }, part.length);
        if (!handed) await handle(ctx, part, own);
      }
    },
    async close() {
      // What a worker has taken it ends, unless Redis is away, or silent: it would wait for it for ever.
      const closed = worker.close(taking.status !== "ready").then(() => queue.close());
      await inTime(closed, closeMs);
      adding.disconnect();
      taking.disconnect();
    },
  };
}

const yes = (): boolean => true;
const no = (): boolean => false;

/** It waits for jobs by a command that lasts `drainDelay`, over any interruption. */
const takes = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  socketTimeout: 5_000,
};
