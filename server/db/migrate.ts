import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { PoolClient } from "pg";
import { readMigrations, type Migration } from "./migration-files.ts";
import type { Db } from "./open.ts";

/** The database and the files of this version do not fit together: a person has to decide. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

export interface MigrateOptions {
  /** Those of this version, when none are given. */
  readonly migrations?: readonly Migration[];
  /** How long a step may stand in the way of others while it waits for a lock itself. */
  readonly lockTimeoutMs?: number;
  /** How long to go on trying, for the runner's turn and for each step. */
  readonly patienceMs?: number;
  readonly onStep?: (step: Step) => void;
}

export interface Step {
  readonly version: number;
  readonly step: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
}

interface Applied {
  version: number;
  step: number;
  checksum: string;
}

const defaults = { lockTimeoutMs: 200, patienceMs: 60_000 };

/** Brings the database to the state of the files, and returns the steps that it took. */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<Step[]> {
  const steps = stepsOf(options.migrations ?? (await readMigrations()));
  const lockTimeoutMs = options.lockTimeoutMs ?? defaults.lockTimeoutMs;
  const patienceMs = options.patienceMs ?? defaults.patienceMs;
  const client = await db.pool.connect();
  let healthy = false;
  try {
    await takeTurn(client, patienceMs);
    await client.query(createLog);
    const pending = compare(steps, await readLog(client)).pending;
    for (const step of pending) {
      await takeStep(client, step, lockTimeoutMs, patienceMs);
      options.onStep?.(step);
    }
    await endTurn(client);
    healthy = true;
    return pending;
  } finally {
    // A connection that failed may still hold the turn: closing it gives the turn back.
    client.release(!healthy);
  }
}

/** For servers at their start: refuses to sell on a schema that is not the one of the files. */
export async function checkSchema(db: Db, migrations?: readonly Migration[]): Promise<void> {
  const steps = stepsOf(migrations ?? (await readMigrations()));
  const { rows } = await db.pool.query<{ there: boolean }>(
    "select to_regclass('schema_migrations') is not null as there",
  );
  const log = rows[0]?.there ? await readLog(db.pool) : [];
  const { pending } = compare(steps, log);
  const [next] = pending;
  if (next) {
    throw new SchemaError(
      `The database is older than this version: ${pending.length} steps are missing, the first is ` +
        `${nameOf(next)}. Run \`zerorace migrate\`.`,
    );
  }
}

const createLog = `
create table if not exists schema_migrations (
  version    integer     not null,
  step       integer     not null,
  checksum   text        not null,
  applied_at timestamptz not null default now(),
  constraint schema_migrations_pkey primary key (version, step)
)`;

async function readLog(client: Pick<PoolClient, "query">): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    "select version, step, checksum from schema_migrations order by version, step",
  );
  return rows;
}

function stepsOf(migrations: readonly Migration[]): Step[] {
  return migrations.flatMap(({ version, name, steps }) =>
    steps.map((text, index) => ({
      version,
      step: index + 1,
      name,
      text,
      checksum: checksumOf(text),
    })),
  );
}

/** Comments may be improved later (a new owner in the header); what runs may not. */
function checksumOf(text: string): string {
  const bare = text
    .replaceAll(/^\s*--.*$/gm, "")
    .replaceAll(/\s*\n\s*/g, "\n")
    .trim();
  return createHash("sha256").update(bare).digest("hex");
}

const nameOf = ({ name, step }: Step): string => `${name}.sql, step ${step}`;

/** What was applied must be the beginning of what there is: the rest is pending. */
function compare(steps: readonly Step[], applied: readonly Applied[]): { pending: Step[] } {
  const byPlace = new Map(applied.map((row) => [`${row.version}.${row.step}`, row]));
  const places = new Set(steps.map((step) => `${step.version}.${step.step}`));
  const unknown = applied.find((row) => !places.has(`${row.version}.${row.step}`));
  if (unknown) {
    throw new SchemaError(
      `The database is newer than this version: it has migration ${unknown.version}, step ` +
        `${unknown.step}, which is not among the files. Start a version that knows it; there is ` +
        "no way back.",
    );
  }
  const changed = steps.find((step) => {
    const row = byPlace.get(`${step.version}.${step.step}`);
    return row !== undefined && row.checksum !== step.checksum;
  });
  if (changed) {
    throw new SchemaError(
      `${nameOf(changed)} was changed after it was applied: restore it, and put the change into ` +
        "a new migration.",
    );
  }
  const pending = steps.slice(applied.length);
  const late = steps
    .slice(0, applied.length)
    .find((step) => !byPlace.has(`${step.version}.${step.step}`));
  if (late) {
    throw new SchemaError(
      `${nameOf(late)} is new but comes before what was applied already: give it a higher number.`,
    );
  }
  return { pending };
}

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
  lockTimeoutMs: number,
  patienceMs: number,
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
