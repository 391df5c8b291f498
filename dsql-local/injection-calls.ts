import { astOf, constantOf, listOf, namesIn, unwrap, type Ast } from "./ast.ts";

/** `select dsql_local.inject('fault=OC000 nth=2')`: answered by us, never by the database. */
export interface InjectionCall {
  readonly name: "inject" | "clear" | "status";
  readonly argument: string;
}

export function injectionOf(tag: string, body: Ast): InjectionCall | undefined {
  if (tag !== "SelectStmt" || body.fromClause) return undefined;
  const targets = listOf(body.targetList);
  const [, target] = unwrap(targets[0]);
  const [kind, call] = unwrap(target.val);
  if (targets.length !== 1 || kind !== "FuncCall") return undefined;
  const [schema, name] = namesIn(call.funcname);
  if (schema !== "dsql_local") return undefined;
  if (name !== "inject" && name !== "clear" && name !== "status") return undefined;
  return { name, argument: constantOf(astOf(listOf(call.args)[0])) ?? "" };
}
