import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient, QueryResult, QueryResultRow } from "pg";
import { dsqlSchema } from "./dialect.ts";
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
    const [line, values] = logLine(step);
    await again(client, `${line} on conflict (version, step) do nothing`, values, giveUpAt);
  } catch (error) {
    throw new SchemaError(`${nameOf(step)} failed: ${(error as Error).message}`, { cause: error });
  }
}

/** Statements that another's change of the catalogue, or another runner, got in the way of. */
const passing = new Set(["40001", "23505", "XX000"]);

export async function again<Row extends QueryResultRow>(
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

/**
 * Builds an index and sees that it is valid. What cannot be built is dropped, and told: by the runner
 * whose job it was. Another one finds nothing, or a wreck, and begins anew.
 */
async function buildIndex(
  client: PoolClient,
  index: Index,
  text: string,
  giveUpAt: number,
): Promise<void> {
  const statement = text.replace("/*async*/", "async");
  while (performance.now() < giveUpAt) {
    const { valid, building } = await stateOf(client, index, giveUpAt);
    if (valid === true) return;
    if (building) {
      await sleep(200);
      continue;
    }
    // `if not exists` would be content with the wreck of a build that failed.
    if (valid === false) await drop(client, index, giveUpAt);
    const { rows } = await again<{ job_id?: string }>(client, statement, [], giveUpAt);
    const jobId = rows[0]?.job_id;
    if (jobId === undefined) continue;
    // It says false, and no more, when the job failed or takes too long for it.
    await again(client, `call sys.wait_for_job('${jobId}')`, [], giveUpAt);
    const reason = await reasonOf(client, jobId, giveUpAt);
    if (reason === undefined) continue;
    await drop(client, index, giveUpAt);
    throw new Error(`the index ${index.name} could not be built: ${reason}`);
  }
  throw new Error(`${index.name} is still being built`);
}

interface IndexState {
  /** Null where there is no such index. */
  readonly valid: boolean | null;
  /** Somebody builds it at this moment: we, before we were interrupted, or another runner. */
  readonly building: boolean;
}

async function stateOf(
  client: PoolClient,
  { name, table }: Index,
  giveUpAt: number,
): Promise<IndexState> {
  const { rows } = await again<IndexState>(
    client,
    `with ours as (select c.oid, c.relname
                     from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = $1 and c.relname in ($2, $3))
     select (select i.indisvalid from pg_index i join ours o on o.oid = i.indexrelid
              where o.relname = $2) as valid,
            exists (select 1 from sys.jobs j join ours o on o.oid = j.object_id
                     where j.job_type = 'INDEX_BUILD'
                       and j.status in ('submitted', 'processing')) as building`,
    [dsqlSchema, name, table],
    giveUpAt,
  );
  return rows[0] ?? { valid: null, building: false };
}

/** Why the job failed; undefined while it runs, and when it did not fail. */
async function reasonOf(
  client: PoolClient,
  jobId: string,
  giveUpAt: number,
): Promise<string | undefined> {
  const told = `select coalesce(details, 'no reason was told') as reason from sys.jobs
                 where job_id = $1 and status not in ('submitted', 'processing', 'completed')`;
  return (await again<{ reason: string }>(client, told, [jobId], giveUpAt)).rows[0]?.reason;
}

async function drop(client: PoolClient, { name }: Index, giveUpAt: number): Promise<void> {
  await again(client, `drop index if exists ${name}`, [], giveUpAt);
}
