import type { RuleName } from "./rules.ts";

/** What a statement is to a transaction. */
export type Kind =
  | "read"
  | "write"
  | "ddl"
  | "begin"
  | "commit"
  | "rollback"
  | "setting"
  | "call"
  | "copy"
  | "order";

/**
 * The statements that DSQL knows, by the parser's name. Default deny: a node without a row here is
 * answered with `unsupported statement: …` and its name, which is how the service words it too.
 */
export const accepted: Readonly<Record<string, Kind>> = {
  SelectStmt: "read",
  ExplainStmt: "read",
  VariableShowStmt: "read",
  InsertStmt: "write",
  UpdateStmt: "write",
  DeleteStmt: "write",
  CopyStmt: "copy",
  CallStmt: "call",
  VariableSetStmt: "setting",
  ConstraintsSetStmt: "setting",
  DeallocateStmt: "setting",
  // Plans and statistics: no transaction of its own, no catalog version.
  VacuumStmt: "order",
  CreateStmt: "ddl",
  AlterTableStmt: "ddl",
  RenameStmt: "ddl",
  DropStmt: "ddl",
  IndexStmt: "ddl",
  ViewStmt: "ddl",
  CreateSchemaStmt: "ddl",
  CreateSeqStmt: "ddl",
  AlterSeqStmt: "ddl",
  CreateDomainStmt: "ddl",
  AlterDomainStmt: "ddl",
  CreateFunctionStmt: "ddl",
  AlterFunctionStmt: "ddl",
  CreateRoleStmt: "ddl",
  AlterRoleStmt: "ddl",
  DropRoleStmt: "ddl",
  GrantStmt: "ddl",
  GrantRoleStmt: "ddl",
  AlterDefaultPrivilegesStmt: "ddl",
  AlterOwnerStmt: "ddl",
  AlterObjectSchemaStmt: "ddl",
  CommentStmt: "ddl",
  // Extended statistics: since 27 August 2026.
  CreateStatsStmt: "ddl",
  AlterStatsStmt: "ddl",
};

/** Statements that are refused in words of their own. */
export const refused: Readonly<Record<string, readonly [rule: RuleName, thing?: string]>> = {
  MergeStmt: ["statementType", "MERGE"],
  CreateTrigStmt: ["trigger"],
  CreateEnumStmt: ["createType"],
  AlterEnumStmt: ["alterType"],
  AlterTypeStmt: ["alterType"],
};

/** The kinds of things that DROP knows. */
export const droppable = new Set([
  "OBJECT_TABLE",
  "OBJECT_INDEX",
  "OBJECT_VIEW",
  "OBJECT_SCHEMA",
  "OBJECT_SEQUENCE",
  "OBJECT_DOMAIN",
  "OBJECT_FUNCTION",
  "OBJECT_STATISTIC_EXT",
]);

/** What else can be renamed or commented on: the parts of those, and roles. */
export const objects = new Set([
  ...droppable,
  "OBJECT_COLUMN",
  "OBJECT_TABCONSTRAINT",
  "OBJECT_DOMCONSTRAINT",
  "OBJECT_ROLE",
]);

/** Settings that a client may change; besides these, all whose name begins with `enable_`. */
export const settable = new Set([
  "application_name",
  "client_encoding",
  "datestyle",
  "extra_float_digits",
  "intervalstyle",
  "timezone",
  "search_path",
  "role",
  "dsql.enable_batched_nestloop",
  "disable_sync_create_index",
]);

export const isSettable = (name: string): boolean =>
  settable.has(name.toLowerCase()) || name.toLowerCase().startsWith("enable_");

/** Settings of the service's own, and how they are set where we begin a session. */
export const ownSettings: Readonly<Record<string, string>> = {
  "dsql.enable_batched_nestloop": "on",
  "dsql.disable_sync_create_index": "off",
};

/** What a setting is called in PostgreSQL, which keeps unknown ones under a prefix only. */
export const nameBeneath = (name: string): string =>
  name.toLowerCase() === "disable_sync_create_index" ? "dsql.disable_sync_create_index" : name;

/** Types of columns, by PostgreSQL's own name; the word is how DSQL's messages show them. */
export const columnTypes = new Map([
  ["int2", "smallint"],
  ["int4", "integer"],
  ["int8", "bigint"],
  ["float4", "real"],
  ["float8", "double precision"],
  ["numeric", "numeric"],
  ["bpchar", "character"],
  ["varchar", "character varying"],
  ["text", "text"],
  ["date", "date"],
  ["time", "time without time zone"],
  ["timetz", "time with time zone"],
  ["timestamp", "timestamp without time zone"],
  ["timestamptz", "timestamp with time zone"],
  ["interval", "interval"],
  ["bool", "boolean"],
  ["bytea", "bytea"],
  ["uuid", "uuid"],
  ["json", "json"],
  ["jsonb", "jsonb"],
]);

/** Types that cannot be part of a key. */
export const keylessTypes = new Set(["json", "jsonb", "bytea", "interval", "timetz"]);

/** PostgreSQL's other types: fine inside a query, refused for a column. */
export const queryOnlyTypes = new Set(
  (
    "money xml inet cidr macaddr macaddr8 bit varbit point line lseg box path polygon circle tsvector " +
    "tsquery int4range int8range numrange tsrange tstzrange daterange int4multirange int8multirange " +
    "nummultirange tsmultirange tstzmultirange datemultirange oid regclass regproc regprocedure " +
    "regoper regoperator regtype regrole regnamespace regconfig regdictionary regcollation name char " +
    "xid xid8 cid tid pg_lsn pg_snapshot txid_snapshot jsonpath refcursor record void aclitem hstore"
  ).split(" "),
);

export const serials = new Set("serial serial2 serial4 serial8 smallserial bigserial".split(" "));

/** Functions of PostgreSQL that DSQL does not have, besides those whose name begins as in the list. */
export const missingFunctions = new Set(
  "pg_notify pg_cancel_backend pg_terminate_backend pg_reload_conf lastval pg_export_snapshot".split(
    " ",
  ),
);
export const missingFamilies = ["pg_advisory_", "pg_try_advisory_", "lo_", "pg_read_", "pg_ls_"];
export const textSearchFunctions = new Set(
  "to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_headline".split(
    " ",
  ),
);
/** Functions that came with PostgreSQL 17 and 18; the number of their arguments where an older one has the name. */
const newerFunctions = new Map<string, number | undefined>([
  ["random", 2],
  ["json_strip_nulls", 2],
  ["jsonb_strip_nulls", 2],
  ...(
    "uuidv4 uuidv7 uuid_extract_timestamp uuid_extract_version array_sort array_reverse casefold crc32 " +
    "crc32c gamma lgamma to_bin to_oct json_scalar json_serialize json_value json_query json_exists " +
    "xmltext unicode_assigned unicode_version icu_unicode_version pg_basetype to_regtypemod pg_get_acl"
  )
    .split(" ")
    .map((name) => [name, undefined] as const),
]);

export function isNewer(name: string, args: number): boolean {
  return newerFunctions.has(name) && (newerFunctions.get(name) ?? args) === args;
}

export const missingRelations = new Set("pg_stat_activity pg_stat_replication".split(" "));

/** Limits of one object. */
export const limits = {
  columns: 256,
  keyColumns: 8,
  declaredKeyBytes: 2_000,
  charBytes: 4_096,
  varcharBytes: 65_535,
};
