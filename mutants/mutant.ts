import type { CrashPoint } from "../server/base/crash-points.ts";

/** A way in which the product could be wrong, and the test that must notice. */
export interface Mutant {
  readonly name: string;
  /** None where the test itself breaks what is beneath the product, and passes if that is noticed. */
  readonly changes: readonly Change[];
  /** The promise that it breaks, as docs/explanation/correctness.md numbers them. */
  readonly breaks?: string;
  /** What has to happen meanwhile: faults of `zerorace verify`, or deaths at crash points. */
  readonly under?: readonly string[];
  /** The test file, and what the names of the tests in it that must fail have in common. */
  readonly caughtBy: readonly [file: string, tests: string];
}

export interface Change {
  readonly file: string;
  /** Occurs exactly once, or the mutant is out of date. */
  readonly find: string;
  readonly replace: string;
}

/** In the place of a test file: the command itself, which then strikes nothing but this fault. */
export const theCommand = "zerorace verify";

export function struckBy(fault: string, breaks: string): Omit<Mutant, "name" | "changes"> {
  return { breaks, under: [fault], caughtBy: [theCommand, `--faults ${fault}`] };
}

/** The same on a local Aurora DSQL. */
export function struckOnDsql(fault: string, breaks: string): Omit<Mutant, "name" | "changes"> {
  return { breaks, under: [fault], caughtBy: [theCommand, `--engine dsql --faults ${fault}`] };
}

/** Processes of the tests die at these points, as the crash plan names them, and at no others. */
export function dying(
  points: readonly string[],
  caughtBy: Mutant["caughtBy"],
  changes: readonly Change[],
): Omit<Mutant, "name"> {
  const only: Change = {
    file: "server/testing/crash-plan.ts",
    find: "crashes.filter((_, index) => index % oneIn === turn % oneIn)",
    replace: `crashes.filter(({ at }) => ${JSON.stringify(points)}.some((one) => at.startsWith(one)) && oneIn + turn > 0)`,
  };
  const under = points.map((point) => point.replace(/@.*/, "") as CrashPoint);
  return { changes: [only, ...changes], under, caughtBy };
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

/** A statement sees what others committed since its transaction began. */
export const readCommitted: Change = {
  file: "server/db/transact.ts",
  find: 'const begin = "begin isolation level repeatable read";',
  replace: 'const begin = "begin isolation level read committed";',
};

/** The database is still asked to commit, and nobody waits for what it says. */
export const answersBeforeCommit: Change = {
  file: "server/db/transact.ts",
  find: "const { command } = await committing;",
  replace: 'committing.catch(() => undefined); const command = "COMMIT" as string;',
};

/** Who sent a COMMIT and heard nothing does not ask again what became of it. */
export const neverRecallsADoubt: Change = {
  file: "server/db/transact.ts",
  find: 'return recalls && (fault === "duplicate" || fault === "doubt");',
  replace: 'return recalls && fault === "duplicate";',
};

export const ignoresTheKey: Change = kernel(
  "apply.ts",
  '  key: ["text", (r) => r.key],',
  '  key: ["text", (r) => `${r.key}~${r.askId.slice(-12)}`],',
);

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
