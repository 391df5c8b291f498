import { astOf, listOf, textOf, type Ast } from "./ast.ts";
import { literal, qualified, type Notes } from "./notes.ts";
import { refuse, type Refusal } from "./rules.ts";
import { limits } from "./statement-kinds.ts";

/** How CREATE INDEX was spelled where the tree does not tell. */
export interface IndexSpelling {
  readonly isAsync: boolean;
  readonly saysUsing: boolean;
}

export function checkIndex(
  body: Ast,
  { isAsync, saysUsing }: IndexSpelling,
  notes: Notes,
): Refusal | undefined {
  if (body.concurrent) return refuse("indexClause", "CONCURRENTLY");
  if (!isAsync) return refuse("indexMode");
  if (saysUsing) return refuse("indexClause", "USING");
  if (body.tableSpace) return refuse("indexClause", "TABLESPACE");
  if (body.options) return refuse("indexClause", "WITH");
  const keys = listOf(body.indexParams).map((node) => astOf(node.IndexElem));
  for (const key of keys) {
    if (key.ordering !== "SORTBY_DEFAULT") return refuse("indexOrder");
    if (key.opclass) return refuse("indexOpclass");
    if (key.collation) return refuse("indexCollation");
  }
  if (keys.length > limits.keyColumns) return refuse("indexKeys");
  const names = keys.map(({ name }) => textOf(name)).filter((name) => name !== "");
  const list = names.map(literal).join(", ");
  const table = literal(qualified(astOf(body.relation)));
  notes.guards.push({
    sql: `select * from dsql_local.index_keys(${table}, array[${list}]::text[])`,
  });
  return undefined;
}
