import { astOf, constantOf, listOf, namesIn, textOf, unwrap, walk, type Ast } from "./ast.ts";
import { handsOnOuterColumn } from "./check-lateral.ts";
import { shownType } from "./check-types.ts";
import { qualified, literal, type Notes } from "./notes.ts";
import { refuse, type Refusal } from "./rules.ts";
import { storedBy, type Stored } from "./stored.ts";
import {
  isNewer,
  isSettable,
  missingFamilies,
  missingFunctions,
  missingRelations,
  textSearchFunctions,
} from "./statement-kinds.ts";

/** A table that a statement writes or locks. */
export interface Target {
  readonly schema?: string;
  readonly name: string;
  /** Where the text names it, in bytes. */
  readonly at: number;
}

/** What a query does beyond reading. */
export interface Effects {
  targets: Target[];
  writes: boolean;
  locks: boolean;
  /** Rows written by WITH do not show in the command tag. */
  writesInWith: boolean;
  /** The bytes it writes cannot be told from the bytes that the client sent. */
  mayGrow: boolean;
  /** Parameters go into columns as they are. */
  storesParameters: boolean;
  deletesFrom: string[];
  /** Functions that are not PostgreSQL's own by their schema. */
  calls: string[];
  /** Values that the statement puts into columns as they are written, row by row. */
  stored: readonly (readonly Stored[])[];
  /** Leaves a trace on the rows that FOR UPDATE locked, so that later writers meet it. */
  touch?: string;
}

/** Functions whose value may be longer than what went in. */
const growing = new Set(
  (
    "repeat lpad rpad string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg " +
    "generate_series array_fill array_to_string array_cat concat concat_ws format replace overlay " +
    "regexp_replace translate encode convert_to quote_literal quote_ident row_to_json to_json to_jsonb " +
    "json_build_object jsonb_build_object json_build_array jsonb_build_array jsonb_set jsonb_insert"
  ).split(" "),
);
const longLiteral = 900;

export function checkQuery(
  tag: string,
  body: Ast,
  notes: Notes,
): { refusal?: Refusal; effects: Effects } {
  const effects: Effects = {
    targets: [],
    writes: false,
    locks: false,
    writesInWith: false,
    mayGrow: false,
    storesParameters: storesParameters(tag, body),
    deletesFrom: [],
    calls: [],
    stored: storedBy(tag, body),
  };
  let refusal: Refusal | undefined;
  walk(tag, body, (inner, node) => {
    refusal ??= checkNode(inner, node, notes);
    note(inner, node, effects, inner === tag && node === body);
  });
  if (effects.locks) {
    walk(tag, body, (inner, node) => {
      if (inner === "RangeVar") effects.targets.push(targetOf(node));
    });
    const touch = traceOf(tag, body, notes);
    if (touch !== undefined) effects.touch = touch;
  }
  return { ...(refusal && { refusal }), effects };
}

const targetOf = ({ schemaname, relname, location }: Ast): Target => ({
  ...(schemaname !== undefined && { schema: textOf(schemaname) }),
  name: textOf(relname),
  at: (location as number | undefined) ?? 0,
});

function note(tag: string, node: Ast, effects: Effects, isTop: boolean): void {
  if (tag === "InsertStmt" || tag === "UpdateStmt" || tag === "DeleteStmt") {
    effects.writes = true;
    if (!isTop) effects.writesInWith = true;
    effects.targets.push(targetOf(astOf(node.relation)));
    const source = astOf(astOf(node.selectStmt).SelectStmt);
    if (listOf(source.fromClause).some((from) => "RangeVar" in from)) effects.mayGrow = true;
  }
  if (tag === "DeleteStmt") effects.deletesFrom.push(textOf(astOf(node.relation).relname));
  if (tag === "CopyStmt" && node.is_from) {
    effects.writes = true;
    effects.targets.push(targetOf(astOf(node.relation)));
  }
  if (tag === "LockingClause") effects.locks = true;
  if (tag === "FuncCall") {
    const names = namesIn(node.funcname);
    const name = names.at(-1) ?? "";
    if (growing.has(name)) effects.mayGrow = true;
    if (names.length === 1 || !ownSchemas.has(names[0] ?? "")) effects.calls.push(name);
  }
  if (tag === "A_Const" && (constantOf({ A_Const: node })?.length ?? 0) > longLiteral) {
    effects.mayGrow = true;
  }
  if (tag === "A_Expr" && namesIn(node.name)[0] === "||") effects.mayGrow = true;
}

const ownSchemas = new Set(["pg_catalog", "sys", "dsql_local"]);

function storesParameters(tag: string, body: Ast): boolean {
  if (tag === "UpdateStmt") return true;
  return tag === "InsertStmt" && "valuesLists" in astOf(astOf(body.selectStmt).SelectStmt);
}

function checkNode(tag: string, node: Ast, notes: Notes): Refusal | undefined {
  switch (tag) {
    case "RangeTableSample":
      return refuse("tableSample");
    case "LockingClause": {
      const fine = node.strength === "LCS_FORUPDATE" || node.strength === "LCS_FORKEYSHARE";
      return fine ? undefined : refuse("locking");
    }
    case "JoinExpr":
      return handsOnOuterColumn(node, notes) ? refuse("lateral") : undefined;
    case "MergeStmt":
      return refuse("statementType", "MERGE");
    case "RangeVar": {
      const name = textOf(node.relname);
      showOwnSettings(node, notes);
      return missingRelations.has(name) ? refuse("relation", name) : undefined;
    }
    case "SelectStmt":
      return node.intoClause ? refuse("statement", "CreateTableAs") : undefined;
    case "FuncCall":
      return checkFunction(node, notes);
    default:
      return undefined;
  }
}

const ownFunctions = new Set(["version", "current_setting", "set_config"]);

/** The type of an argument as far as its text tells: a message shows it. */
function typeOf(arg: Ast): string {
  const [tag, body] = unwrap(arg);
  if (tag === "TypeCast") return shownType(astOf(body.typeName));
  if ("ival" in body) return "integer";
  if ("fval" in body) return "numeric";
  return "boolval" in body ? "boolean" : "unknown";
}

/** The view of settings tells the truth about what is beneath: ours tells what a cluster would. */
function showOwnSettings({ relname, schemaname, location }: Ast, notes: Notes): void {
  if (relname !== "pg_settings" || (schemaname ?? "pg_catalog") !== "pg_catalog") return;
  const at = (location as number | undefined) ?? 0;
  if (schemaname === undefined) notes.insert(at, "sys.");
  else notes.replace(at, notes.endOfName(at), "sys");
}

function checkFunction(node: Ast, notes: Notes): Refusal | undefined {
  const names = namesIn(node.funcname);
  const name = names.at(-1) ?? "";
  const isBuiltIn = names.length === 1 || names[0] === "pg_catalog";
  if (!isBuiltIn) return undefined;
  const args = listOf(node.args);
  if (name === "set_config") {
    const setting = constantOf(args[0]) ?? "";
    if (!isSettable(setting)) return refuse("parameter", setting);
  }
  if (textSearchFunctions.has(name)) {
    const config = args.length > 1 ? constantOf(args[0]) : undefined;
    return refuse("textSearch", config ?? "english");
  }
  if (missingFunctions.has(name) || missingFamilies.some((family) => name.startsWith(family))) {
    return refuse("functionCall", name);
  }
  if (isNewer(name, args.length)) notes.isNewer(name, args.map(typeOf));
  // Our own function of that name answers as the service does, under the same column name.
  if (ownFunctions.has(name)) {
    const at = (node.location as number | undefined) ?? 0;
    if (names.length === 1) notes.insert(at, "sys.");
    else notes.replace(at, notes.endOfName(at), "sys");
  }
  return undefined;
}

/**
 * FOR UPDATE leaves nothing behind in PostgreSQL once its transaction has committed, but DSQL remembers
 * it for those who read the row before. So the rows that it locked get a new version. Only where the
 * text allows it to be said: one table, no joins, no parameters before FROM.
 */
function traceOf(tag: string, body: Ast, notes: Notes): string | undefined {
  if (tag !== "SelectStmt" || body.withClause || body.groupClause || body.distinctClause) {
    return undefined;
  }
  const [clause] = listOf(body.lockingClause);
  if (astOf(clause?.LockingClause).strength !== "LCS_FORUPDATE") return undefined;
  const from = listOf(body.fromClause);
  const [kind, table] = unwrap(from[0]);
  if (from.length !== 1 || kind !== "RangeVar") return undefined;
  let countsParameters = false;
  for (const target of listOf(body.targetList)) {
    walk("", target, (inner) => (countsParameters ||= inner === "ParamRef"));
  }
  if (countsParameters) return undefined;
  const at = (table.location as number | undefined) ?? 0;
  const alias = astOf(table.alias).aliasname;
  const name = alias === undefined ? qualified(table) : `"${textOf(alias)}"`;
  const regclass = `${literal(qualified(table))}::regclass`;
  return `select dsql_local.touch(${regclass}, array(select ${name}.ctid from ${notes.from(at)}))`;
}
