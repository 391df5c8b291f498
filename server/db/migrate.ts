import { createHash } from "node:crypto";
import type { Dialect } from "./dialect.ts";
import { again, dsqlRunner } from "./migrate-dsql.ts";
import { postgresRunner } from "./migrate-postgres.ts";
import { readMigrations, type Migration } from "./migration-files.ts";
import {
  breakingSteps,
  compare,
  refuseNewer,
  type Applied,
  type Needing,
  type Standing,
} from "./migration-log.ts";
import { nameOf, SchemaError, type Runner, type Step } from "./migration-step.ts";
import type { Db } from "./open.ts";
import { sql, type Sql } from "./sql.ts";
import { transact } from "./transact.ts";

export interface MigrateOptions {
  /** Those of this version, when none are given. */
  readonly migrations?: readonly Migration[];
  /** How long a step may stand in the way of others while it waits for a lock itself. */
  readonly lockTimeoutMs?: number;
  /** How long to go on trying, for the runner's turn and for each step. */
  readonly patienceMs?: number;
  /** No server or worker of an older version runs: what they could not live with may be taken, too. */
  readonly alone?: boolean;
  readonly onStep?: (step: Step) => void;
}

const lockTimeoutDefaultMs = 200;
/** Building the index of a large table takes Aurora DSQL tens of minutes, and stops nobody. */
const patienceDefaultMs = { postgres: 60_000, dsql: 3_600_000 };

const runners: Readonly<Record<Dialect["name"], Runner>> = {
  postgres: postgresRunner,
  dsql: dsqlRunner,
};

/** Brings the database to the state of the files, and returns the steps that it took. */
export async function migrate(db: Db, options: MigrateOptions = {}): Promise<readonly Step[]> {
  const steps = stepsOf(options.migrations ?? (await readMigrations()), db.dialect);
  const { name } = db.dialect;
  const { lockTimeoutMs = lockTimeoutDefaultMs, patienceMs = patienceDefaultMs[name] } = options;
  const runner = runners[name];
  const client = await db.pool.connect();
  let healthy = false;
  try {
    await runner.begin(client, patienceMs);
    const giveUpAt = performance.now() + patienceMs;
    // On Aurora DSQL the end of an index's build can get in its way.
    const ask: Ask = async ({ text, values }) =>
      (await again<never>(client, text, values, giveUpAt)).rows;
    const standing = compare(steps, await ask(logQuery));
    await refuseNewerOf(ask, standing, steps);
    if (options.alone !== true) await refuseBreaking(ask, standing);
    for (const step of standing.pending) {
      await runner.take(client, step, { lockTimeoutMs, patienceMs });
      options.onStep?.(step);
    }
    await runner.end(client);
    healthy = true;
    return standing.pending;
  } finally {
    // A connection that failed may still hold the turn: closing it gives the turn back.
    client.release(!healthy);
  }
}

/**
 * For servers at their start: refuses to sell on a schema that lacks something, or that a newer version
 * took something from which this one uses. One that was only added to is fine.
 */
export async function checkSchema(db: Db, migrations?: readonly Migration[]): Promise<Standing> {
  const standing = await readStanding(db, migrations);
  const { pending } = standing;
  const [next] = pending;
  if (next) {
    throw new SchemaError(
      `The database is older than this version: ${pending.length} steps are missing, the first is ` +
        `${nameOf(next)}. Run \`zerorace migrate\`.`,
    );
  }
  return standing;
}

/** What `migrate` would do; throws where the database and the files do not fit together. */
export async function readStanding(db: Db, migrations?: readonly Migration[]): Promise<Standing> {
  const steps = stepsOf(migrations ?? (await readMigrations()), db.dialect);
  const ask: Ask = (query) =>
    transact(db, "check_schema", (tx) => tx.rows<never>(query), { readOnly: true });
  const standing = compare(
    steps,
    await ask<Applied>(logQuery).catch(noneIf<Applied>(undefinedTable)),
  );
  await refuseNewerOf(ask, standing, steps);
  return standing;
}

type Ask = <Row extends object>(query: Sql) => Promise<Row[]>;

/** For a table or column that is not there yet. */
const noneIf =
  <Row>(code: string) =>
  (error: unknown): Row[] => {
    if ((error as { code?: string }).code !== code) throw error;
    return [];
  };

const undefinedTable = "42P01";
const undefinedColumn = "42703";

async function refuseNewerOf(ask: Ask, { newer }: Standing, steps: readonly Step[]): Promise<void> {
  if (newer.length === 0) return;
  const ours = steps.at(-1)?.version ?? 0;
  const query = sql`select version, step, needs from schema_migrations where version > ${ours}`;
  // No such column: a version from before steps said what they need.
  const said = await ask<Needing>(query).catch(noneIf<Needing>(undefinedColumn));
  refuseNewer(
    newer.map((row) => ({ ...row, needs: needsOf(said, row) })),
    ours,
  );
}

const needsOf = (said: readonly Needing[], { version, step }: Applied): number | null =>
  said.find((row) => row.version === version && row.step === step)?.needs ?? null;

/** Where nobody has ever been, nobody of an older version can be serving. */
async function refuseBreaking(ask: Ask, standing: Standing): Promise<void> {
  const [first] = breakingSteps(standing);
  if (!first || standing.taken === 0) return;
  const anybody = sql`select 1 as one from tenants limit 1`;
  const found = await ask<object>(anybody).catch(noneIf<object>(undefinedTable));
  if (found.length === 0) return;
  throw new SchemaError(
    `${nameOf(first)} takes away what servers from before migration ${first.needs} use, and this ` +
      `database stands at ${standing.taken}. Stop every server and worker of older versions, then run ` +
      "`zerorace migrate --alone`.",
  );
}

const logQuery = sql`select version, step, checksum from schema_migrations order by version, step`;

function stepsOf(migrations: readonly Migration[], dialect: Dialect): Step[] {
  return migrations.flatMap(({ version, name, steps, postgresOnly, needs }) =>
    steps.flatMap((text, index) =>
      postgresOnly.has(index) && dialect.name !== "postgres"
        ? []
        : [{ version, step: index + 1, name, text, checksum: checksumOf(text), needs }],
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
