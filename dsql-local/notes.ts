import { refuse, rules, type Refusal } from "./rules.ts";
import type { Ast } from "./ast.ts";
import { textOf } from "./ast.ts";

/** One change of a statement on its way to PostgreSQL, at a place counted in bytes. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** A look at the catalog that a statement needs first: a row in its answer is a refusal. */
export interface Guard {
  readonly sql: string;
  /** In place of the code and the message in the row. */
  readonly refusal?: Refusal;
}

/** What the checks find out about a statement besides whether it is refused. */
export class Notes {
  readonly edits: Edit[] = [];
  readonly guards: Guard[] = [];
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;

  /** Of the statement that these bytes hold from `start` to `end`: the parser counts from their beginning. */
  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The statement as PostgreSQL is to get it. */
  edited(): string {
    const edits = this.edits.toSorted((a, b) => a.at - b.at);
    let text = "";
    let at = this.#start;
    for (const edit of edits) {
      text += this.#bytes.toString("utf8", at, edit.at) + edit.insert;
      at = edit.at + edit.remove;
    }
    return text + this.#bytes.toString("utf8", at, this.#end);
  }

  insert(at: number, text: string): void {
    this.edits.push({ at, remove: 0, insert: text });
  }

  /** Behind a name that may be qualified. */
  insertAfterName(at: number, text: string): void {
    const past = (from: number): number => {
      let next = from;
      while (isSpace(this.#bytes[next] ?? 0)) next++;
      return next;
    };
    let end = this.endOfName(at);
    for (let dot = past(end); this.#bytes[dot] === 0x2e; dot = past(end)) {
      end = this.endOfName(past(dot + 1));
    }
    this.insert(end, text);
  }

  replaceAll(text: string): void {
    this.replace(this.#start, this.#end, text);
  }

  /** Behind the identifier, quoted or plain, that begins here. */
  endOfName(at: number): number {
    let end = at;
    if (this.#bytes[at] === 0x22) {
      end = this.#bytes.indexOf(0x22, at + 1);
      return end < 0 ? this.#bytes.length : end + 1;
    }
    while (end < this.#bytes.length && isNameByte(this.#bytes[end] ?? 0)) end++;
    return end;
  }

  replace(at: number, end: number, text: string): void {
    this.edits.push({ at, remove: end - at, insert: text });
  }

  /** The rest of the statement. */
  from(at: number): string {
    return this.#bytes.toString("utf8", at, this.#end);
  }

  byteAt(at: number): number | undefined {
    return this.#bytes[at];
  }

  mayWiden(table: Ast, most: number): void {
    this.guards.push({
      sql: `select from dsql_local.columns_of(${literal(qualified(table))}) n where n >= ${most}`,
      refusal: refuse("columnCount"),
    });
  }

  validates(table: Ast, constraint: string): void {
    const [name, of] = [literal(constraint), literal(qualified(table))];
    this.guards.push({
      sql: `select where not exists (select from pg_constraint
             where conrelid = ${of}::regclass and conname = ${name})`,
      refusal: {
        sqlstate: "42704",
        message: `constraint "${constraint}" of relation "${textOf(table.relname)}" does not exist`,
      },
    });
  }

  identifies(table: Ast, column: string): void {
    const words = rules.identityType.text.split("{}").map(literal);
    const type = "format_type(a.atttypid, null)";
    this.guards.push({
      sql: `select '${rules.identityType.sqlstate}', ${words.join(` || ${type} || `)} from pg_attribute a
             where attrelid = to_regclass(${literal(qualified(table))}) and attname = ${literal(column)}
               and atttypid <> 'int8'::regtype`,
    });
  }

  /** Unknown to PostgreSQL 16, unless somebody has made a function of that name. */
  isNewer(name: string, types: readonly string[]): void {
    this.guards.push({
      sql: `select where not exists (select from pg_proc where proname = ${literal(name)}
             and pronamespace <> 'pg_catalog'::regnamespace)`,
      refusal: refuse("noFunction", `${name}(${types.join(", ")})`),
    });
  }

  mayDropRole(role: string): void {
    this.guards.push({
      sql: `select from dsql_local.iam_mappings where pg_role_name = ${literal(role)}`,
      refusal: refuse("roleIsMapped", role),
    });
  }

  mayDrop(table: Ast, column: string): void {
    this.guards.push({
      sql: `select where dsql_local.is_key(${literal(qualified(table))}, ${literal(column)})`,
      refusal: refuse("dropKeyColumn", column),
    });
  }
}

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

function isNameByte(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  return isLetter || isDigit || byte === 0x5f || byte === 0x24 || byte >= 0x80;
}

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A RangeVar as SQL names it. */
export function qualified({ schemaname, relname }: Ast): string {
  const name = identifier(textOf(relname));
  return schemaname === undefined ? name : `${identifier(textOf(schemaname))}.${name}`;
}
