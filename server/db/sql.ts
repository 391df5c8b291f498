/** A statement and its parameters. With a name it is prepared once per connection. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string;
}

/** A piece of a statement that brings its own parameters. */
export abstract class Part {
  abstract readonly values: readonly unknown[];
  /** Depends on nothing else than the number that its first parameter gets: texts are kept. */
  abstract textFrom(first: number): string;
}

/** A constant part of a statement, such as a list of columns that two of them share. */
export class Fragment extends Part {
  readonly text: string;
  readonly values = [];

  constructor(text: string) {
    super();
    this.text = text;
  }

  textFrom(): string {
    return this.text;
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
    let next = 1;
    text = strings.reduce((before, literal, index) => {
      const value = values[index - 1];
      const first = next;
      next += value instanceof Part ? value.values.length : 1;
      return before + (value instanceof Part ? value.textFrom(first) : `$${first}`) + literal;
    });
    texts.set(strings, text);
  }
  return text;
}

function parametersOf(values: readonly unknown[]): readonly unknown[] {
  return values.some((value) => value instanceof Part)
    ? values.flatMap((value) => (value instanceof Part ? value.values : [value]))
    : values;
}
