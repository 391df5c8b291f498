import { astOf, listOf, namesIn, optionIn, textOf, unwrap, type Ast } from "./ast.ts";
import {
  bareNumericAt,
  checkColumnType,
  checkKey,
  hasFineCache,
  mayBeRows,
  shownType,
  typeNameOf,
  type Columns,
} from "./check-types.ts";
import type { Notes } from "./notes.ts";
import { refuse, type Refusal } from "./rules.ts";
import { limits } from "./statement-kinds.ts";

/** Clauses that CREATE TABLE has in PostgreSQL and not here. */
const clauses: readonly (readonly [field: string, name: string])[] = [
  ["inhRelations", "INHERITS"],
  ["partspec", "PARTITION BY"],
  ["partbound", "PARTITION OF"],
  ["ofTypename", "OF type"],
  ["options", "WITH"],
  ["tablespacename", "TABLESPACE"],
  ["accessMethod", "USING"],
];

/** By its word, or by the schema that only temporary things have. */
export const isTemporary = ({ relpersistence, schemaname }: Ast): boolean =>
  relpersistence === "t" || isTemporarySchema(textOf(schemaname));

export const isTemporarySchema = (name: string): boolean => /^pg_temp(_\d+)?$/.test(name);

export function checkCreateTable(body: Ast, notes: Notes): Refusal | undefined {
  const table = astOf(body.relation);
  if (isTemporary(table)) return refuse("temporary");
  if (table.relpersistence === "u") return refuse("unlogged");
  // The parser shows a partition as a table that inherits from its parent.
  if (body.partbound) return refuse("tableClause", "PARTITION OF");
  for (const [field, name] of clauses) if (body[field]) return refuse("tableClause", name);
  if (body.oncommit !== "ONCOMMIT_NOOP") return refuse("tableClause", "ON COMMIT");
  const elements = listOf(body.tableElts).map(unwrap);
  const columns = elements.filter(([tag]) => tag === "ColumnDef").map(([, column]) => column);
  if (columns.length > limits.columns) return refuse("columnCount");
  const types: Columns = new Map(
    columns.map(({ colname, typeName }) => [textOf(colname), astOf(typeName)]),
  );
  for (const column of columns) {
    const wrong = checkColumn(column, types, notes);
    if (wrong) return wrong;
  }
  let indexes = 0;
  for (const [tag, constraint] of elements) {
    if (tag !== "Constraint") continue;
    const wrong = checkConstraint(constraint, namesIn(constraint.keys), types);
    if (wrong) return wrong;
  }
  const all = [...elements.filter(([tag]) => tag === "Constraint"), ...columns.flatMap(ofColumn)];
  for (const [, { contype }] of all) if (isKey(contype)) indexes++;
  return indexes > 24 ? refuse("indexCount") : undefined;
}

const ofColumn = ({ constraints }: Ast): [string, Ast][] => listOf(constraints).map(unwrap);

const isKey = (contype: unknown): boolean => keyWord(contype) !== "";

export function checkColumn(column: Ast, types: Columns, notes: Notes): Refusal | undefined {
  const type = astOf(column.typeName);
  const wrong = checkColumnType(type);
  if (wrong) return wrong;
  mayBeRows(type, notes);
  const numericAt = bareNumericAt(type);
  if (numericAt !== undefined) notes.insertAfterName(numericAt, "(18,6)");
  if (column.collClause) return refuse("tableClause", "COLLATE");
  let key = "";
  for (const [, constraint] of ofColumn(column)) {
    const contype = textOf(constraint.contype);
    // The parser shows what is said behind a constraint as a further one.
    if (!contype.startsWith("CONSTR_ATTR_")) key = keyWord(contype);
    else if (isPutOff.has(contype) && key !== "") return refuse("deferrable", key);
    const refusal =
      checkIdentity(constraint, type) ??
      checkConstraint(constraint, [textOf(column.colname)], types);
    if (refusal) return refusal;
  }
  return undefined;
}

const isPutOff = new Set(["CONSTR_ATTR_DEFERRABLE", "CONSTR_ATTR_DEFERRED"]);

/** How a message calls a key; nothing for what is none. */
function keyWord(contype: unknown): string {
  if (contype === "CONSTR_PRIMARY") return "PRIMARY KEY";
  return contype === "CONSTR_UNIQUE" ? "UNIQUE" : "";
}

function checkIdentity(constraint: Ast, type: Ast): Refusal | undefined {
  if (constraint.contype !== "CONSTR_IDENTITY") return undefined;
  if (typeNameOf(type) !== "int8") return refuse("identityType", shownType(type));
  return hasFineCache(constraint.options) ? undefined : refuse("identityCache");
}

function checkConstraint(
  constraint: Ast,
  keys: readonly string[],
  types: Columns,
): Refusal | undefined {
  switch (constraint.contype) {
    case "CONSTR_EXCLUSION":
      return refuse("tableClause", "EXCLUDE");
    case "CONSTR_PRIMARY":
    case "CONSTR_UNIQUE":
      if (constraint.deferrable) return refuse("deferrable", keyWord(constraint.contype));
      if (constraint.indexspace) return refuse("tableClause", "USING INDEX TABLESPACE");
      if (constraint.options) return refuse("tableClause", "WITH");
      return checkKey(keys, types);
    default:
      return undefined;
  }
}

/** What ALTER TABLE may do, one command of it at a time. */
export function checkAlterTable(body: Ast, isAsync: boolean, notes: Notes): Refusal | undefined {
  const objtype = textOf(body.objtype);
  if (!["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_SEQUENCE", "OBJECT_INDEX"].includes(objtype)) {
    return objtype === "OBJECT_TYPE" ? refuse("alterType") : refuse("statement", "AlterTable");
  }
  const table = astOf(body.relation);
  for (const node of listOf(body.cmds)) {
    const command = astOf(node.AlterTableCmd);
    const wrong = checkCommand(command, table, isAsync, notes);
    if (wrong) return wrong;
  }
  return undefined;
}

/** Commands that are refused by the words of their clause. */
const refusedCommands: Readonly<Record<string, string>> = {
  AT_DropExpression: "ALTER COLUMN ... DROP EXPRESSION",
  AT_SetExpression: "ALTER COLUMN ... SET EXPRESSION",
  AT_AlterConstraint: "ALTER CONSTRAINT",
  AT_EnableTrig: "ENABLE TRIGGER",
  AT_DisableTrig: "DISABLE TRIGGER",
  AT_EnableTrigAll: "ENABLE TRIGGER",
  AT_DisableTrigAll: "DISABLE TRIGGER",
  AT_EnableTrigUser: "ENABLE TRIGGER",
  AT_DisableTrigUser: "DISABLE TRIGGER",
  AT_EnableRule: "ENABLE RULE",
  AT_DisableRule: "DISABLE RULE",
  AT_EnableRowSecurity: "ENABLE ROW LEVEL SECURITY",
  AT_DisableRowSecurity: "DISABLE ROW LEVEL SECURITY",
  AT_ForceRowSecurity: "FORCE ROW LEVEL SECURITY",
  AT_NoForceRowSecurity: "NO FORCE ROW LEVEL SECURITY",
  AT_ClusterOn: "CLUSTER ON",
  AT_DropCluster: "SET WITHOUT CLUSTER",
  AT_SetLogged: "SET LOGGED",
  AT_SetUnLogged: "SET UNLOGGED",
  AT_SetAccessMethod: "SET ACCESS METHOD",
  AT_SetTableSpace: "SET TABLESPACE",
  AT_SetRelOptions: "SET",
  AT_ResetRelOptions: "RESET",
  AT_AddInherit: "INHERIT",
  AT_DropInherit: "NO INHERIT",
  AT_AddOf: "OF",
  AT_DropOf: "NOT OF",
  AT_ReplicaIdentity: "REPLICA IDENTITY",
  AT_AttachPartition: "ATTACH PARTITION",
  AT_DetachPartition: "DETACH PARTITION",
  AT_SetOptions: "ALTER COLUMN ... SET",
  AT_ResetOptions: "ALTER COLUMN ... RESET",
  AT_GenericOptions: "OPTIONS",
};

const acceptedCommands = new Set(
  (
    "AT_ColumnDefault AT_DropNotNull AT_SetStorage AT_SetCompression AT_SetStatistics " +
    "AT_ChangeOwner AT_DropConstraint AT_DropIdentity"
  ).split(" "),
);

function checkCommand(
  command: Ast,
  table: Ast,
  isAsync: boolean,
  notes: Notes,
): Refusal | undefined {
  const subtype = textOf(command.subtype);
  const [tag, definition] = unwrap(command.def);
  switch (subtype) {
    case "AT_AddColumn":
      notes.mayWiden(table, limits.columns);
      return checkAddColumn(definition, notes);
    case "AT_DropColumn":
      notes.mayDrop(table, textOf(command.name));
      return undefined;
    case "AT_AddConstraint":
      if (!mayAdd(definition)) return refuse("alterTable", "ADD CONSTRAINT");
      return isKey(definition.contype) && definition.deferrable
        ? refuse("deferrable", keyWord(definition.contype))
        : undefined;
    case "AT_ValidateConstraint":
      notes.validates(table, textOf(command.name));
      return isAsync ? undefined : refuse("alterTable", "VALIDATE CONSTRAINT");
    case "AT_AddIdentity":
      notes.identifies(table, textOf(command.name));
      return tag === "Constraint" && !hasFineCache(definition.options)
        ? refuse("identityCache")
        : undefined;
    case "AT_SetIdentity": {
      const options = definition.items;
      return optionIn(options, "cache") && !hasFineCache(options)
        ? refuse("identityCache")
        : undefined;
    }
    case "AT_SetNotNull":
      return refuse("setNotNull");
    default:
      if (acceptedCommands.has(subtype)) return undefined;
      return subtype === "AT_AlterColumnType"
        ? refuse("alterTable", "ALTER COLUMN ... SET DATA TYPE")
        : refuse("alterTableClause", refusedCommands[subtype] ?? subtype.replace(/^AT_/, ""));
  }
}

function checkAddColumn(column: Ast, notes: Notes): Refusal | undefined {
  const constraints = ofColumn(column).filter(([, { contype }]) => contype !== "CONSTR_NULL");
  if (constraints.length > 0) return refuse("addColumn");
  return checkColumn(column, new Map(), notes);
}

/** Added later only what needs no look at the rows that are there. */
function mayAdd({ contype, skip_validation, indexname }: Ast): boolean {
  if (contype === "CONSTR_CHECK" || contype === "CONSTR_FOREIGN") return skip_validation === true;
  return contype === "CONSTR_UNIQUE" && indexname !== undefined;
}
