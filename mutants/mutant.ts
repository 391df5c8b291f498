/** A way in which the product could be wrong, and the test that must notice. */
export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** The test file, and what the names of the tests in it that must fail have in common. */
  readonly caughtBy: readonly [file: string, tests: string];
}

export interface Change {
  readonly file: string;
  /** Occurs exactly once, or the mutant is out of date. */
  readonly find: string;
  readonly replace: string;
}

/** What is random is tried longer than in a test run, where nothing is known to be broken. */
export const longer: Change = {
  file: "vitest.config.ts",
  find: "testSequences: 120",
  replace: "testSequences: 1_000",
};

export const kernel = (file: string, find: string, replace: string): Change => ({
  file: `server/kernel/${file}`,
  find,
  replace,
});

/** Where the text stands that a change wants to replace: one place, or it is out of date. */
export function placesOf(text: string, find: string): RegExpExecArray[] {
  return [...text.matchAll(anyLayout(find))];
}

/** The text however it is broken into lines: the formatter may have been here since. */
function anyLayout(find: string): RegExp {
  const tokens = find.match(/\w+|[^\s\w]/g) ?? [];
  const escaped = tokens.map((token) => {
    const exact = token.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    return /^[)\]}]$/.test(token) ? `(?:,\\s*)?${exact}` : exact;
  });
  return new RegExp(escaped.join("\\s*"), "g");
}
