import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient, QueryResult, QueryResultRow } from "pg";
import { dsqlSchema } from "./dialect.ts";
import {
  createLog,
  nameOf,
  SchemaError,
  type Patience,
  type Runner,
  type Step,
} from "./migration-step.ts";

/**
 * Aurora DSQL takes one DDL a transaction and nothing beside it, has no lock to take turns by, and
 * builds indexes on its own time. So every step may run twice: after an interruption, or because two
 * runners are at work. A step stands in the log only when what it makes is there and usable.
 */
export const dsqlRunner: Runner = {
  async begin(client, patienceMs) {
    const giveUpAt = performance.now() + patienceMs;
    await again(client, `create schema if not exists ${dsqlSchema}`, [], giveUpAt);
    await again(client, createLog, [], giveUpAt);
  },
  take: takeStep,
  end: () => Promise.resolve(),
};

async function takeStep(client: PoolClient, step: Step, { patienceMs }: Patience): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  const place = [step.version, step.step];
  try {
    const taken = `select 1 from schema_migrations where version = $1 and step = $2`;
    if ((await again(client, taken, place, giveUpAt)).rows.length > 0) return;
    const index = indexOf(step.text);
    if (index === undefined) await again(client, step.text, [], giveUpAt);
    else await buildIndex(client, index, step.text, giveUpAt);
    await again(
      client,
      `insert into schema_migrations (version, step, checksum) values ($1, $2, $3)
           on conflict (version, step) do nothing`,
      [...place, step.checksum],
      giveUpAt,
    );
  } catch (error) {
    throw new SchemaError(`${nameOf(step)} failed: ${(error as Error).message}`, { cause: error });
  }
}

function indexOf(text: string): string | undefined {
  return /^create (?:unique )?index \/\*async\*\/ if not exists (\w+)/im.exec(text)?.[1];
}

/** Statements that another's change of the catalogue, or another runner, got in the way of. */
const passing = new Set(["40001", "23505", "XX000"]);

async function again<Row extends QueryResultRow>(
  client: PoolClient,
  text: string,
  values: readonly unknown[],
  giveUpAt: number,
): Promise<QueryResult<Row>> {
  for (;;) {
    try {
      return await client.query<Row>(text, [...values]);
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (!passing.has(code) || performance.now() > giveUpAt) throw error;
      await sleep(20 + 80 * Math.random());
    }
  }
}

interface IndexState {
  readonly valid: boolean;
  /** Somebody builds it at this moment: we, before we were interrupted, or another runner. */
  readonly building: boolean;
  readonly details: string | null;
}

/** Builds an index and sees that it is valid; what cannot be built is dropped, and told. */
async function buildIndex(
  client: PoolClient,
  index: string,
  text: string,
  giveUpAt: number,
): Promise<void> {
  const before = await stateOf(client, index, giveUpAt);
  // `if not exists` would be content with the wreck of a build that failed.
  if (before && !before.valid && !before.building) await drop(client, index, giveUpAt);
  const statement = text.replace("/*async*/", "async");
  const { rows } = await again<{ job_id?: string }>(client, statement, [], giveUpAt);
  const jobId = rows[0]?.job_id;
  if (jobId !== undefined) await waitFor(client, jobId, giveUpAt);
  for (;;) {
    const state = await stateOf(client, index, giveUpAt);
    if (state?.valid === true) return;
    if (state?.building !== true) {
      await drop(client, index, giveUpAt);
      throw new Error(
        `the index ${index} could not be built: ${state?.details ?? "no reason told"}`,
      );
    }
    if (performance.now() > giveUpAt) throw new Error(`the index ${index} is still being built`);
    await sleep(200);
  }
}

/** Says false, and no more, when the job failed or takes too long for it: what counts is the index. */
async function waitFor(client: PoolClient, jobId: string, giveUpAt: number): Promise<void> {
  await again(client, `call sys.wait_for_job('${jobId}')`, [], giveUpAt);
}

async function stateOf(
  client: PoolClient,
  index: string,
  giveUpAt: number,
): Promise<IndexState | undefined> {
  const { rows } = await again<IndexState>(
    client,
    `select i.indisvalid as valid,
            coalesce(bool_or(j.status in ('submitted', 'processing')), false) as building,
            max(j.details) as details
       from pg_index i
       join pg_class c on c.oid = i.indexrelid
       join pg_namespace n on n.oid = c.relnamespace
       left join sys.jobs j on j.object_id = c.oid and j.job_type = 'INDEX_BUILD'
      where n.nspname = $1 and c.relname = $2
      group by i.indisvalid`,
    [dsqlSchema, index],
    giveUpAt,
  );
  return rows[0];
}

async function drop(client: PoolClient, index: string, giveUpAt: number): Promise<void> {
  await again(client, `drop index if exists ${index}`, [], giveUpAt);
}
