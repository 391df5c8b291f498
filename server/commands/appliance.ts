import { resolve } from "node:path";
import type { Config } from "../base/config.ts";
import { startEmbedded } from "../db/embedded.ts";
import { placeOf, postgresAt, type Place } from "../db/place.ts";
import { startEmbeddedDynamo } from "../readplane/embedded.ts";
import { startEmbeddedRedis } from "../redis/embedded.ts";
import type { Terminal } from "./terminal.ts";

/** What `zerorace up` started, or was pointed to. */
export interface Appliance {
  readonly place: Place;
  /** Undefined where the place is named otherwise. */
  readonly databaseUrl: string | undefined;
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
  const named = placeOf(config);
  terminal.say(named === undefined ? "Starting PostgreSQL …" : "Connecting to the database …");
  const started = await Promise.allSettled([
    database(config, named),
    redis(config, terminal),
    dynamo(config),
  ]);
  const parts = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    await Promise.all(parts.map((part) => part.stop()));
  };
  const failed = started.find((one) => one.status === "rejected");
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [db, cache, plane] = parts;
  return {
    place: named ?? postgresAt([db?.url ?? ""]),
    databaseUrl: named === undefined ? db?.url : config.databaseUrl,
    redisUrl: cache?.url ?? "",
    dynamodbEndpoint: plane?.url || undefined,
    rows: parts.map(({ row }) => row),
    lost: firstLost(parts, () => stopping),
    stop,
  };
}

/** Only the truth ends us when it is lost: without Redis and DynamoDB a shop goes on selling. */
async function firstLost(parts: readonly Part[], isStopping: () => boolean): Promise<string> {
  const [db] = parts;
  await db?.exited;
  if (db?.exited === undefined || isStopping()) return new Promise(() => undefined);
  return `PostgreSQL ended by itself: see ${db.log}.`;
}

async function database({ dataDir }: Config, named: Place | undefined): Promise<Part> {
  if (named !== undefined) {
    const names = named.endpoints.map(({ name }) => name).join(", ");
    return { row: ["Data", `in the database at ${names}`], url: "", stop };
  }
  const place = resolve(dataDir);
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
