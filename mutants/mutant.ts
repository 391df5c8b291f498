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

export const kernel = (file: string, find: string, replace: string): Change => ({
  file: `server/kernel/${file}`,
  find,
  replace,
});
