import { astOf, constantOf, listOf, optionIn, textOf, type Ast } from "./ast.ts";
import { literal, type Notes } from "./notes.ts";
import { refuse, type Refusal } from "./rules.ts";
import { isSettable, nameBeneath } from "./statement-kinds.ts";

/** What a cluster answers, measured on one in September 2026; max_connections means nothing there. */
const shownSettings: Readonly<Record<string, string>> = {
  server_version: "16.15",
  server_version_num: "160015",
  max_connections: "20",
};

export function checkShow({ name }: Ast, notes: Notes): undefined {
  const shown = textOf(name);
  const beneath = nameBeneath(shown);
  const answer = shownSettings[shown];
  if (answer !== undefined) notes.replaceAll(`select '${answer}' as "${shown}"`);
  else if (beneath !== shown) {
    notes.replaceAll(`select pg_catalog.current_setting('${beneath}') as "${shown}"`);
  }
}

/** What SET may set, and RESET reset. */
export function checkSet(body: Ast, notes: Notes): Refusal | undefined {
  const name = textOf(body.name);
  if (body.kind === "VAR_RESET_ALL") return undefined;
  const level = constantOf(listOf(body.args)[0]);
  if (/^default_transaction_isolation$/i.test(name) || name === "SESSION CHARACTERISTICS") {
    const chosen = name === "SESSION CHARACTERISTICS" ? isolationIn(body.args) : level;
    if (chosen !== undefined && chosen.toLowerCase() !== "repeatable read") {
      return refuse("isolation", chosen.toUpperCase());
    }
  }
  if (!isSettable(name)) return refuse("parameter", name);
  const beneath = nameBeneath(name);
  if (beneath !== name) notes.replaceAll(setBeneath(body, beneath, level));
  return undefined;
}

function setBeneath({ kind, is_local }: Ast, name: string, value: string | undefined): string {
  if (kind === "VAR_RESET") return `reset ${name}`;
  const to = value === undefined ? "default" : literal(value);
  return `set ${is_local ? "local " : ""}${name} to ${to}`;
}

export const isolationIn = (options: unknown): string | undefined =>
  constantOf(optionIn(options, "transaction_isolation")?.arg);

/** The SET clauses of a function. */
export function checkSetClauses(options: unknown): Refusal | undefined {
  for (const node of listOf(options)) {
    const { defname, arg } = astOf(node.DefElem);
    const body = astOf(astOf(arg).VariableSetStmt);
    const name = textOf(body.name);
    if (defname === "set" && name !== "" && !isSettable(name)) return refuse("parameter", name);
  }
  return undefined;
}
