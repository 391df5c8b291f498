/**
 * What Aurora DSQL refuses, in one table. A row's `seen` is the day of the source that it rests on:
 * the service gains features every month, and a row without a date cannot be trusted or mistrusted.
 */
export interface Rule {
  readonly sqlstate: string;
  /** `{}` stands for the thing that was refused, as the statement named it. */
  readonly text: string;
  readonly detail?: string;
  /** measured: this text came from a real cluster. documented: from the manual. guessed: by analogy. */
  readonly basis: "measured" | "documented" | "guessed";
  readonly seen: string;
}

export interface Refusal {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** In characters from 1, as the protocol counts. */
  readonly position?: number;
}

const unsupported = "0A000";
const recorded = "2026-09-18";
const observed = "2026-10-01";

const measured = (text: string, sqlstate = unsupported, seen = recorded): Rule => ({
  sqlstate,
  text,
  basis: "measured",
  seen,
});
const documented = (text: string, sqlstate = unsupported, seen = "2026-09-15"): Rule => ({
  sqlstate,
  text,
  basis: "documented",
  seen,
});
const guessed = (text: string, sqlstate = unsupported): Rule => ({
  sqlstate,
  text,
  basis: "guessed",
  seen: observed,
});

export const rules = {
  // Statements. Whatever has no row in `statement-kinds.ts` falls under the first of these.
  statement: measured("unsupported statement: {}"),
  statementType: measured("unsupported statement type: {}"),
  vacuum: measured("unsupported VACUUM statement"),
  trigger: measured("CREATE TRIGGER not supported"),
  createType: measured("CREATE TYPE not supported"),
  domainCollation: guessed("COLLATE not supported for CREATE DOMAIN"),
  alterType: measured("ALTER TYPE not supported"),
  dropObject: measured("unsupported object in DROP statement"),
  language: measured("CREATE FUNCTION with language {} not supported"),
  functionBody: guessed("{} is not supported in the body of a function"),
  procedure: documented("PROCEDURE is not supported", unsupported, observed),
  roleIsMapped: guessed(
    'role "{}" cannot be dropped because some IAM identities are mapped to it',
    "2BP01",
  ),
  systemEntity: measured("feature not supported on system entity", unsupported, "2026-09-23"),
  deallocate: guessed("unsupported statement: Deallocate"),
  dropConcurrently: guessed("CONCURRENTLY not supported for DROP INDEX"),

  // Transactions and sessions.
  transactionStatement: measured("unsupported transaction statement: {}"),
  isolation: measured("Unsupported isolation level: {}"),
  parameter: measured('setting configuration parameter "{}" not supported'),
  twoDdl: measured("multiple ddl statements not supported in a transaction"),
  ddlAndDml: measured("ddl and dml are not supported in the same transaction"),
  aborted: measured(
    "current transaction is aborted, commands ignored until end of transaction block",
    "25P02",
  ),
  waitInTransaction: guessed("sys.wait_for_job cannot run inside a transaction block", "25001"),

  // CREATE TABLE.
  temporary: measured("TEMPORARY or TEMP table not supported for CREATE TABLE"),
  temporaryThing: guessed("TEMPORARY or TEMP {} not supported"),
  unlogged: measured("UNLOGGED table not supported for CREATE TABLE"),
  unloggedSequence: guessed("UNLOGGED sequence not supported for CREATE SEQUENCE"),
  tableClause: guessed("{} not supported for CREATE TABLE"),
  serial: measured('type "{}" does not exist', "42704"),
  datatype: measured("datatype {} not supported"),
  identityType: measured("datatype {} not supported, identity column type must be bigint"),
  identityCache: measured(
    "identity column is not supported without an explicit cache size. please define CACHE greater " +
      "than or equal to 65536 or equal to 1",
  ),
  sequenceCache: measured(
    "CREATE SEQUENCE is not supported without an explicit cache size. please define CACHE greater " +
      "than or equal to 65536 or equal to 1",
  ),
  columnCount: documented("tables can have at most 255 columns", "54011", observed),
  charLength: documented(
    "Datatype limit greater than 4096 bytes not supported for char",
    "54000",
    observed,
  ),
  varcharLength: documented(
    "Datatype limit greater than 65535 bytes not supported for varchar",
    "54000",
    observed,
  ),
  keyDeclared: measured("key size greater than 2000 bytes not supported", "54000", observed),
  keyDatatype: measured("datatype {} is not supported in a key", unsupported, observed),
  deferrable: guessed("DEFERRABLE not supported for {} constraints"),

  // ALTER TABLE.
  addColumn: measured("ALTER TABLE ADD COLUMN with constraint not supported"),
  alterTable: measured("unsupported ALTER TABLE {} statement"),
  /** Its code was measured, its words were not. */
  setNotNull: guessed("unsupported ALTER TABLE ALTER COLUMN ... SET NOT NULL statement"),
  alterTableClause: guessed("unsupported ALTER TABLE {} statement"),
  dropKeyColumn: measured("cannot drop primary key column {}"),

  // CREATE INDEX.
  indexMode: measured("unsupported mode. please use CREATE INDEX ASYNC."),
  indexClause: measured("{} not supported for CREATE INDEX"),
  indexOrder: measured("specifying sort order not supported for index keys"),
  indexOpclass: measured("opclass not supported for index keys"),
  indexCollation: guessed("collation not supported for index keys"),
  indexKeys: documented("more than 8 column keys in an index are not supported", "54011", observed),
  indexCount: measured("more than 24 indexes per table are not allowed", "54000", observed),

  // Queries.
  locking: measured("locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported"),
  tableSample: measured("TABLESAMPLE clause not supported"),
  lateral: measured("attribute 1 of type record has wrong type", "42804"),
  textSearch: measured('text search configuration "{}" does not exist', "42704"),
  functionCall: guessed("function {} is not supported"),
  noFunction: guessed("function {} does not exist", "42883"),
  relation: guessed('relation "{}" does not exist', "42P01"),

  // Limits that a transaction meets while it runs.
  rows: measured("transaction row limit exceeded", "54000"),
  size: measured("transaction size limit 10mb exceeded", "54000", observed),
  age: measured("transaction age limit of 300s exceeded", "54000", observed),
  keySize: measured("key size too large", "54000", observed),
  rowSize: documented("maximum row size exceeded", "54000", observed),
  valueSize: measured(
    "datatype limit greater than 1048576 bytes not supported for {}",
    "54000",
    observed,
  ),
  tableCount: documented("creating more than 1000 tables not allowed", "54000"),
  schemaCount: documented("more than 10 schemas not allowed", "54000"),
  viewCount: documented("creating more than 5000 views not allowed", "54000"),
  sequenceCount: documented("creating more than 5000 sequences not allowed", "54000"),

  // Races.
  oc000: measured("change conflicts with another transaction (OC000)", "40001"),
  oc001: measured("schema has been updated by another transaction (OC001)", "40001"),
  unavailable: documented("server unavailable", "XX000", "2026-09-08"),

  // The door.
  accessDenied: measured("unable to accept connection, access denied", "28000", observed),
  wrongAction: documented("Wrong user to action mapping. user: {}", "28000"),
  noServerName: documented("unable to accept connection, sni was not received", "08004"),
  noTls: guessed("unable to accept connection, ssl is required", "28000"),
  tooMany: documented("Unable to accept connection, too many open connections.", "53300"),
  tooFast: documented("Unable to accept connection, rate exceeded.", "53400"),
  database: guessed('database "{}" does not exist', "3D000"),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** The refusal that a rule makes of one thing. */
export function refuse(name: RuleName, thing = ""): Refusal {
  const { sqlstate, text } = rules[name];
  return { sqlstate, message: text.replace("{}", () => thing) };
}
