import { Pool, types, type ClientBase, type PoolClient } from "pg";
import type { Metrics } from "../base/metrics.ts";
import { postgres, type Dialect } from "./dialect.ts";
import { Turns } from "./turns.ts";

export interface Db {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly dialect: Dialect;
  readonly turns: Turns;
  readonly options: DbOptions;
  close(): Promise<void>;
}

export interface DbOptions {
  readonly url: string;
  /** As the server's own views show it. */
  readonly name?: string;
  readonly poolMax?: number;
  /** How long to wait for a connection, a new one or one from the pool. */
  readonly connectTimeoutMs?: number;
  /** For statements that must stay index probes, however young the planner's statistics are. */
  readonly indexOnly?: boolean;
}

const int8 = 20;

/** BIGINT as bigint: a float would round money. */
const typeParsers = {
  getTypeParser: ((oid: number, format?: "text" | "binary") =>
    oid === int8
      ? BigInt
      : types.getTypeParser(oid, format as "text")) as typeof types.getTypeParser,
};

/**
 * A plan made for a table of ten rows would scan it for ever, also when it has a million. With one
 * way left to read, planning once per connection is enough, and costs a third of a small batch less.
 */
const indexOnlySession = [
  ...["seqscan", "hashjoin", "mergejoin", "bitmapscan"].map(
    (method) => `set enable_${method} = off`,
  ),
  "set plan_cache_mode = force_generic_plan",
  "set jit = off",
].join("; ");

export function openDb(options: DbOptions, metrics: Metrics): Db {
  const { url, name = "zerorace", poolMax = 16, connectTimeoutMs = 3_000, indexOnly } = options;
  const pool = new Pool({
    connectionString: url,
    application_name: name,
    max: poolMax,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: 600_000,
    keepAlive: true,
    // The pool waits for it, though its types say void.
    ...(indexOnly && { onConnect: keepToIndexes as (client: ClientBase) => unknown as () => void }),
    types: typeParsers,
  });
  // Without a listener on every client one dropped connection ends the process: the pool's own
  // listener hears only of idle clients. What was running fails by its own promise.
  pool.on("connect", (client: PoolClient) => client.on("error", () => undefined));
  pool.on("error", () => undefined);
  return { pool, metrics, dialect: postgres, turns: new Turns(), options, close: () => pool.end() };
}

async function keepToIndexes(client: ClientBase): Promise<void> {
  await client.query(indexOnlySession);
}

/** Connections of one's own to the same database. */
export function reopen(db: Db, options: Omit<DbOptions, "url">): Db {
  return openDb({ ...db.options, ...options }, db.metrics);
}
