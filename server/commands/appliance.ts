import { resolve } from "node:path";
import type { Config } from "../base/config.ts";
import { startEmbedded } from "../db/embedded.ts";
import { startEmbeddedDynamo } from "../readplane/embedded.ts";
import { startEmbeddedRedis } from "../redis/embedded.ts";
import type { Terminal } from "./terminal.ts";

/** What `zerorace up` started, or was pointed to. */
export interface Appliance {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Undefined where there is none: then nothing is copied. */
  readonly dynamodbEndpoint: string | undefined;
  /** For people: where each of them is. */
  readonly rows: readonly (readonly [name: string, says: string])[];
  /** Says which one ended by itself. */
  readonly lost: Promise<string>;
  stop(): Promise<void>;
}

interface Part {
  readonly row: readonly [name: string, says: string];
  readonly url: string;
  readonly exited?: Promise<void>;
  readonly log?: string;
  stop(): Promise<void>;
}

/** All of them at the same time; when one does not start, none stays behind. */
export async function startAppliance(config: Config, terminal: Terminal): Promise<Appliance> {
  const ours = config.databaseUrl === undefined;
  terminal.say(ours ? "Starting PostgreSQL …" : "Connecting to PostgreSQL …");
  const started = await Promise.allSettled([
    database(config),
    redis(config, terminal),
    dynamo(config),
  ]);
  const parts = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(parts.map((part) => part.stop()));
  };
  const failed = started.find((one) => one.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [db, cache, plane] = parts;
  return {
    databaseUrl: db?.url ?? "",
    redisUrl: cache?.url ?? "",
    dynamodbEndpoint: plane?.url || undefined,
    rows: parts.map(({ row }) => row),
    lost: firstLost(parts),
    stop,
  };
}

/** Only the truth ends us when it is lost: without Redis and DynamoDB a shop goes on selling. */
async function firstLost(parts: readonly Part[]): Promise<string> {
  const [db] = parts;
  if (db?.exited === undefined) return new Promise(() => undefined);
  await db.exited;
  return `PostgreSQL ended by itself: see ${db.log}.`;
}

async function database({ databaseUrl, dataDir }: Config): Promise<Part> {
  const place = resolve(dataDir);
  if (databaseUrl !== undefined) {
    return { row: ["Data", "in the database of ZERORACE_DATABASE_URL"], url: databaseUrl, stop };
  }
  const own = await startEmbedded({ dataDir });
  const { url, exited } = own;
  return { row: ["Data", place], url, exited, log: `${place}.log`, stop: () => own.stop() };
}

async function redis({ redisUrl, dataDir }: Config, terminal: Terminal): Promise<Part> {
  if (redisUrl !== undefined) {
    return { row: ["Redis", "the one of ZERORACE_REDIS_URL"], url: redisUrl, stop };
  }
  const dir = `${resolve(dataDir)}.redis`;
  const own = await startEmbeddedRedis({ dir });
  let expected = false;
  void own.exited.then(() => {
    if (!expected) terminal.say(`Redis ended by itself: see ${dir}/redis.log. Sales go on.`);
  });
  return {
    row: ["Redis", own.says],
    url: own.url,
    stop() {
      expected = true;
      return own.stop();
    },
  };
}

async function dynamo(config: Config): Promise<Part> {
  const { dynamodbEndpoint: named, dynamodbRegion: region, dataDir } = config;
  if (named !== undefined) return { row: ["DynamoDB", named], url: named, stop };
  if (region !== undefined) return { row: ["DynamoDB", `the one of ${region}`], url: "", stop };
  const local = await startEmbeddedDynamo(`${resolve(dataDir)}.dynamodb`);
  if (!local) return { row: ["DynamoDB", "none here: reads come from the truth"], url: "", stop };
  const { endpoint } = local;
  const row = ["DynamoDB", `${endpoint} (copies, kept by the worker)`] as const;
  return { row, url: endpoint, stop: () => local.stop() };
}

/** What we were pointed to is not ours to stop. */
const stop = (): Promise<void> => Promise.resolve();
