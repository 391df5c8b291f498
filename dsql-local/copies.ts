import { astOf, walk } from "./ast.ts";
import { identifier, Notes, qualified } from "./notes.ts";
import type { Statement } from "./parse.ts";
import type { Copy, Transaction } from "./transaction.ts";

/** Notes which tables these statements need a copy of. False when all of them are there already. */
export function copiesFor(statements: readonly Statement[], transaction: Transaction): boolean {
  let isNew = false;
  const all = [...transaction.log.map(({ statement }) => statement), ...statements];
  for (const { effects } of statements) {
    for (const { schema, name } of effects.targets) {
      const table = qualified({ schemaname: schema, relname: name });
      // Rows are copied only where somebody looks at them: a table that is only added to may be large.
      const isFull = all.some((one) => looksAt(one, name));
      const before = transaction.copies.get(table);
      if (before && (before.isFull || !isFull)) continue;
      transaction.copies.set(table, { ...(schema !== undefined && { schema }), name, isFull });
      isNew = true;
    }
  }
  return isNew;
}

/** Whether a statement does more with a table than add plain rows. */
function looksAt({ node, tree, effects }: Statement, table: string): boolean {
  if (node === "InsertStmt" && tree.onConflictClause && effects.targets[0]?.name === table) {
    return true;
  }
  let mentions = 0;
  walk(node, tree, (tag, body) => {
    if (tag === "RangeVar" && body.relname === table) mentions++;
  });
  return mentions > (node === "InsertStmt" && effects.targets[0]?.name === table ? 1 : 0);
}

/** The same statement over the copies, where it names their tables with a schema; undefined if as is. */
export function sqlOver(
  { node, tree, sql, at }: Statement,
  copies: ReadonlyMap<string, Copy>,
): string | undefined {
  if (copies.size === 0) return undefined;
  const bytes = Buffer.from(sql);
  const notes = new Notes(bytes, 0, bytes.length);
  let mentions = false;
  walk(node, tree, (tag, body) => {
    if (tag !== "RangeVar") return;
    const table = astOf(body);
    if (!copies.has(qualified(table))) return;
    mentions = true;
    if (table.schemaname === undefined) return;
    const start = ((table.location as number | undefined) ?? 0) - at;
    const end = notes.endOfName(start);
    notes.replace(start, end, identifier("pg_temp"));
  });
  return mentions ? notes.edited() : undefined;
}
