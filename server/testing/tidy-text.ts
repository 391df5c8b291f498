import { basename } from "node:path";
import { factsOf, isTest, isTypeScript, type SourceFile } from "./source.ts";

export const limits = { file: 300, testFile: 400, function: 70 };

/** Files that one can read in one sitting, functions that one sees at a glance. */
export function strayLengths(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const file of files.filter(isTypeScript)) {
    const lines = file.text.trimEnd().split("\n").length;
    const limit = isTest(file) ? limits.testFile : limits.file;
    if (lines > limit) wrong.push(`${file.path} has ${lines} lines (at most ${limit})`);
    // The outermost function of a test file is a list of tests, not something to understand.
    if (isTest(file)) continue;
    for (const { line, lines: length } of factsOf(file).functions) {
      if (length <= limits.function) continue;
      wrong.push(
        `${file.path}:${line} has a function of ${length} lines (at most ${limits.function})`,
      );
    }
  }
  return wrong;
}

/** The environment is read in one place, and that place is `server/base/config.ts`. */
export function strayEnvironment(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => isTypeScript(file) && factsOf(file).readsEnvironment)
    .filter(({ path }) => path !== "server/base/config.ts")
    .map(({ path }) => `${path} reads the environment`);
}

/** No default exports, no barrels. */
export function strayExports(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const file of files.filter(isTypeScript)) {
    const { defaultExport, reExports } = factsOf(file);
    // A tool's own file is as the tool wants it.
    if (defaultExport && !file.path.endsWith(".config.ts")) {
      wrong.push(`${file.path} has a default export`);
    }
    if (reExports) wrong.push(`${file.path} passes on what another file exports`);
  }
  return wrong;
}

/** Words that say nothing about what is inside. */
const empty = new Set(
  ["manager", "service", "helper", "util", "common"].flatMap((word) => [word, `${word}s`]),
);

export function strayNames(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const file of files.filter(isTypeScript)) {
    const pathWords = file.path.replace(/\.\w+$/, "").split(/[^A-Za-z0-9]+/);
    const word = pathWords.flatMap(wordsOf).find((part) => empty.has(part));
    if (word) wrong.push(`${file.path}: "${word}" does not say what is inside`);
    const name = basename(file.path);
    if (name.endsWith(".tsx") && !/^(([A-Z][a-z0-9]*)+|main|routes)\.tsx$/.test(name)) {
      wrong.push(`${file.path} is not in PascalCase`);
    }
    if (!name.endsWith(".tsx") && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(name)) {
      wrong.push(`${file.path} is not in kebab-case`);
    }
    for (const exported of factsOf(file).exported) {
      const part = wordsOf(exported).find((piece) => empty.has(piece));
      if (part) wrong.push(`${file.path} exports ${exported}: "${part}" does not say what it is`);
    }
  }
  return wrong;
}

function wordsOf(name: string): string[] {
  return name.split(/(?<=[a-z0-9])(?=[A-Z])|[-_.]/).map((word) => word.toLowerCase());
}

// Written so that the rule does not find itself.
const unfinished = /\bTO(?:DO)\b|\bFIX(?:ME)\b|\b(?:it|test|describe)\.(?:only|skip|todo)\b/;

/** What is not done is not here; what is tested is tested. */
export function strayLeftovers(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const { path, text } of files) {
    text.split("\n").forEach((line, index) => {
      const found = unfinished.exec(line)?.[0];
      if (found) wrong.push(`${path}:${index + 1} says ${found}`);
    });
  }
  return wrong;
}
