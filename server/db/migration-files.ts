import { readFile, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** One file of `migrations/`: a number, a name, and statements that are applied one by one. */
export interface Migration {
  readonly version: number;
  /** Without its ending: `0001_organisations`. */
  readonly name: string;
  readonly steps: readonly string[];
  /** Of these, by index, those that only PostgreSQL takes. */
  readonly postgresOnly: ReadonlySet<number>;
  /**
   * The oldest migration that a server must know to serve once this one is taken: 0 where it only adds.
   * One that takes something away says so in its header: `-- Contract: since 0133: why`.
   */
  readonly needs: number;
}

const ownDir = fileURLToPath(new URL("../../migrations/", import.meta.url));

const namesIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort();

/** The number of the newest migration that this version knows. */
export async function newestKnown(): Promise<number> {
  return Number((await namesIn(ownDir)).at(-1)?.slice(0, 4) ?? 0);
}

export async function readMigrations(dir = ownDir): Promise<Migration[]> {
  const names = await namesIn(dir);
  const migrations: Migration[] = [];
  for (const name of names) {
    const migration = parseMigration(name, await readFile(`${dir}/${name}`, "utf8"));
    const twin = migrations.find(({ version }) => version === migration.version);
    if (twin) throw new Error(`${twin.name}.sql and ${name} have the same number.`);
    migrations.push(migration);
  }
  return migrations;
}

/** `-- step` on a line of its own begins the next statement; `(postgres)` keeps it from other engines. */
export function parseMigration(file: string, text: string): Migration {
  const name = file.replace(/\.sql$/, "");
  const [first = "", ...rest] = text.split(/^-- step( \(postgres\))?[ \t]*$/m);
  // Nothing but a header before the first mark is no step.
  const steps = first.replaceAll(/^--.*$/gm, "").trim() === "" ? [] : [first.trim()];
  const postgresOnly = new Set<number>();
  // A split with a group returns what the group held, before each part.
  for (let index = 0; index < rest.length; index += 2) {
    if (rest[index] !== undefined) postgresOnly.add(steps.length);
    steps.push((rest[index + 1] ?? "").trim());
  }
  const version = Number(name.slice(0, 4));
  return { version, name, steps, postgresOnly, needs: needsOf(file, version, text) };
}

function needsOf(file: string, version: number, text: string): number {
  const said = /^-- Contract:(.*)$/m.exec(text)?.[1];
  if (said === undefined) return 0;
  const needs = Number(/^ since (\d{4}): \S/.exec(said)?.[1] ?? 0);
  if (needs >= 1 && needs <= version) return needs;
  throw new Error(
    `${file} must say since when servers do without what it takes away, and what that is: ` +
      "`-- Contract: since 0133: no server from there on reads the column`.",
  );
}
