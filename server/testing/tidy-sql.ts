import { parseMigration } from "../db/migration-files.ts";
import { factsOf, isTest, isTypeScript, type SourceFile } from "./source.ts";

const isMigration = ({ path }: SourceFile): boolean => /^migrations\/\d.*\.sql$/.test(path);

/** Tables and the rooms that may write them, from the headers of the migrations that make them. */
function ownersIn(files: readonly SourceFile[]): Map<string, readonly string[]> {
  // The log of migrations is made before the first migration runs.
  const owners = new Map<string, readonly string[]>([["schema_migrations", ["server/db"]]]);
  for (const { text } of files.filter(isMigration)) {
    const table = /^create table if not exists (\w+)/m.exec(text)?.[1];
    const rooms = /^-- Written by: (.+)$/m.exec(text)?.[1];
    if (table) owners.set(table, rooms?.split(",").map((room) => room.trim()) ?? []);
  }
  return owners;
}

const writes =
  /\b(?:insert\s+into|update(?:\s+only)?|delete\s+from(?:\s+only)?|truncate(?:\s+table)?|merge\s+into|copy)\s+(?:"?(\w+)"?|\$\{\})/gi;

/** Whatever tables there are, the database tells which: to delete worlds, to back up and to restore. */
const ofAllTables = new Set([
  "server/db/purge.ts",
  "server/db/dump.ts",
  "server/db/load.ts",
  "server/backups/format.ts",
]);

/** Each table is written only by the rooms that its migration names. */
export function strayWrites(files: readonly SourceFile[]): string[] {
  const owners = ownersIn(files);
  const wrong: string[] = [];
  for (const file of files.filter(isTypeScript)) {
    // These fill and break databases of their own; no screen sees one.
    if (isTest(file) || /^(server\/testing|bench|mutants|admin-ui)\//.test(file.path)) continue;
    if (ofAllTables.has(file.path)) continue;
    for (const text of factsOf(file).texts) {
      for (const [phrase, table] of text.matchAll(writes)) {
        if (table === undefined) {
          wrong.push(`${file.path}: "${phrase}" does not say which table it writes`);
          continue;
        }
        const rooms = owners.get(table.toLowerCase());
        if (!rooms || rooms.some((room) => file.path.startsWith(`${room}/`))) continue;
        wrong.push(`${file.path} writes ${table}, which belongs to ${rooms.join(" and ")}`);
      }
    }
  }
  return wrong;
}

/** Statements that do no harm when they run a second time. */
const repeatable = [
  /^create table if not exists /,
  /^create (unique )?index \/\*async\*\/ if not exists /,
  /^create or replace (function|trigger|view|procedure) /,
  /^alter table (if exists )?\w+ (add column if not exists|drop column if exists) /,
  /^alter table (if exists )?\w+ (alter|drop constraint if exists|enable|disable|set|reset) ?/,
  /^drop (table|index|trigger|function|view) if exists /,
  /^insert into [^]* on conflict /,
];

/** A header that names owners, one table a file, one repeatable statement a step. */
export function strayMigrations(files: readonly SourceFile[]): string[] {
  const wrong: string[] = [];
  for (const { path, text } of files.filter(isMigration)) {
    const tables = text.match(/^create table/gm)?.length ?? 0;
    if (tables > 1) wrong.push(`${path} makes ${tables} tables: one a file`);
    if (tables === 1 && !/^-- Written by: (server|worker)\/\w+/m.test(text)) {
      wrong.push(`${path} does not say who writes its table ("-- Written by: server/…")`);
    }
    const file = path.slice(path.lastIndexOf("/") + 1);
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(file)) wrong.push(`${path} is not named 0000_name.sql`);
    parseMigration(file, text).steps.forEach((step, index) => {
      const where = `${path}, step ${index + 1}`;
      const statement = withoutComments(step);
      if (statementsIn(statement) !== 1) wrong.push(`${where} is not exactly one statement`);
      const head = statement.replaceAll(/\s+/g, " ").trim().toLowerCase();
      if (!repeatable.some((form) => form.test(head))) {
        wrong.push(`${where} may do harm when it runs again`);
      }
    });
  }
  return wrong;
}

const withoutComments = (sql: string): string => sql.replaceAll(/--.*$/gm, "");

/** Semicolons inside quotes and function bodies separate nothing. */
function statementsIn(sql: string): number {
  const bare = sql.replaceAll(/\$(\w*)\$[^]*?\$\1\$/g, "x").replaceAll(/'(?:[^']|'')*'/g, "x");
  return bare.split(";").filter((part) => part.trim() !== "").length;
}
