import { astOf, constantOf, listOf, namesIn, optionIn, textOf, unwrap, type Ast } from "./ast.ts";
import { checkIndex, type IndexSpelling } from "./check-index.ts";
import { checkSet, checkSetClauses, checkShow, isolationIn } from "./check-setting.ts";
import {
  checkAlterTable,
  checkCreateTable,
  isTemporary,
  isTemporarySchema,
} from "./check-table.ts";
import { bareNumericAt, checkColumnType, hasFineCache } from "./check-types.ts";
import type { Guard, Notes } from "./notes.ts";
import { refuse, type Refusal, type RuleName } from "./rules.ts";
import { accepted, droppable, objects, refused, type Kind } from "./statement-kinds.ts";

/** The kind of a statement, and why it is refused if it is. Queries inside it are looked at elsewhere. */
export function checkStatement(
  tag: string,
  body: Ast,
  spelling: IndexSpelling,
  notes: Notes,
): { kind: Kind; refusal?: Refusal } {
  const own = refused[tag];
  if (own) return { kind: "order", refusal: refuse(...own) };
  if (tag === "TransactionStmt") return checkTransaction(body);
  const kind = accepted[tag];
  if (kind === undefined) {
    return { kind: "order", refusal: refuse("statement", tag.replace(/Stmt$/, "")) };
  }
  const room = rooms[tag];
  if (room) notes.guards.push(room);
  const refusal = checks[tag]?.(body, notes, spelling);
  return { kind, ...(refusal && { refusal }) };
}

const roomFor = (kind: string, most: number, rule: RuleName): Guard => ({
  sql: `select where not dsql_local.room_for('${kind}', ${most})`,
  refusal: refuse(rule),
});

/** There may only be so many of these. */
const rooms: Readonly<Record<string, Guard>> = {
  CreateStmt: roomFor("r", 1_000, "tableCount"),
  ViewStmt: roomFor("v", 5_000, "viewCount"),
  CreateSeqStmt: roomFor("S", 5_000, "sequenceCount"),
  CreateSchemaStmt: roomFor("schema", 10, "schemaCount"),
};

type Check = (body: Ast, notes: Notes, spelling: IndexSpelling) => Refusal | undefined;

const checks: Readonly<Record<string, Check>> = {
  VariableSetStmt: checkSet,
  VariableShowStmt: checkShow,
  CreateStmt: checkCreateTable,
  AlterTableStmt: (body, notes, { isAsync }) => checkAlterTable(body, isAsync, notes),
  IndexStmt: (body, notes, spelling) => checkIndex(body, spelling, notes),
  ViewStmt: ({ view }) => (isTemporary(astOf(view)) ? refuse("temporaryThing", "view") : undefined),
  CreateSeqStmt({ sequence, options }) {
    if (isTemporary(astOf(sequence))) return refuse("temporaryThing", "sequence");
    if (astOf(sequence).relpersistence === "u") return refuse("unloggedSequence");
    return hasFineCache(options) ? undefined : refuse("sequenceCache");
  },
  AlterSeqStmt: ({ options }) =>
    optionIn(options, "cache") && !hasFineCache(options) ? refuse("sequenceCache") : undefined,
  CreateDomainStmt(body, notes) {
    if (isTemporarySchema(schemaIn(body.domainname))) return refuse("temporaryThing", "domain");
    if (body.collClause) return refuse("domainCollation");
    const type = astOf(body.typeName);
    const numericAt = bareNumericAt(type);
    if (numericAt !== undefined) notes.insertAfterName(numericAt, "(18,6)");
    return checkColumnType(type);
  },
  CreateFunctionStmt: checkFunctionDefinition,
  AlterFunctionStmt: ({ objtype, actions }) =>
    objtype === "OBJECT_PROCEDURE" ? refuse("procedure") : checkSetClauses(actions),
  DropStmt({ removeType, concurrent }) {
    if (!droppable.has(textOf(removeType))) return refuse("dropObject");
    return concurrent ? refuse("dropConcurrently") : undefined;
  },
  GrantStmt: checkGrant,
  DeallocateStmt: ({ name }) => (name === undefined ? undefined : refuse("deallocate")),
  VacuumStmt: ({ is_vacuumcmd }) => (is_vacuumcmd ? refuse("vacuum") : undefined),
  CopyStmt: ({ filename, is_program }) =>
    filename || is_program ? refuse("statement", "Copy") : undefined,
  ExplainStmt(body, notes, spelling) {
    const { tag, query } = explained(body);
    return explainable.has(tag) ? undefined : checkStatement(tag, query, spelling, notes).refusal;
  },
  RenameStmt: ({ renameType, relationType }) =>
    checkObject("Rename", renameType) ??
    (renameType === "OBJECT_COLUMN" ? checkObject("Rename", relationType) : undefined),
  AlterOwnerStmt: ({ objectType }) => checkObject("AlterOwner", objectType),
  AlterObjectSchemaStmt: ({ objectType }) => checkObject("AlterObjectSchema", objectType),
  CommentStmt: ({ objtype }) => checkObject("Comment", objtype),
  DropRoleStmt({ roles }, notes) {
    for (const node of listOf(roles)) notes.mayDropRole(textOf(astOf(node.RoleSpec).rolename));
    return undefined;
  },
  CreateSchemaStmt: ({ schemaElts }) =>
    listOf(schemaElts).length > 0 ? refuse("statement", "CreateSchema") : undefined,
};

/** Only of these EXPLAIN shows a plan. */
const explainable = new Set(["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"]);

/** Names, owners, schemas and comments have the objects that can be made here. */
function checkObject(statement: string, kind: unknown): Refusal | undefined {
  if (kind === "OBJECT_TYPE" || kind === "OBJECT_ATTRIBUTE") return refuse("alterType");
  if (kind === "OBJECT_PROCEDURE") return refuse("procedure");
  return objects.has(textOf(kind)) ? undefined : refuse("statement", statement);
}

const schemaIn = (names: unknown): string =>
  namesIn(names).length > 1 ? (namesIn(names)[0] ?? "") : "";

function checkFunctionDefinition(body: Ast): Refusal | undefined {
  if (body.is_procedure) return refuse("procedure");
  if (isTemporarySchema(schemaIn(body.funcname))) return refuse("temporaryThing", "function");
  const language = constantOf(optionIn(body.options, "language")?.arg) ?? "sql";
  if (language.toLowerCase() !== "sql") return refuse("language", language);
  return checkSetClauses(body.options);
}

const systemSchemas = new Set(["public", "sys", "pg_catalog", "information_schema"]);

function checkGrant(body: Ast): Refusal | undefined {
  if (body.objtype !== "OBJECT_SCHEMA") return undefined;
  const schemas = listOf(body.objects).map((node) => textOf(astOf(node.String).sval));
  return schemas.some((name) => systemSchemas.has(name)) ? refuse("systemEntity") : undefined;
}

const savepoints: Readonly<Record<string, string>> = {
  TRANS_STMT_SAVEPOINT: "SAVEPOINT",
  TRANS_STMT_RELEASE: "RELEASE",
  TRANS_STMT_ROLLBACK_TO: "ROLLBACK TO",
  TRANS_STMT_PREPARE: "PREPARE TRANSACTION",
  TRANS_STMT_COMMIT_PREPARED: "COMMIT PREPARED",
  TRANS_STMT_ROLLBACK_PREPARED: "ROLLBACK PREPARED",
};

function checkTransaction(body: Ast): { kind: Kind; refusal?: Refusal } {
  const kind = textOf(body.kind);
  const other = savepoints[kind];
  if (other !== undefined) return { kind: "order", refusal: refuse("transactionStatement", other) };
  if (kind === "TRANS_STMT_BEGIN" || kind === "TRANS_STMT_START") {
    const isolation = isolationIn(body.options);
    if (isolation === undefined || isolation === "repeatable read") return { kind: "begin" };
    return { kind: "begin", refusal: refuse("isolation", isolation.toUpperCase()) };
  }
  const end = kind === "TRANS_STMT_COMMIT" ? ("commit" as const) : ("rollback" as const);
  if (!body.chain) return { kind: end };
  const name = end === "commit" ? "COMMIT" : "ROLLBACK";
  return { kind: end, refusal: refuse("transactionStatement", `${name} AND CHAIN`) };
}

/** The query inside EXPLAIN, and whether it is run. */
export function explained(body: Ast): { tag: string; query: Ast; runs: boolean } {
  const [tag, query] = unwrap(body.query);
  const option = optionIn(body.options, "analyze");
  const value = option === undefined ? "false" : (constantOf(option.arg) ?? "true");
  return { tag, query, runs: /^(true|on|1)$/i.test(value) };
}
