import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import {
  createLog,
  nameOf,
  SchemaError,
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

/**
 * A step that waits for a table's lock stands in front of everyone who comes after it, readers too.
 * So it waits a moment only, steps aside, and comes again.
 */
async function takeStep(
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
      await client.query(
        "insert into schema_migrations (version, step, checksum) values ($1, $2, $3)",
        [step.version, step.step, step.checksum],
      );
      await client.query("commit");
      return;
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      const { code, message } = error as { code?: string; message: string };
      const lost = code === "55P03" || code === "40P01";
      if (!lost || performance.now() > giveUpAt) {
        throw new SchemaError(`${nameOf(step)} failed: ${message}`, { cause: error });
      }
      await sleep(lockTimeoutMs * (0.5 + Math.random()));
    }
  }
}
