import { randomUUID } from "node:crypto";
import { leaveLeases, shareLeases } from "../server/db/lease-share.ts";
import type { JobContext } from "./job.ts";
import { shardCount } from "./outbox/due.ts";

export interface Shards {
  /** Which of the outbox's shards are this worker's now. */
  held(): readonly number[];
  /** Says that we are here, and learns what is ours. Called every second or so. */
  beat(): Promise<void>;
  /** The others need not wait until it is over. */
  leave(): Promise<void>;
}

/** Within it a killed worker's shards go to the others. */
const ttlMs = 3_000;

export function openShards({ db, metrics }: Pick<JobContext, "db" | "metrics">): Shards {
  const sharing = { group: "outbox", count: shardCount, ownerId: randomUUID(), ttlMs };
  let shards: readonly number[] = [];
  let until = 0;
  const change = (now: readonly number[]): void => {
    const taken = now.filter((shard) => !shards.includes(shard)).length;
    const gone = shards.filter((shard) => !now.includes(shard)).length;
    if (taken > 0) metrics.leaseChanges.inc({ change: "taken" }, taken);
    if (gone > 0) metrics.leaseChanges.inc({ change: "gone" }, gone);
    metrics.shardsHeld.set(now.length);
    shards = now;
  };
  return {
    held: () => (performance.now() < until ? shards : []),
    async beat() {
      const askedAt = performance.now();
      change(await shareLeases(db, sharing));
      until = askedAt + ttlMs;
    },
    async leave() {
      change([]);
      await leaveLeases(db, sharing);
    },
  };
}
