/** A node of the parser's tree: a plain object whose wrapped children are `{ Tag: { … } }`. */
export interface Ast {
  readonly [key: string]: unknown;
}

const isAst = (value: unknown): value is Ast =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const astOf = (value: unknown): Ast => (isAst(value) ? value : {});

export const listOf = (value: unknown): Ast[] =>
  Array.isArray(value) ? (value as unknown[]).filter(isAst) : [];

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The tag and the body of a wrapped node. */
export function unwrap(value: unknown): [tag: string, body: Ast] {
  if (!isAst(value)) return ["", {}];
  const [tag = ""] = Object.keys(value);
  return [tag, astOf(value[tag])];
}

/** Where a child's type is known from its place the tree does not wrap it. */
const bareChildren: Readonly<Record<string, string>> = {
  relation: "RangeVar",
  typeName: "TypeName",
  collClause: "CollateClause",
  withClause: "WithClause",
  larg: "SelectStmt",
  rarg: "SelectStmt",
  onConflictClause: "OnConflictClause",
};

/** Calls `visit` for every node below and including `body`. */
export function walk(tag: string, body: Ast, visit: (tag: string, body: Ast) => void): void {
  visit(tag, body);
  for (const [key, child] of Object.entries(body)) descend(key, child, visit);
}

function descend(key: string, child: unknown, visit: (tag: string, body: Ast) => void): void {
  if (Array.isArray(child)) {
    for (const one of child as unknown[]) if (isAst(one)) walk("", one, visit);
    return;
  }
  if (!isAst(child)) return;
  const tag = /^[A-Z]/.test(key) ? key : (bareChildren[key] ?? "");
  walk(tag, child, visit);
}

/** The names in a list of String nodes: `schema.table`, `pg_catalog.int4`. */
export function namesIn(value: unknown): string[] {
  return listOf(value).map((node) => textOf(astOf(node.String).sval));
}

/** An option of a DefElem list, such as CACHE or LANGUAGE. */
export function optionIn(value: unknown, name: string): Ast | undefined {
  return listOf(value)
    .map((node) => astOf(node.DefElem))
    .find(({ defname }) => defname === name);
}

/** A constant of any type as text; undefined for anything else. */
export function constantOf(value: unknown): string | undefined {
  const [tag, body] = unwrap(value);
  if (tag === "TypeCast") return constantOf(body.arg);
  if (tag === "String") return textOf(body.sval);
  if (tag === "Integer") return String((body.ival as number | undefined) ?? 0);
  if (tag === "Float") return textOf(body.fval);
  if (tag !== "A_Const") return undefined;
  if (isAst(body.sval)) return textOf(body.sval.sval);
  if (isAst(body.ival)) return String((body.ival.ival as number | undefined) ?? 0);
  if (isAst(body.fval)) return textOf(body.fval.fval);
  if (isAst(body.boolval)) return String(body.boolval.boolval === true);
  return undefined;
}
