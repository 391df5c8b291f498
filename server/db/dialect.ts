import { randomUUIDv7 } from "node:crypto";

/** Where the engines differ. Only PostgreSQL today; Aurora DSQL gets its own object beside this. */
export interface Dialect {
  readonly name: "postgres";
  /** Time-ordered ids keep the right edge of an index warm; DSQL wants them scattered instead. */
  newId(): string;
}

export const postgres: Dialect = { name: "postgres", newId: () => randomUUIDv7() };
