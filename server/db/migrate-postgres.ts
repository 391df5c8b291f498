import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { crashPoint } from "../base/crash-points.ts";
import {
  createLog,
  indexOf,
  logLine,
  nameOf,
  SchemaError,
  type Index,
  type Patience,
  type Runner,
  type Step,
} from "./migration-step.ts";

/** Each step and its line in the log in one transaction, by one runner at a time. */
export const postgresRunner: Runner = {
  async begin(client, patienceMs) {
    await takeTurn(client, patienceMs);
    await client.query(createLog);
  },
  take: takeStep,
  end: endTurn,
};

/** "zerorace" in ASCII, cut to what a bigint holds: any constant that nobody else uses would do. */
const turn = "8820988072894194";

/**
 * One runner at a time, by a lock of the session that PostgreSQL drops with the connection. It is
 * asked for again and again, not waited for: a waiting statement holds a snapshot, and with it up
 * what the runner before us is doing.
 */
async function takeTurn(client: PoolClient, patienceMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ ours: boolean }>(
      "select pg_try_advisory_lock($1) as ours",
      [turn],
    );
    if (rows[0]?.ours) return;
    if (performance.now() > giveUpAt) {
      throw new SchemaError(`Another migration has been running for more than ${patienceMs} ms.`);
    }
    await sleep(50 + Math.random() * 100);
  }
}

async function endTurn(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_unlock($1)", [turn]);
}

async function takeStep(client: PoolClient, step: Step, patience: Patience): Promise<void> {
  try {
    const index = indexOf(step.text);
    if (index && (await isLarge(client, index.table))) await buildBeside(client, index, step);
    else await takeAtOnce(client, step, patience);
  } catch (error) {
    throw new SchemaError(`${nameOf(step)} failed: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * A step that waits for a table's lock stands in front of everyone who comes after it, readers too.
 * So it waits a moment only, steps aside, and comes again.
 */
async function takeAtOnce(
  client: PoolClient,
  step: Step,
  { lockTimeoutMs, patienceMs }: Patience,
): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    try {
      await client.query("begin");
      await client.query(`set local lock_timeout = ${Math.round(lockTimeoutMs)}`);
      await client.query(step.text);
      await client.query(...logLine(step));
      crashPoint("migrate.before");
      await client.query("commit");
      crashPoint("migrate.after");
      return;
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      const { code } = error as { code?: string };
      const lost = code === "55P03" || code === "40P01";
      if (!lost || performance.now() > giveUpAt) throw error;
      await sleep(lockTimeoutMs * (0.5 + Math.random()));
    }
  }
}

/** From here on the build of an index, during which nobody writes, would be felt. */
export const largeFromBytes = 8_000_000;

async function isLarge(client: PoolClient, table: string): Promise<boolean> {
  const { rows } = await client.query<{ bytes: number | null }>(
    "select pg_total_relation_size(to_regclass($1))::float8 as bytes",
    [table],
  );
  return (rows[0]?.bytes ?? 0) >= largeFromBytes;
}

/**
 * Outside a transaction, while others write: it waits for who is at work and keeps nobody waiting. What
 * was left of a build that failed or was interrupted is dropped, or `if not exists` would be content
 * with it.
 */
async function buildBeside(client: PoolClient, index: Index, step: Step): Promise<void> {
  const wreck = `drop index concurrently if exists ${index.name}`;
  const { rows } = await client.query<{ valid: boolean }>(
    "select indisvalid as valid from pg_index where indexrelid = to_regclass($1)",
    [index.name],
  );
  if (rows[0]?.valid === false) await client.query(wreck);
  try {
    await client.query(step.text.replace("/*async*/", "concurrently"));
  } catch (error) {
    await client.query(wreck).catch(() => undefined);
    throw error;
  }
  await client.query(...logLine(step));
}
