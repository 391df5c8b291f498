import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { SourceFile } from "./testing/source.ts";
import { strayImports, strayPackages, strayValues } from "./testing/tidy-imports.ts";
import { strayMigrations, strayWrites } from "./testing/tidy-sql.ts";
import {
  limits,
  strayEnvironment,
  strayExports,
  strayLeftovers,
  strayLengths,
  strayNames,
} from "./testing/tidy-text.ts";

const top = fileURLToPath(new URL("..", import.meta.url));
const houses = [
  "server",
  "worker",
  "bench",
  "mutants",
  "migrations",
  "admin-ui",
  "dsql-local",
  "grafana",
  "helm",
];

function read(): SourceFile[] {
  const entries = readdirSync(top, { withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  for (const { name } of entries.filter((entry) => houses.includes(entry.name))) {
    const inside = readdirSync(`${top}${name}`, { recursive: true, encoding: "utf8" });
    paths.push(...inside.map((path) => `${name}/${path.replaceAll("\\", "/")}`));
  }
  return paths
    .filter((path) => /\.(tsx?|sql)$/.test(path) && !/(^|\/)(node_modules|dist[^/]*)\//.test(path))
    .map((path) => ({ path, text: readFileSync(`${top}${path}`, "utf8") }));
}

describe("the house", () => {
  const files = read();

  it("is looked at as a whole", () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["server/base/config.ts", "migrations/0001_organisations.sql"]),
    );
  });
  it("lets imports go down and never up or sideways", () => {
    expect(strayImports(files)).toEqual([]);
    expect(strayValues(files)).toEqual([]);
  });
  it("keeps each library in its room", () => {
    expect(strayPackages(files)).toEqual([]);
  });
  it("lets each table be written only by the rooms its migration names", () => {
    expect(strayWrites(files)).toEqual([]);
  });
  it("has one repeatable statement in each step of a migration", () => {
    expect(strayMigrations(files)).toEqual([]);
  });
  it("reads the environment in one place", () => {
    expect(strayEnvironment(files)).toEqual([]);
  });
  it("has short files and functions", () => {
    expect(strayLengths(files)).toEqual([]);
  });
  it("has no default exports and no barrels", () => {
    expect(strayExports(files)).toEqual([]);
  });
  it("has names that say something", () => {
    expect(strayNames(files)).toEqual([]);
  });
  it("leaves nothing for later and tests everything it says", () => {
    expect(strayLeftovers(files)).toEqual([]);
  });
});

const planted = (path: string, text: string): SourceFile[] => [{ path, text }];
const importing = (from: string, to: string) => planted(from, `import { x } from "${to}";`);

describe("a planted violation is caught", () => {
  it.each([
    ["server/kernel/a.ts", "../http/body.ts"],
    ["server/kernel/a.ts", "../proof/prove.ts"],
    ["server/db/a.ts", "../kernel/ask.ts"],
    ["server/base/a.ts", "../db/open.ts"],
    ["server/proof/a.ts", "../balances/copies.ts"],
    ["server/items/a.ts", "../mandates/store.ts"],
    ["server/items/a.ts", "../http/app.ts"],
    ["server/http/body.ts", "../items/routes.ts"],
    ["server/main.ts", "../worker/main.ts"],
    ["worker/main.ts", "../server/main.ts"],
    ["worker/main.ts", "../server/items/routes.ts"],
    ["server/main.ts", "./cli.ts"],
    ["server/kernel/a.ts", "../testing/database.ts"],
    ["server/cli.ts", "../bench/main.ts"],
    ["server/kernel/a.ts", "../loose.ts"],
    ["admin-ui/src/api.ts", "../../server/items/store.ts"],
    ["server/http/console.ts", "../../admin-ui/src/paths.ts"],
  ])("%s importing %s", (from, to) => {
    expect(strayImports(importing(from, to))).toHaveLength(1);
    expect(strayImports(planted(from, `const x = await import("${to}");`))).toHaveLength(1);
    expect(strayImports(planted(from, `import type { X } from "${to}";`))).toHaveLength(1);
  });

  it.each([
    ["server/kernel/a.ts", "../db/transact.ts"],
    ["server/items/routes.ts", "../http/body.ts"],
    ["server/cli.ts", "./proof/prove.ts"],
    ["worker/main.ts", "../server/items/store.ts"],
    ["server/kernel/a.test.ts", "../testing/database.ts"],
    ["bench/main.ts", "../server/testing/database.ts"],
    ["admin-ui/src/api.ts", "../../server/items/wire.ts"],
  ])("but not %s importing %s", (from, to) => {
    expect(strayImports(importing(from, to))).toEqual([]);
  });

  it.each([
    ["server/kernel/a.ts", "pg"],
    ["server/testing-not/a.ts", "pg"],
    ["server/items/routes.ts", "bullmq"],
    ["server/kernel/a.ts", "express"],
    ["server/kernel/a.ts", "ioredis"],
    ["server/proof/a.ts", "@aws-sdk/client-dynamodb"],
    ["server/readplane/put.ts", "@aws-sdk/dsql-signer"],
    ["server/items/store.ts", "express"],
  ])("%s using %s", (from, name) => {
    expect(strayPackages(importing(from, name))).toHaveLength(1);
  });

  const shops = {
    path: "migrations/0001_shops.sql",
    text: "-- Written by: server/shops\ncreate table if not exists shops (id bigint);",
  };
  it.each([
    "insert into shops (id) values (1)",
    "update shops s set id = 2",
    "with gone as (delete from shops returning id) select 1",
    "truncate shops",
    "INSERT INTO ${table} (id) values (1)",
  ])("writing another room's table: %s", (statement) => {
    const code = "export const q = sql`" + statement + "`;";
    const [wrong] = strayWrites([shops, ...planted("server/kernel/a.ts", code)]);
    expect(wrong).toContain("server/kernel/a.ts");
    const own = strayWrites([shops, ...planted("server/shops/store.ts", code)]);
    expect(own).toHaveLength(statement.includes("${") ? 1 : 0);
  });

  it.each([
    ["two statements", "create table if not exists a (b int); drop table if exists c;"],
    ["a statement that fails when run again", "create table a (b int);"],
    ["an index that blocks writers", "create index if not exists i on a (b);"],
    ["a changed row", "update a set b = b + 1;"],
  ])("%s in a step of a migration", (_, text) => {
    const step = `-- Written by: server/shops\n${text}`;
    expect(strayMigrations(planted("migrations/0001_a.sql", step))).toHaveLength(1);
  });

  it("a table without an owner, two tables in a file, a file without a number", () => {
    const table = "create table if not exists a (b int);";
    expect(strayMigrations(planted("migrations/0001_a.sql", table))).toHaveLength(1);
    const two = `-- Written by: server/a\n${table}\n-- step\n${table}`;
    expect(strayMigrations(planted("migrations/0001_a.sql", two))).toHaveLength(1);
    const owned = `-- Written by: server/a\n${table}`;
    expect(strayMigrations(planted("migrations/1-a.sql", owned))).toHaveLength(1);
  });

  it("a value of the server on a screen", () => {
    const wire = '"../../server/items/wire.ts"';
    const path = "admin-ui/src/a.ts";
    expect(strayValues(planted(path, `import { x } from ${wire};`))).toHaveLength(1);
    expect(strayValues(planted(path, `import { type X } from ${wire};`))).toHaveLength(1);
    expect(strayValues(planted(path, `import type { X } from ${wire};`))).toEqual([]);
  });

  it("a screen's file that is not called as what is in it", () => {
    expect(strayNames(planted("admin-ui/src/ui/data-table.tsx", ""))).toHaveLength(1);
    expect(strayNames(planted("admin-ui/src/ui/DataTable.tsx", ""))).toEqual([]);
  });

  it("a second reader of the environment", () => {
    const direct = planted("server/db/a.ts", "export const a = process.env.HOME;");
    const taken = planted("server/db/a.ts", 'import { env } from "node:process";');
    expect([...strayEnvironment(direct), ...strayEnvironment(taken)]).toHaveLength(2);
  });

  it("a long file, a long function", () => {
    const lines = (count: number) => "f();\n".repeat(count);
    expect(strayLengths(planted("server/db/a.ts", lines(limits.file)))).toEqual([]);
    expect(strayLengths(planted("server/db/a.ts", lines(limits.file + 1)))).toHaveLength(1);
    expect(strayLengths(planted("server/db/a.test.ts", lines(limits.file + 1)))).toEqual([]);
    const arrow = `const f = () => {\n${lines(limits.function)}};`;
    expect(strayLengths(planted("server/db/a.ts", arrow))).toHaveLength(1);
  });

  it("a default export, a barrel", () => {
    expect(strayExports(planted("server/db/a.ts", "export default 1;"))).toHaveLength(1);
    expect(
      strayExports(planted("server/db/a.ts", "const a = 1; export { a as default };")),
    ).toHaveLength(1);
    expect(strayExports(planted("server/db/a.ts", 'export * from "./b.ts";'))).toHaveLength(1);
    expect(strayExports(planted("server/db/a.ts", 'export { b } from "./b.ts";'))).toHaveLength(1);
    expect(strayExports(planted("vitest.config.ts", "export default {};"))).toEqual([]);
  });

  it("a name that says nothing", () => {
    expect(strayNames(planted("server/db/utils.ts", ""))).toHaveLength(1);
    expect(strayNames(planted("server/common/a.ts", ""))).toHaveLength(1);
    expect(strayNames(planted("server/db/fooBar.ts", ""))).toHaveLength(1);
    for (const code of ["export class LockManager {}", "export function jsonHelper() {}"]) {
      expect(strayNames(planted("server/db/a.ts", code))).toHaveLength(1);
    }
    expect(strayNames(planted("server/db/a.ts", "export const utility = 1;"))).toEqual([]);
  });

  it("a test that does not run, a note to do it later", () => {
    for (const word of ["only", "skip", "todo"]) {
      expect(strayLeftovers(planted("server/a.test.ts", `it.${word}("x")`))).toHaveLength(1);
    }
    expect(strayLeftovers(planted("server/db/a.ts", `// ${"TO"}${"DO"}: later`))).toHaveLength(1);
  });
});
