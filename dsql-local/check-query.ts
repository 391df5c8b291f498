import { astOf, constantOf, listOf, namesIn, textOf, unwrap, walk, type Ast } from "./ast.ts";
import { qualified, literal, type Notes } from "./notes.ts";
import { refuse, type Refusal } from "./rules.ts";
import {
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
  /** Leaves a trace on the rows that FOR UPDATE locked, so that later writers meet it. */
  touch?: string;
}

const growing = new Set(
  "repeat lpad rpad string_agg array_agg json_agg jsonb_agg generate_series array_fill".split(" "),
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
  if (tag === "CopyStmt" && node.is_from) {
    effects.writes = true;
    effects.targets.push(targetOf(astOf(node.relation)));
  }
  if (tag === "LockingClause") effects.locks = true;
  if (tag === "FuncCall" && growing.has(namesIn(node.funcname).at(-1) ?? "")) {
    effects.mayGrow = true;
  }
  if (tag === "A_Const" && (constantOf({ A_Const: node })?.length ?? 0) > longLiteral) {
    effects.mayGrow = true;
  }
  if (tag === "A_Expr" && namesIn(node.name)[0] === "||") effects.mayGrow = true;
}

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
      return handsOnOuterColumn(node) ? refuse("lateral") : undefined;
    case "MergeStmt":
      return refuse("statementType", "MERGE");
    case "RangeVar": {
      const name = textOf(node.relname);
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

const ownFunctions = new Set(["version", "current_setting"]);

/**
 * A defect of the service's planner, recorded in September 2026: a LEFT JOIN LATERAL whose subquery
 * hands on a column from outside as it is.
 */
function handsOnOuterColumn({ jointype, larg, rarg }: Ast): boolean {
  const subselect = astOf(astOf(rarg).RangeSubselect);
  if (jointype !== "JOIN_LEFT" || !subselect.lateral) return false;
  const outer = new Set<string>();
  walk("", astOf(larg), (tag, node) => {
    if (tag === "RangeVar") outer.add(textOf(astOf(node.alias).aliasname ?? node.relname));
  });
  const { targetList } = astOf(astOf(subselect.subquery).SelectStmt);
  return listOf(targetList).some((target) => {
    const fields = namesIn(astOf(astOf(astOf(target.ResTarget).val).ColumnRef).fields);
    return fields.length > 1 && outer.has(fields[0] ?? "");
  });
}

function checkFunction(node: Ast, notes: Notes): Refusal | undefined {
  const names = namesIn(node.funcname);
  const name = names.at(-1) ?? "";
  const isBuiltIn = names.length === 1 || names[0] === "pg_catalog";
  if (!isBuiltIn) return undefined;
  const args = listOf(node.args);
  if (name === "set_config") {
    const setting = constantOf(args[0]) ?? "";
    return isSettable(setting) ? undefined : refuse("parameter", setting);
  }
  if (textSearchFunctions.has(name)) {
    const config = args.length > 1 ? constantOf(args[0]) : undefined;
    return refuse("textSearch", config ?? "english");
  }
  if (missingFunctions.has(name) || missingFamilies.some((family) => name.startsWith(family))) {
    return refuse("functionCall", name);
  }
  // Our own function of that name answers as the service does, under the same column name.
  if (ownFunctions.has(name) && names.length === 1) {
    notes.insert((node.location as number | undefined) ?? 0, "sys.");
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
