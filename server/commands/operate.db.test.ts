import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { migrate } from "../db/migrate.ts";
import { prepareRoles } from "../db/roles.ts";
import { readMigrations } from "../db/migration-files.ts";
import { makeBooks } from "../testing/books.ts";
import { runCommand } from "../testing/command-line.ts";
import { emptyDatabase, freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";

let dir: string;
let database: TestDatabase;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "zerorace-operate-"));
  database = await freshDatabase();
  await makeBooks(database.db);
});
afterAll(async () => {
  await database.close();
  await rm(dir, { recursive: true });
});

const env = (url = database.url) => ({
  ZERORACE_DATABASE_URL: url,
  ZERORACE_BACKUP_DIR: join(dir, "backups"),
  ZERORACE_DATA_DIR: join(dir, "data"),
});

interface Looked {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly about: string;
    readonly verdict: string;
    readonly says: string;
  }[];
}

async function check(url?: string): Promise<Looked & { readonly code: number | null }> {
  const { code, out } = await runCommand(["upgrade", "--check", "--json"], env(url));
  return { code, ...(JSON.parse(out) as Looked) };
}
const verdicts = ({ checks }: Looked) =>
  Object.fromEntries(checks.map(({ about, verdict }) => [about, verdict]));

it("upgrade --check finds nothing in the way of the version that runs, but asks for a backup", async () => {
  const before = await check();
  expect(before).toMatchObject({ code: 0, ok: true });
  expect(verdicts(before)).toMatchObject({ schema: "ok", indexes: "ok", backup: "look" });
  await runCommand(["backup", "create"], env());
  expect(verdicts(await check())).toMatchObject({ backup: "ok", disk: "ok" });
}, 60_000);

it("upgrade --check stops at a broken invariant, a newer database and an index that is not valid", async () => {
  await query(
    database.db,
    "insert into proof_findings (invariant, breaches, ms, checked_at) values ('oversells', 2, 1, now())",
  );
  expect(await check()).toMatchObject({ code: 1, ok: false });
  await query(database.db, "delete from proof_findings");
  await query(
    database.db,
    "update pg_index set indisvalid = false where indexrelid = 'asks_pkey'::regclass",
  );
  expect(verdicts(await check())).toMatchObject({ indexes: "stop" });
  await query(
    database.db,
    "update pg_index set indisvalid = true where indexrelid = 'asks_pkey'::regclass",
  );
  await query(
    database.db,
    "insert into schema_migrations (version, step, checksum) values (9999, 1, 'x')",
  );
  const newer = await check();
  expect(newer.code).toBe(1);
  expect(newer.checks[0]?.says).toContain("newer than this version");
  await query(database.db, "update schema_migrations set needs = 0 where version = 9999");
  expect(await check()).toMatchObject({ code: 0, ok: true });
  const { code, out } = await runCommand(["migrate", "--roles"], env());
  expect([code, out]).toEqual([0, expect.stringContaining("this version may serve on it")]);
  await query(database.db, "delete from schema_migrations where version = 9999");
}, 60_000);

it("upgrade --check says which steps an older schema lacks, and takes none of them", async () => {
  const older = await emptyDatabase();
  onTestFinished(() => older.close());
  const migrations = await readMigrations();
  await migrate(older.db, { migrations: migrations.slice(0, -2) });
  const log = () => query(older.db, "select 1 from schema_migrations");
  const before = await log();
  const { code, checks } = await check(older.url);
  expect(code).toBe(0);
  expect(checks[0]?.says).toContain("servers of the version before may go on serving");
  const last = checks.find(({ about }) => about.startsWith(`${migrations.at(-1)?.name}.sql`));
  expect(last?.says).toMatch(/^expands: .*; (nobody waits|.* at most for its lock)/);
  expect(await log()).toEqual(before);
}, 60_000);

it("what an operator does beside a server works with the rights of a server, and no more", async () => {
  await prepareRoles(database.db);
  const url = new URL(database.url);
  url.searchParams.set("options", "-c role=zerorace_server");
  for (const args of [
    ["swarm", "--agents", "200", "--units", "20"],
    ["backup", "create"],
    ["upgrade", "--check"],
    ["prove"],
  ]) {
    const { code, err } = await runCommand(args, env(url.href));
    expect([args[0], code], err).toEqual([args[0], 0]);
  }
  const restored = await runCommand(["backup", "restore", "--latest"], env(url.href));
  expect(restored).toMatchObject({
    code: 1,
    err: expect.stringContaining("is not empty") as string,
  });
}, 90_000);

it("the support file has no secret and no row, and is written without a database, too", async () => {
  const secrets = {
    ZERORACE_REDIS_URL: "redis://user:red1sSecretValue@127.0.0.1:1",
    ZERORACE_SEALING_KEY: "c2VhbGluZyBrZXkgb2YgdGhpcyB0ZXN0LCAzMiBieXQ=",
  };
  const password = new URL(database.url).password;
  const file = join(dir, "support.json");
  expect((await runCommand(["support", "--file", file], { ...env(), ...secrets })).code).toBe(0);
  const text = await readFile(file, "utf8");
  const told = JSON.parse(text) as { database: Record<string, unknown>; settings: object };
  expect(told.database).toMatchObject({
    engine: "postgres",
    pendingSteps: [],
    unusableIndexes: [],
  });
  for (const secret of ["red1sSecretValue", secrets.ZERORACE_SEALING_KEY, "a merchant"]) {
    expect(text).not.toContain(secret);
  }
  if (password.length > 8) expect(text).not.toContain(password);
  const gone = { ...env("postgres://u:n0tThereAtAll@127.0.0.1:1/x"), ...secrets };
  const { code, out } = await runCommand(["support"], gone);
  expect(code).toBe(0);
  expect(out).not.toContain("n0tThereAtAll");
  expect(JSON.parse(out)).toMatchObject({ version: expect.any(String) as string });
}, 60_000);
