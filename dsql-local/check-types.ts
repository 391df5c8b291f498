import { astOf, constantOf, listOf, namesIn, textOf, type Ast } from "./ast.ts";
import { identifier, literal, type Notes } from "./notes.ts";
import { refuse, type Refusal } from "./rules.ts";
import { columnTypes, keylessTypes, limits, queryOnlyTypes, serials } from "./statement-kinds.ts";

/** The name without its schema, as the parser resolved the spelling: `int` is `int4`. */
export function typeNameOf(type: Ast): string {
  const names = namesIn(type.names);
  return names.at(-1) ?? "";
}

const isBuiltIn = (type: Ast): boolean => {
  const names = namesIn(type.names);
  return names.length === 1 || names[0] === "pg_catalog";
};

const otherSpellings: Readonly<Record<string, string>> = { varbit: "bit varying", char: '"char"' };

/** As messages show it, and as PostgreSQL's format_type does: without its length and its dimensions. */
export function shownType(type: Ast): string {
  const name = typeNameOf(type);
  const isArray = listOf(type.arrayBounds).length > 0;
  return (columnTypes.get(name) ?? otherSpellings[name] ?? name) + (isArray ? "[]" : "");
}

export function lengthOf(type: Ast): number | undefined {
  const [first] = listOf(type.typmods);
  const length = first === undefined ? undefined : constantOf(first);
  return length === undefined ? undefined : Number(length);
}

/** May a column, or a domain, have this type? Names that nobody knows are for the server to judge. */
export function checkColumnType(type: Ast): Refusal | undefined {
  const name = typeNameOf(type);
  if (listOf(type.arrayBounds).length > 0) return refuse("datatype", shownType(type));
  if (!isBuiltIn(type)) return undefined;
  if (serials.has(name)) return refuse("serial", name);
  if (queryOnlyTypes.has(name)) return refuse("datatype", shownType(type));
  if (name.startsWith("_") && columnTypes.has(name.slice(1))) {
    return refuse("datatype", `${columnTypes.get(name.slice(1))}[]`);
  }
  const length = lengthOf(type) ?? 0;
  if (name === "bpchar" && length > limits.charBytes) return refuse("charLength");
  if (name === "varchar" && length > limits.varcharBytes) return refuse("varcharLength");
  return undefined;
}

/** The type of a table's rows is none for a column: of names that are not PostgreSQL's the catalog knows. */
export function mayBeRows(type: Ast, notes: Notes): void {
  const names = namesIn(type.names);
  const name = names.at(-1) ?? "";
  if (names[0] === "pg_catalog" || columnTypes.has(name)) return;
  const path = literal(names.map(identifier).join("."));
  notes.guards.push({
    sql: `select from pg_type where oid = to_regtype(${path}) and typtype = 'c'`,
    refusal: refuse("datatype", name),
  });
}

/** Columns by name, for the checks of keys that a CREATE TABLE declares. */
export type Columns = ReadonlyMap<string, Ast>;

/** At most eight columns, of types that have an order in storage, and not too long together. */
export function checkKey(keys: readonly string[], columns: Columns): Refusal | undefined {
  if (keys.length > limits.keyColumns) return refuse("indexKeys");
  let declared = 0;
  for (const key of keys) {
    const type = astOf(columns.get(key));
    const name = typeNameOf(type);
    if (keylessTypes.has(name)) return refuse("keyDatatype", shownType(type));
    if (name === "bpchar" || name === "varchar") declared += lengthOf(type) ?? 0;
  }
  return declared > limits.declaredKeyBytes ? refuse("keyDeclared") : undefined;
}

/** CACHE 1 or a block that is worth fetching; anything between is refused. */
export function hasFineCache(options: unknown): boolean {
  const cache = listOf(options)
    .map((node) => astOf(node.DefElem))
    .find(({ defname }) => textOf(defname) === "cache");
  const size = cache === undefined ? 0 : Number(constantOf(cache.arg) ?? 0);
  return size === 1 || size >= 65_536;
}

/** Bare numeric is numeric(18,6): the place in the text where that has to be said. */
export function bareNumericAt(type: Ast): number | undefined {
  const isBare =
    typeNameOf(type) === "numeric" &&
    listOf(type.typmods).length === 0 &&
    listOf(type.arrayBounds).length === 0;
  return isBare ? ((type.location as number | undefined) ?? 0) : undefined;
}
