import { loadModule, parseSync } from "libpg-query";
import type { Migration } from "./migration-files.ts";
import { SchemaError } from "./migration-step.ts";

/**
 * What a step is to servers that do not know it. `expand`: they go on as before. `contract`: they may
 * miss something, or be refused something. `unclear`: the statement alone does not tell.
 */
export type Kind = "expand" | "contract" | "unclear";

/**
 * Who waits for it. `nobody` · `moment`: everybody at the table, while the catalogue is changed · `build`:
 * who writes to the table, while a small index is built; a large one is built beside them · `whole`:
 * everybody at the table, while all of it is read or written anew · `rows`: who writes the same rows.
 */
export type Waiting = "nobody" | "moment" | "build" | "whole" | "rows";

export interface Effect {
  readonly kind: Kind;
  readonly waiting: Waiting;
  /** In words, without its subject: `adds asked_by to asks`. */
  readonly does: string;
  readonly table?: string;
}

export interface StepEffect extends Effect {
  readonly version: number;
  readonly step: number;
  readonly name: string;
}

/** Every step of these, in their order, as PostgreSQL's own parser reads it. */
export async function readEffects(migrations: readonly Migration[]): Promise<StepEffect[]> {
  await loadModule();
  const before = new Set<string>();
  return migrations.flatMap(({ version, name, steps }) => {
    const own = new Set<string>();
    const effects = steps.map((text, index) => {
      const effect = effectOf(text, { before, own }, `${name}.sql, step ${index + 1}`);
      return { ...effect, version, step: index + 1, name };
    });
    for (const made of own) before.add(made);
    return effects;
  });
}

/** What earlier migrations made, and what this one has made so far: nobody can miss that. */
interface Known {
  readonly before: ReadonlySet<string>;
  readonly own: Set<string>;
}

interface Node {
  readonly [key: string]: unknown;
}

const nodeOf = (value: unknown): Node => (value ?? {}) as Node;
const listOf = (value: unknown): readonly Node[] => (value ?? []) as readonly Node[];
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function effectOf(text: string, known: Known, where: string): Effect {
  let statements: readonly Node[];
  try {
    statements = listOf(nodeOf(parseSync(text)).stmts);
  } catch (error) {
    throw new SchemaError(`${where} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const [first, ...more] = statements.map(({ stmt }) => nodeOf(stmt));
  if (!first || more.length > 0) throw new SchemaError(`${where} is not exactly one statement`);
  const [tag = ""] = Object.keys(first);
  const body = nodeOf(first[tag]);
  const read = readers[tag];
  return read ? read(body, known) : { kind: "unclear", waiting: "whole", does: `is a ${tag}` };
}

const readers: Readonly<Record<string, (body: Node, known: Known) => Effect>> = {
  CreateStmt(body, { own }) {
    const table = tableOf(body);
    own.add(table);
    return { kind: "expand", waiting: "nobody", does: `makes the table ${table}`, table };
  },
  IndexStmt(body, { own }) {
    const table = tableOf(body);
    const does = `builds the index ${textOf(body.idxname)}`;
    if (own.has(table)) return { kind: "expand", waiting: "nobody", does, table };
    // A rule that rows of before did not have to keep.
    if (body.unique === true) return { kind: "contract", waiting: "build", does, table };
    return { kind: "expand", waiting: "build", does, table };
  },
  AlterTableStmt: alter,
  DropStmt(body) {
    const what = textOf(body.removeType).replace("OBJECT_", "").toLowerCase();
    const isIndex = what === "index";
    return { kind: isIndex ? "expand" : "contract", waiting: "moment", does: `drops a ${what}` };
  },
  RenameStmt: (body) => {
    const table = tableOf(body);
    const does = `renames ${textOf(body.subname) || table}`;
    return { kind: "contract", waiting: "moment", does, table };
  },
  CreateFunctionStmt(body, known) {
    const names = listOf(body.funcname).map((part) => textOf(nodeOf(part.String).sval));
    return replacing(`function ${names.join(".")}`, known, "nobody");
  },
  CreateTrigStmt(body, known) {
    const table = tableOf(body);
    const name = `trigger ${textOf(body.trigname)} of ${table}`;
    // A new guard on a table that is in use may refuse what servers of before write.
    const isNewGuard = !known.own.has(table) && !known.before.has(name);
    const effect = replacing(name, known, known.own.has(table) ? "nobody" : "moment");
    return { ...effect, table, ...(isNewGuard && { kind: "unclear" }) };
  },
  InsertStmt: (body, known) => writing("adds rows to", body, known),
  UpdateStmt: (body, known) => writing("changes rows of", body, known),
  DeleteStmt: (body, known) => writing("deletes rows of", body, known),
};

function replacing(name: string, { before, own }: Known, waiting: Waiting): Effect {
  own.add(name);
  const isThere = before.has(name);
  const does = `${isThere ? "replaces" : "makes"} the ${name}`;
  return { kind: isThere ? "unclear" : "expand", waiting, does };
}

function writing(says: string, body: Node, { own }: Known): Effect {
  const table = tableOf(body);
  const kind = own.has(table) ? "expand" : "unclear";
  return { kind, waiting: "rows", does: `${says} ${table}`, table };
}

const tableOf = (body: Node): string => textOf(nodeOf(body.relation).relname);

function alter(body: Node, { own }: Known): Effect {
  const table = tableOf(body);
  const parts = listOf(body.cmds).map((one) => altering(nodeOf(one.AlterTableCmd), table));
  const worst = parts.toSorted((one, other) => weight(other) - weight(one))[0];
  const effect: Effect = worst ?? { kind: "unclear", waiting: "whole", does: `alters ${table}` };
  return own.has(table)
    ? { ...effect, kind: "expand", waiting: "nobody", table }
    : { ...effect, table };
}

const weight = ({ kind, waiting }: Effect): number =>
  ["expand", "unclear", "contract"].indexOf(kind) * 10 +
  ["nobody", "rows", "moment", "build", "whole"].indexOf(waiting);

function altering(command: Node, table: string): Effect {
  const subtype = textOf(command.subtype);
  const name = textOf(command.name);
  if (subtype === "AT_AddColumn") return addingColumn(nodeOf(nodeOf(command.def).ColumnDef), table);
  const [kind, waiting, does] = alterations[subtype] ?? ["unclear", "whole", "alters"];
  return { kind, waiting, does: `${does} ${name === "" ? table : `${name} of ${table}`}` };
}

/** What a column may be that servers of before do not write: empty, or with a constant for a default. */
function addingColumn(column: Node, table: string): Effect {
  const rules = listOf(column.constraints).map((one) => nodeOf(one.Constraint));
  const has = (type: string): Node | undefined => rules.find(({ contype }) => contype === type);
  const fallback = has("CONSTR_DEFAULT");
  const isConstant =
    "A_Const" in nodeOf(fallback?.raw_expr) || "TypeCast" in nodeOf(fallback?.raw_expr);
  const refuses = has("CONSTR_NOTNULL") !== undefined && fallback === undefined;
  const isRule = ["CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_FOREIGN"].some((one) => has(one));
  return {
    kind: refuses || isRule ? "contract" : "expand",
    waiting: (fallback !== undefined && !isConstant) || isRule || refuses ? "whole" : "moment",
    does: `adds ${textOf(column.colname)} to ${table}`,
  };
}

/** Others than these are for a person to judge. */
const alterations: Readonly<Record<string, readonly [Kind, Waiting, string]>> = {
  AT_SetRelOptions: ["expand", "nobody", "sets an option of"],
  AT_ResetRelOptions: ["expand", "nobody", "resets an option of"],
  AT_SetStatistics: ["expand", "nobody", "sets statistics of"],
  AT_DropNotNull: ["expand", "moment", "lets be empty"],
  AT_DropConstraint: ["expand", "moment", "no longer demands"],
  AT_ColumnDefault: ["unclear", "moment", "sets the default of"],
  AT_DropColumn: ["contract", "moment", "drops"],
  AT_SetNotNull: ["contract", "whole", "demands"],
  AT_AlterColumnType: ["contract", "whole", "changes the type of"],
  AT_AddConstraint: ["contract", "whole", "adds a rule to"],
  AT_ValidateConstraint: ["contract", "nobody", "holds all rows against"],
};
