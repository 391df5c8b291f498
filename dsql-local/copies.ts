import { walk } from "./ast.ts";
import { identifier, Notes, qualified } from "./notes.ts";
import type { Statement } from "./parse.ts";
import type { Copy, Transaction } from "./transaction.ts";

/**
 * Notes which tables these statements need a copy of; false when all of them are there already. A
 * copy stands for its name in whatever schema: two tables of one name in one lost race are one too many.
 */
export function copiesFor(statements: readonly Statement[], transaction: Transaction): boolean {
  let isNew = false;
  const all = [...transaction.log.map(({ statement }) => statement), ...statements];
  for (const { schema, name } of statements.flatMap(({ effects }) => effects.targets)) {
    if (transaction.copies.has(name)) continue;
    const table = qualified({ schemaname: schema, relname: name });
    transaction.copies.set(name, { table, isFull: false });
    isNew = true;
  }
  // Rows are copied only where somebody looks at them: a table that is only added to may be large.
  for (const [name, { table, isFull }] of transaction.copies) {
    if (isFull || !all.some((one) => looksAt(one, name))) continue;
    transaction.copies.set(name, { table, isFull: true });
    isNew = true;
  }
  return isNew;
}

/** Whether a statement asks for rows of a copy that was made without any. */
export function missesRows(statement: Statement, transaction: Transaction): boolean {
  return [...transaction.copies].some(([name, { isFull }]) => !isFull && looksAt(statement, name));
}

/** Whether a statement does more with a table than add plain rows. */
function looksAt({ node, tree, effects }: Statement, table: string): boolean {
  const adds = node === "InsertStmt" && effects.targets[0]?.name === table;
  if (adds && tree.onConflictClause) return true;
  let mentions = 0;
  walk(node, tree, (tag, body) => {
    if (tag === "RangeVar" && body.relname === table) mentions++;
  });
  return mentions > (adds ? 1 : 0);
}

/** The same statement over the copies; undefined when it names none of their tables. */
export function sqlOver(
  { node, tree, sql, at }: Statement,
  copies: ReadonlyMap<string, Copy>,
): string | undefined {
  if (copies.size === 0) return undefined;
  const bytes = Buffer.from(sql);
  const notes = new Notes(bytes, 0, bytes.length);
  let mentions = false;
  walk(node, tree, (tag, body) => {
    if (tag !== "RangeVar" || !copies.has(String(body.relname))) return;
    mentions = true;
    // Without a schema the name finds the copy first.
    if (body.schemaname === undefined) return;
    const start = ((body.location as number | undefined) ?? 0) - at;
    notes.replace(start, notes.endOfName(start), identifier("pg_temp"));
  });
  return mentions ? notes.edited() : undefined;
}
