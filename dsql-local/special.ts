import { AskError } from "./asking.ts";
import type { Output } from "./output.ts";
import { refuse, type Refusal } from "./rules.ts";
import type { Statement } from "./parse.ts";
import type { Step } from "./steps.ts";
import { argumentsOf } from "./steps.ts";
import type { Work, Wrong } from "./work.ts";
import { lengthsOf } from "./stored.ts";
import { literal, qualified } from "./notes.ts";

const mebibyte = 1024 * 1024;
/** A key may be ten times as long, in several columns, of which one statement may bring but one. */
const longKey = 200;
const limits = { value: mebibyte, row: 2 * mebibyte, key: 1_981 };

/** Statements that need a look at the database before or after: they do not share a round trip. */
export function runsAlone(step: Step, work: Work): boolean {
  const { statement } = step;
  if (!statement) return false;
  const { effects, guards, injection } = statement;
  return (
    guards.length > 0 ||
    injection !== undefined ||
    effects.touch !== undefined ||
    isCounted(statement, work) ||
    isWeighed(step, work) ||
    maySeeTwice(statement, work)
  );
}

/** Rows that the command tag does not tell of: those of WITH, and those that a foreign key takes along. */
const isCounted = ({ effects, node }: Statement, { cluster }: Work): boolean =>
  effects.writesInWith ||
  (cluster.surroundings.cascades && (node === "DeleteStmt" || node === "UpdateStmt"));

function isWeighed(step: Step, { cluster }: Work): boolean {
  const { effects } = step.statement as Statement;
  if (!effects.writes) return false;
  if (effects.mayGrow) return true;
  if (effects.storesParameters && argumentsOf(step).values.length > mebibyte) return true;
  const keys = cluster.surroundings.longKeys.get(effects.targets[0]?.name ?? "");
  return keys !== undefined && storesLongKey(step, keys);
}

/** Whether what a row is given for columns of keys is long enough to look at what the keys have become. */
function storesLongKey(step: Step, keys: ReadonlySet<string>): boolean {
  const { stored } = (step.statement as Statement).effects;
  let lengths: number[] | undefined;
  return stored.some((row) => {
    let sum = 0;
    for (const { column, parameter, bytes } of row) {
      if (column !== undefined && !keys.has(column)) continue;
      if (parameter > 0) lengths ??= lengthsOf(argumentsOf(step).values);
      sum += bytes + (parameter > 0 ? (lengths?.[parameter - 1] ?? 0) : 0);
    }
    return sum > longKey;
  });
}

/**
 * PostgreSQL looks for duplicates among the rows of now, DSQL among those of the snapshot too: what
 * another has deleted meanwhile is still there for it.
 */
function maySeeTwice({ effects, node }: Statement, { cluster, transaction }: Work): boolean {
  const [target] = effects.targets;
  if (node !== "InsertStmt" || !target || !transaction || transaction.doomed) return false;
  return (cluster.deletes.get(target.name) ?? 0) > transaction.commitsBefore;
}

async function seenTwice(work: Work, { effects, tree }: Statement): Promise<Refusal | undefined> {
  for (const { schema, name } of effects.targets) {
    const table = literal(qualified({ schemaname: schema, relname: name }));
    const [index] = await work.ask(`select dsql_local.seen_twice(${table})`);
    if (index?.[0] == null) continue;
    if (tree.onConflictClause) return refuse("oc000");
    const message = `duplicate key value violates unique constraint "${index[0]}"`;
    return { sqlstate: "23505", message };
  }
  return undefined;
}

export async function runAlone(step: Step, work: Work, output: Output): Promise<Wrong | undefined> {
  try {
    return await looked(step, work, output);
  } catch (error) {
    if (error instanceof AskError) return error.error;
    throw error;
  }
}

async function looked(step: Step, work: Work, output: Output): Promise<Wrong | undefined> {
  const statement = step.statement as Statement;
  const { effects, guards, injection } = statement;
  await work.open();
  for (const { sql, refusal } of guards) {
    const [row] = await work.ask(sql);
    if (row) return refusal ?? { sqlstate: row[0] ?? "", message: row[1] ?? "" };
  }
  if (injection) {
    const wrong = work.inject(injection);
    if (wrong) return wrong;
  }
  const mark = output.mark();
  const counted = isCounted(statement, work);
  const before = counted ? await work.rowsWritten() : 0;
  const rowsBefore = work.transaction?.rows ?? 0;
  const wrong = await work.run([step]);
  if (wrong) return wrong;
  const refusal =
    (counted ? await count(work, rowsBefore, before) : undefined) ??
    (isWeighed(step, work) ? await weigh(work, statement) : undefined) ??
    (maySeeTwice(statement, work) ? await seenTwice(work, statement) : undefined);
  if (refusal) output.takeBack(mark);
  if (effects.touch !== undefined && !work.transaction?.doomed) await touch(step, work);
  return refusal;
}

/** Of a view there are no rows to touch: then the transaction comes back without. */
async function touch(step: Step, work: Work): Promise<void> {
  const { effects } = step.statement as Statement;
  const { types, values } = argumentsOf(step);
  try {
    await work.ask(effects.touch ?? "", types, values);
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    delete effects.touch;
    await work.command("back");
    if (work.transaction) work.transaction.aside = true;
  }
}

async function count(work: Work, rowsBefore: number, before: number): Promise<Refusal | undefined> {
  const { transaction, cluster } = work;
  if (!transaction) return undefined;
  transaction.rows = rowsBefore + (await work.rowsWritten()) - before;
  return transaction.rows > cluster.settings.rowsMax ? refuse("rows") : undefined;
}

async function weigh(work: Work, { effects }: Statement): Promise<Refusal | undefined> {
  const { transaction } = work;
  if (!transaction || transaction.doomed) return undefined;
  for (const { schema, name } of effects.targets) {
    const table = literal(qualified({ schemaname: schema, relname: name }));
    const [sizes] = await work.ask(`select * from dsql_local.weigh(${table})`);
    const [total, row, value, type, key] = sizes ?? [];
    if (Number(key ?? 0) > limits.key) return refuse("keySize");
    if (Number(value ?? 0) > limits.value) return refuse("valueSize", type ?? "text");
    if (Number(row ?? 0) > limits.row) return refuse("rowSize");
    // What is in the table from earlier statements of this transaction is in its sum again.
    transaction.bytes.set(name, Math.max(transaction.bytes.get(name) ?? 0, Number(total ?? 0)));
  }
  return undefined;
}
