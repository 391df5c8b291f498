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
  constraint schema_migrations_pkey primary key (version, step)
)`;
