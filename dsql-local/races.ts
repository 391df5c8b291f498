import type { ServerError } from "./frames.ts";
import { identifier, literal } from "./notes.ts";
import type { Work } from "./work.ts";

/**
 * Whether a duplicate key is that of a row which the transaction cannot see: then another one was
 * first, and DSQL says so at COMMIT. A row that it can see is a plain duplicate.
 */
export async function isRace(work: Work, { fields }: ServerError): Promise<boolean> {
  const table = `${identifier(fields.get("s") ?? "")}.${identifier(fields.get("t") ?? "")}`;
  const [, columns = "", values = ""] =
    /^Key \((.*)\)=\((.*)\) already exists\.$/s.exec(fields.get("D") ?? "") ?? [];
  const names = parted(columns);
  const texts = names.length === 1 ? [values] : parted(values);
  // Values with commas in them cannot be told apart: then a race is the better guess.
  if (names.length === 0 || names.length !== texts.length) return true;
  const index = literal(
    `${identifier(fields.get("s") ?? "")}.${identifier(fields.get("n") ?? "")}`,
  );
  const [[predicate] = [null]] = await work.ask(
    `select pg_get_expr(indpred, indrelid) from pg_index where indexrelid = to_regclass(${index})`,
  );
  const same = names.map((name, at) => {
    const text = texts[at] ?? "";
    return text === "null" ? `(${name}) is null` : `(${name}) = ${literal(text)}`;
  });
  const where = [...same, ...(predicate == null ? [] : [predicate])].join(" and ");
  const seen = await work.ask(`select 1 from ${table} where ${where} limit 1`);
  return seen.length === 0;
}

/**
 * Whether a foreign key is broken by what another has committed meanwhile: by a child that the
 * transaction cannot see, or by the end of a parent that it still sees.
 */
export async function isForeignRace(work: Work, { fields }: ServerError): Promise<boolean> {
  const [, , values = "", what] =
    /^Key \((.*)\)=\((.*)\) is (still referenced|not present) /s.exec(fields.get("D") ?? "") ?? [];
  const child = `${identifier(fields.get("s") ?? "")}.${identifier(fields.get("t") ?? "")}`;
  const isOrphaned = what === "still referenced";
  const [side, key] = isOrphaned ? ["conrelid", "conkey"] : ["confrelid", "confkey"];
  const columns = await work.ask(
    `select ${side}::regclass, a.attname from pg_constraint c, unnest(${key}) with ordinality k (num, nth)
       join pg_attribute a on a.attnum = k.num
      where c.conrelid = to_regclass(${literal(child)}) and c.conname = ${literal(fields.get("n") ?? "")}
        and a.attrelid = ${side} order by k.nth`,
  );
  const texts = columns.length === 1 ? [values] : parted(values);
  if (what === undefined || columns.length !== texts.length) return true;
  const where = columns.map(
    ([, name], at) => `${identifier(name ?? "")} = ${literal(texts[at] ?? "")}`,
  );
  const seen = await work.ask(
    `select 1 from ${columns[0]?.[0]} where ${where.join(" and ")} limit 1`,
  );
  return isOrphaned ? seen.length === 0 : seen.length > 0;
}

/** Parts between commas that stand outside of all parentheses and quotes. */
function parted(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (letter === "(") depth++;
    if (letter === ")") depth--;
    if (letter !== "," || depth > 0 || text[at + 1] !== " ") continue;
    parts.push(text.slice(from, at));
    from = at + 2;
  }
  return text === "" ? [] : [...parts, text.slice(from)];
}
