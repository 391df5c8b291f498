import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeMetrics } from "../../base/metrics.ts";
import { startEmbeddedDynamo } from "../../readplane/embedded.ts";
import { openPlane, type Plane } from "../../readplane/open.ts";
import { ensureTable } from "../../readplane/table.ts";
import { connectRedis } from "../../redis/connect.ts";
import { findServer, startEmbeddedRedis } from "../../redis/embedded.ts";
import { badHttp, type BadHttp } from "../bad-http.ts";
import { unreliable, type Unreliable } from "../unreliable.ts";
import type { Closing } from "./closing.ts";

/** Where a stage keeps its copies and hints: all of it may be lost. */
export interface Caches {
  /** Between servers, worker and Redis. */
  readonly redis: Unreliable;
  /** Between servers, worker and DynamoDB; absent where none fits this machine. */
  readonly dynamo: BadHttp | undefined;
  /** Past all that is bad. */
  readonly plane: Plane | undefined;
  /** Not the one in JavaScript, which has no limit to its memory. */
  readonly hasRealRedis: boolean;
  /** Settings of who uses them. */
  readonly env: Readonly<Record<string, string>>;
  flushRedis(): Promise<void>;
  /** It is started again, empty, when this returns. */
  killRedis(): Promise<void>;
  /** No write fits into it any more; or again. */
  fillRedis(on: boolean): Promise<void>;
  /** It is started again on its data after so long. */
  killDynamo(awayMs: number): Promise<void>;
  /** As `heal` in faults.ts. */
  heal(): Promise<void>;
}

export async function openCaches(dir: string, closing: Closing): Promise<Caches> {
  const redis = await openRedis(join(dir, "redis"), closing);
  const dynamo = await openDynamo(join(dir, "dynamodb"), closing);
  return {
    ...redis,
    ...dynamo,
    env: { ZERORACE_REDIS_URL: redis.redis.url, ...dynamo.env },
    async heal() {
      redis.redis.refuse(false);
      dynamo.dynamo?.fate(() => "pass");
      await redis.fillRedis(false);
    },
  };
}

type OfRedis = Pick<Caches, "redis" | "hasRealRedis" | "flushRedis" | "killRedis" | "fillRedis">;

async function openRedis(dir: string, closing: Closing): Promise<OfRedis> {
  const hasRealRedis = (await findServer()) !== "js";
  let running = await startEmbeddedRedis({ dir });
  const { url } = running;
  closing.add(() => running.stop());
  const redis = await unreliable(url, "not PostgreSQL");
  closing.add(() => redis.close());
  return {
    redis,
    hasRealRedis,
    flushRedis: () => tell(url, ["flushall"]),
    async killRedis() {
      await running.kill();
      await rm(dir, { recursive: true, force: true });
      running = await startEmbeddedRedis({ dir, url });
    },
    async fillRedis(on) {
      // More than a byte is in it already, and what is there is never thrown out.
      if (hasRealRedis) await tell(url, ["config", "set", "maxmemory", on ? "1" : "0"]);
    },
  };
}

async function tell(url: string, [command = "", ...args]: readonly string[]): Promise<void> {
  const client = connectRedis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

type OfDynamo = Pick<Caches, "dynamo" | "plane" | "killDynamo" | "env">;

const table = "zerorace";

async function openDynamo(dir: string, closing: Closing): Promise<OfDynamo> {
  let running = await startEmbeddedDynamo(dir);
  if (running === undefined)
    return { dynamo: undefined, plane: undefined, env: {}, killDynamo: async () => undefined };
  closing.add(async () => running?.stop());
  const { endpoint } = running;
  const dynamo = await badHttp(endpoint);
  const plane = openPlane(
    { dynamodbEndpoint: endpoint, dynamodbTable: table, dynamodbRegion: undefined },
    makeMetrics(),
  );
  closing.add(() => dynamo.close());
  closing.add(async () => plane?.close());
  if (plane) await ensureTable(plane);
  return {
    dynamo,
    plane,
    env: { ZERORACE_DYNAMODB_ENDPOINT: dynamo.url, ZERORACE_DYNAMODB_TABLE: table },
    async killDynamo(awayMs) {
      await running?.kill();
      await sleep(awayMs);
      running = await startEmbeddedDynamo(dir, endpoint);
    },
  };
}
