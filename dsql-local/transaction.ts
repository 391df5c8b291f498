import type { Statement } from "./parse.ts";

/** A statement that ran in a transaction, so that it can run again in the same snapshot. */
export interface Entry {
  readonly statement: Statement;
  /** The types that its Parse declared. */
  readonly types: Buffer;
  /** Formats and values of its Bind. */
  readonly values: Buffer;
  /** A checksum of everything that it was answered with. */
  sum: number;
}

/** One transaction of a client, as DSQL sees it. */
export class Transaction {
  readonly startedAt = performance.now();
  /** Not asked for by BEGIN: around a statement, or a row of them, that commits by itself. */
  readonly isImplicit: boolean;
  /** The catalog as it was when the first statement ran. */
  readonly catalog: Catalog;
  /** How many transactions had written and committed by then. */
  readonly commitsBefore: number;
  readonly log: Entry[] = [];
  readonly tables = new Set<string>();
  readonly deletedFrom = new Set<string>();
  /** Those that met this one on a row: whoever commits first dooms the others. */
  readonly rivals = new Set<Transaction>();
  /** Tables that answers come from a private copy of, since the transaction lost its race. */
  readonly copies = new Map<string, Copy>();
  /** Whether the database has begun it too. */
  isOpen = false;
  /** Statements that it has run, transaction control aside. */
  statements = 0;
  label = "";
  ddl = 0;
  wroteRows = false;
  locks = false;
  rows = 0;
  /** What it has written to each table, in bytes. */
  readonly bytes = new Map<string, number>();
  startedJob = false;
  /** An error was answered; only ROLLBACK, or COMMIT to the same end, helps. */
  failed = false;
  /** It will learn at COMMIT that it lost. */
  doomed = false;
  /** Its locks were given up for another's sake; it comes back by running its log again. */
  aside = false;
  committing = false;

  constructor(isImplicit: boolean, catalog: Catalog, commitsBefore: number) {
    this.isImplicit = isImplicit;
    this.catalog = catalog;
    this.commitsBefore = commitsBefore;
  }

  get size(): number {
    return this.bytes.values().reduce((sum, bytes) => sum + bytes, 0);
  }
}

/** The state of the catalog, in changes that were committed and jobs that have ended. */
export interface Catalog {
  readonly changes: number;
  readonly builds: number;
}

export interface Copy {
  /** As the statement named it that lost the race. */
  readonly table: string;
  /** Without rows, for a table that the transaction only adds to. */
  readonly isFull: boolean;
}
