/** Words and marks of SQL, as far as they are needed before the parser can be asked. */
export interface Token {
  readonly kind: "word" | "quoted" | "string" | "mark";
  /** Words in lower case. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const space = /\s+/y;
const lineComment = /--[^\n]*/y;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const quoted = /"(?:[^"]|"")*"/y;
const escaped = /[eE]'(?:[^'\\]|\\.|'')*'/sy;
const string = /'(?:[^']|'')*'/y;
const dollar = /\$([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const number = /\d[\w.]*/y;

/** Cuts SQL into tokens; what it cannot read comes as marks, for the parser to complain about. */
export function* tokensOf(sql: string): Generator<Token> {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < sql.length) {
    if (take(space) !== undefined || take(lineComment) !== undefined) continue;
    if (sql.startsWith("/*", at)) {
      at = endOfComment(sql, at);
      continue;
    }
    const start = at;
    const text = take(escaped) ?? take(string);
    if (text !== undefined) {
      yield { kind: "string", text, start, end: at };
      continue;
    }
    const name = take(quoted);
    if (name !== undefined) {
      yield { kind: "quoted", text: name, start, end: at };
      continue;
    }
    const tag = take(dollar);
    if (tag !== undefined) {
      const close = sql.indexOf(tag, at);
      at = close < 0 ? sql.length : close + tag.length;
      yield { kind: "string", text: sql.slice(start, at), start, end: at };
      continue;
    }
    const found = take(word);
    if (found !== undefined) {
      yield { kind: "word", text: found.toLowerCase(), start, end: at };
      continue;
    }
    if (take(number) === undefined) at++;
    yield { kind: "mark", text: sql.slice(start, at), start, end: at };
  }
}

/** Comments of this kind nest. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith("/*", at)) {
      depth++;
      at++;
    } else if (sql.startsWith("*/", at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}
