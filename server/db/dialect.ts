import { randomUUID, randomUUIDv7 } from "node:crypto";
import { sql, type Sql } from "./sql.ts";

/** Where the engines differ, in one object for each. Everything else is written for both. */
export interface Dialect {
  readonly name: "postgres" | "dsql";
  /** Time-ordered ids keep the right edge of an index warm; DSQL wants them scattered instead. */
  newId(): string;
  /** How soon a new connection is there, if it comes at all. */
  readonly handshakeMs: number;
  /** What a new connection says first: settings of its session. */
  greeting(indexOnly: boolean): readonly string[];
  /** Lets the database itself end what takes longer; undefined where it has no way to. */
  statementTimeout(ms: number): Sql | undefined;
}

/**
 * A plan made for a table of ten rows would scan it for ever, also when it has a million. With one
 * way left to read, planning once per connection is enough, and costs a third of a small batch less.
 */
const byIndexOnly = ["seqscan", "hashjoin", "mergejoin", "bitmapscan"].map(
  (method) => `set enable_${method} = off`,
);

export const postgres: Dialect = {
  name: "postgres",
  newId: () => randomUUIDv7(),
  handshakeMs: 1_000,
  greeting: (indexOnly) =>
    indexOnly ? [...byIndexOnly, "set plan_cache_mode = force_generic_plan", "set jit = off"] : [],
  statementTimeout: (ms) => sql`select set_config('statement_timeout', ${String(ms)}, true)`,
};

/** On Aurora DSQL nobody but its admin may use the schema `public`. */
export const dsqlSchema = "zerorace";

export const dsql: Dialect = {
  name: "dsql",
  newId: () => randomUUID(),
  // A cluster that nobody used for long wakes up first.
  handshakeMs: 3_000,
  greeting: (indexOnly) => [`set search_path = ${dsqlSchema}`, ...(indexOnly ? byIndexOnly : [])],
  statementTimeout: () => undefined,
};
