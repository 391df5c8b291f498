import type { Db } from "../../db/open.ts";
import type { Policy, Unreliable } from "../unreliable.ts";

export const engineNames = ["postgres", "dsql"] as const;
export type EngineName = (typeof engineNames)[number];

/** The database of a stage: how it is reached, and looked at. */
interface Reached {
  /** As the product speaks to it, past all that is bad. */
  readonly db: Db;
  /** The PostgreSQL that holds the rows in the end: where a witness can stand. */
  readonly beneath: Db;
  /** Between the servers and the engine. */
  readonly network: Unreliable;
  /** What servers and worker find it by. */
  readonly env: Readonly<Record<string, string>>;
  /** All of PostgreSQL; it is started again, and has recovered when this returns. */
  killPostgres(): Promise<void>;
  /** Nothing is in the way of its commits any more. */
  heal(): Promise<void>;
  close(): Promise<void>;
}

export interface PostgresEngine extends Reached {
  readonly name: "postgres";
  /** What becomes of COMMITs from now on. */
  setPolicy(policy: Policy): void;
  /** One connection of a server: PostgreSQL then ends all others and recovers. */
  killBackend(): Promise<void>;
}

export interface DsqlEngine extends Reached {
  readonly name: "dsql";
  /** From now on COMMITs meet with these: lines as dsql-local takes them. */
  inject(specs: readonly string[]): Promise<void>;
  /** A change of the catalog, which all who are at work have to notice. */
  changeCatalog(): Promise<void>;
  /** Every session ends as one does that is an hour old, and nobody new is let in until `heal`. */
  crowd(): Promise<void>;
  /** What stands before PostgreSQL and makes a cluster of it; it is started again. */
  killCluster(): Promise<void>;
}

/** What can be done to it is up to which one it is. */
export type Engine = PostgresEngine | DsqlEngine;
