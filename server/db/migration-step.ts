import type { PoolClient } from "pg";

/** The database and the files of this version do not fit together: a person has to decide. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

export interface Step {
  readonly version: number;
  readonly step: number;
  readonly name: string;
  readonly text: string;
  readonly checksum: string;
  /** What a server must know to serve with it taken; see `Migration`. */
  readonly needs: number;
}

/** How an engine takes the steps. */
export interface Runner {
  /** Waits for its turn, where the engine lets one have it, and makes room for the log. */
  begin(client: PoolClient, patienceMs: number): Promise<void>;
  take(client: PoolClient, step: Step, options: Patience): Promise<void>;
  end(client: PoolClient): Promise<void>;
}

export interface Patience {
  readonly lockTimeoutMs: number;
  readonly patienceMs: number;
}

export const nameOf = ({ name, step }: Step): string => `${name}.sql, step ${step}`;

/** Where it is written which steps were taken. */
export const createLog = `
create table if not exists schema_migrations (
  version    integer     not null,
  step       integer     not null,
  checksum   text        not null,
  applied_at timestamptz not null default now(),
  needs      integer,
  constraint schema_migrations_pkey primary key (version, step)
)`;

/** Since this migration the log has a place for it. */
const saysNeedsFrom = 133;

/** The line of a step in the log. */
export function logLine({ version, step, checksum, needs }: Step): [string, unknown[]] {
  return version < saysNeedsFrom
    ? [
        "insert into schema_migrations (version, step, checksum) values ($1, $2, $3)",
        [version, step, checksum],
      ]
    : [
        "insert into schema_migrations (version, step, checksum, needs) values ($1, $2, $3, $4)",
        [version, step, checksum, needs],
      ];
}

export interface Index {
  readonly name: string;
  readonly table: string;
}

/** The index that a step builds; undefined where it does something else. */
export function indexOf(text: string): Index | undefined {
  const form = /^create (?:unique )?index \/\*async\*\/ if not exists (\w+)\s+on (\w+)/im;
  const [, name, table] = form.exec(text) ?? [];
  return name === undefined || table === undefined ? undefined : { name, table };
}
