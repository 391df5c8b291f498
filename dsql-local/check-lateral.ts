import { astOf, listOf, namesIn, textOf, walk, type Ast } from "./ast.ts";
import { literal, qualified, type Notes } from "./notes.ts";
import { refuse } from "./rules.ts";

/**
 * A defect of the service's planner, recorded in September 2026: a LEFT JOIN LATERAL whose subquery
 * hands on a column from outside as it is. Whose a column without a table is, the catalog may have to say.
 */
export function handsOnOuterColumn({ jointype, larg, rarg }: Ast, notes: Notes): boolean {
  const subselect = astOf(astOf(rarg).RangeSubselect);
  if (jointype !== "JOIN_LEFT" || !subselect.lateral) return false;
  const outer = tablesIn(astOf(larg));
  const names = new Set(outer.map(nameOf));
  const { targetList, fromClause } = astOf(astOf(subselect.subquery).SelectStmt);
  const inner = listOf(fromClause);
  return listOf(targetList).some((target) => {
    const fields = listOf(astOf(astOf(astOf(target.ResTarget).val).ColumnRef).fields);
    const [first = "", second] = namesIn(fields);
    if (fields.length !== 1) return second !== undefined && names.has(first);
    if (first === "") return false;
    if (inner.length === 0) return true;
    if (inner.every((node) => "RangeVar" in node)) {
      isOutside(
        first,
        outer,
        inner.flatMap((node) => tablesIn(node)),
        notes,
      );
    }
    return false;
  });
}

function tablesIn(node: Ast): Ast[] {
  const tables: Ast[] = [];
  walk("", node, (tag, body) => {
    if (tag === "RangeVar") tables.push(body);
  });
  return tables;
}

const nameOf = ({ alias, relname }: Ast): string => textOf(astOf(alias).aliasname ?? relname);

/** Refused when a table outside has the column and none of those inside, all of them known. */
function isOutside(column: string, outer: Ast[], inner: Ast[], notes: Notes): void {
  const list = (tables: Ast[]): string =>
    `array[${tables.map((table) => `to_regclass(${literal(qualified(table))})`).join(", ")}]::oid[]`;
  const has = (tables: Ast[]): string =>
    `exists (select from pg_attribute where attrelid = any(${list(tables)})
       and attname = ${literal(column)} and not attisdropped)`;
  notes.guards.push({
    sql: `select where ${has(outer)} and not ${has(inner)} and array_position(${list(inner)}, null) is null`,
    refusal: refuse("lateral"),
  });
}
