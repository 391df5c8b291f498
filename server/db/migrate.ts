import { createHash } from "node:crypto";
import type { PoolClient } from "pg";
import type { Dialect } from "./dialect.ts";
import { again, dsqlRunner } from "./migrate-dsql.ts";
import { postgresRunner } from "./migrate-postgres.ts";
import { readMigrations, type Migration } from "./migration-files.ts";
import { nameOf, SchemaError, type Runner, type Step } from "./migration-step.ts";
import type { Db } from "./open.ts";
import { sql } from "./sql.ts";
import { transact, type Tx } from "./transact.ts";

export interface MigrateOptions {
  /** Those of this version, when none are given. */
  readonly migrations?: readonly Migration[];
  /** How long a step may stand in the way of others while it waits for a lock itself. */
  readonly lockTimeoutMs?: number;
  /** How long to go on trying, for the runner's turn and for each step. */
  readonly patienceMs?: number;
  readonly onStep?: (step: Step) => void;
}

interface Applied {
  version: number;
  step: number;
  checksum: string;
}

const lockTimeoutDefaultMs = 200;
/** Building the index of a large table takes Aurora DSQL tens of minutes, and stops nobody. */
const patienceDefaultMs = { postgres: 60_000, dsql: 3_600_000 };

const runners: Readonly<Record<Dialect["name"], Runner>> = {
  postgres: postgresRunner,
  dsql: dsqlRunner,
};

/** Brings the database to the state of the files, and returns the steps that it took. */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<Step[]> {
  const steps = stepsOf(options.migrations ?? (await readMigrations()), db.dialect);
  const { name } = db.dialect;
  const { lockTimeoutMs = lockTimeoutDefaultMs, patienceMs = patienceDefaultMs[name] } = options;
  const runner = runners[name];
  const client = await db.pool.connect();
  let healthy = false;
  try {
    await runner.begin(client, patienceMs);
    const pending = compare(steps, await readLog(client, performance.now() + patienceMs)).pending;
    for (const step of pending) {
      await runner.take(client, step, { lockTimeoutMs, patienceMs });
      options.onStep?.(step);
    }
    await runner.end(client);
    healthy = true;
    return pending;
  } finally {
    // A connection that failed may still hold the turn: closing it gives the turn back.
    client.release(!healthy);
  }
}

/** For servers at their start: refuses to sell on a schema that is not the one of the files. */
export async function checkSchema(db: Db, migrations?: readonly Migration[]): Promise<void> {
  const pending = await pendingSteps(db, migrations);
  const [next] = pending;
  if (next) {
    throw new SchemaError(
      `The database is older than this version: ${pending.length} steps are missing, the first is ` +
        `${nameOf(next)}. Run \`zerorace migrate\`.`,
    );
  }
}

/** What `migrate` would do; throws where the database and the files do not fit together. */
export async function pendingSteps(db: Db, migrations?: readonly Migration[]): Promise<Step[]> {
  const steps = stepsOf(migrations ?? (await readMigrations()), db.dialect);
  const log = await transact(db, "check_schema", readLogIn, { readOnly: true }).catch(
    (error: unknown) => {
      if ((error as { code?: string }).code === undefinedTable) return [];
      throw error;
    },
  );
  return compare(steps, log).pending;
}

const undefinedTable = "42P01";

const logQuery = sql`select version, step, checksum from schema_migrations order by version, step`;

const readLogIn = (tx: Tx): Promise<Applied[]> => tx.rows<Applied>(logQuery);

/** On Aurora DSQL the end of an index's build can get in its way. */
async function readLog(client: PoolClient, giveUpAt: number): Promise<Applied[]> {
  return (await again<Applied>(client, logQuery.text, [], giveUpAt)).rows;
}

function stepsOf(migrations: readonly Migration[], dialect: Dialect): Step[] {
  return migrations.flatMap(({ version, name, steps, postgresOnly }) =>
    steps.flatMap((text, index) =>
      postgresOnly.has(index) && dialect.name !== "postgres"
        ? []
        : [{ version, step: index + 1, name, text, checksum: checksumOf(text) }],
    ),
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
