import { astOf, listOf, namesIn, optionIn, unwrap, type Ast } from "./ast.ts";
import { checkQuery } from "./check-query.ts";
import { checkStatement } from "./check-statement.ts";
import type { Notes } from "./notes.ts";
import type { Statement } from "./parse.ts";
import { refuse, type Refusal } from "./rules.ts";
import type { Kind } from "./statement-kinds.ts";

const spelling = { isAsync: false, saysUsing: false };

/** What speaks against the statements of a function: the same as if the client had sent them. */
export function checkBody(
  { options, sql_body }: Ast,
  read: (sql: string) => readonly Statement[],
  notes: Notes,
): Refusal | undefined {
  const [text = ""] = namesIn(astOf(astOf(optionIn(options, "as")?.arg).List).items);
  for (const { refusal, kind, node, guards } of read(text)) {
    // What cannot be read PostgreSQL refuses with the right place in the text.
    if (refusal?.sqlstate === "42601") return undefined;
    const wrong = refusal ?? checkKind(kind, node);
    if (wrong) return wrong;
    notes.guards.push(...guards);
  }
  for (const [tag, statement] of statementsOf(sql_body)) {
    const { kind, refusal } = checkStatement(tag, statement, spelling, notes);
    const wrong = refusal ?? checkQuery(tag, statement, notes).refusal ?? checkKind(kind, tag);
    if (wrong) return wrong;
  }
  return undefined;
}

const checkKind = (kind: Kind, node: string): Refusal | undefined =>
  kind === "read" || kind === "write"
    ? undefined
    : refuse("functionBody", node.replace(/Stmt$/, ""));

/** Those between BEGIN ATOMIC and END; what RETURN says is a query without a FROM. */
function statementsOf(body: unknown): [tag: string, statement: Ast][] {
  const [tag, inner] = unwrap(body);
  if (tag === "ReturnStmt") return [["SelectStmt", { targetList: [inner.returnval] }]];
  return listOf(inner.items)
    .flatMap((list) => listOf(astOf(list.List).items))
    .map(unwrap)
    .map(([name, statement]) =>
      name === "ReturnStmt"
        ? ["SelectStmt", { targetList: [statement.returnval] }]
        : [name, statement],
    );
}
