/** A statement and its parameters. With a name it is prepared once per connection. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string;
}

/** A constant part of a statement, such as a list of columns that two of them share. */
export class Fragment {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `sql\`select … where id = ${id}\``: every `${}` becomes a numbered parameter, never text. */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  return { text: textOf(strings, values), values: parametersOf(values) };
}

/** The same for a statement worth preparing: `const load = prepared("load")`, then load\`select …\`. */
export function prepared(name: string): typeof sql {
  return (strings, ...values) => ({ name, ...sql(strings, ...values) });
}

// The literal parts of a template are one frozen array per place in the source: numbering is done once.
const texts = new WeakMap<TemplateStringsArray, string>();

function textOf(strings: TemplateStringsArray, values: readonly unknown[]): string {
  let text = texts.get(strings);
  if (text === undefined) {
    let parameters = 0;
    text = strings.reduce((before, part, index) => {
      const value = values[index - 1];
      return before + (value instanceof Fragment ? value.text : `$${++parameters}`) + part;
    });
    texts.set(strings, text);
  }
  return text;
}

function parametersOf(values: readonly unknown[]): readonly unknown[] {
  return values.some((value) => value instanceof Fragment)
    ? values.filter((value) => !(value instanceof Fragment))
    : values;
}

/**
 * A column of values as one text parameter, for `string_to_array($1, E'\n')`: a line a value, an
 * empty line for null. Building and parsing it costs a fraction of an array literal with its
 * quoting; no value may hold a line break (uuids, numbers, JSON and checked names never do).
 */
export function lines(values: readonly (string | number | bigint | boolean | null)[]): string {
  return values.join("\n");
}
