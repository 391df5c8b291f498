import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { migrate } from "../db/migrate.ts";
import { readMigrations } from "../db/migration-files.ts";
import type { Db } from "../db/open.ts";
import { holds, prove } from "../proof/prove.ts";
import { runSwarm } from "../proof/swarm.ts";
import { makeBooks } from "../testing/books.ts";
import { runCommand } from "../testing/command-line.ts";
import { emptyDatabase, freshDatabase, type TestDatabase } from "../testing/database.ts";
import { query } from "../testing/look.ts";
import { createBackup, type Created } from "./create.ts";
import { verifyBackup } from "./read.ts";
import { restoreBackup } from "./restore.ts";

let dir: string;
let shop: TestDatabase;
let quiet: Created;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "zerorace-backups-"));
  shop = await freshDatabase();
  const { merchantId } = await makeBooks(shop.db);
  const name = 'a\tb\\.\n\\.\nc"ü\u2028 \\N end\\';
  await query(shop.db, `update merchants set name = $1 where merchant_id = $2`, [name, merchantId]);
  quiet = await backUp(shop.db);
});
afterAll(async () => {
  await shop.close();
  await rm(dir, { recursive: true });
});

const backUp = (db: Db): Promise<Created> =>
  createBackup(db, { dir, version: "1.2.3", sealingKey: "0a1b2c3d" });

async function emptyOne(): Promise<TestDatabase> {
  const database = await emptyDatabase();
  onTestFinished(() => database.close());
  return database;
}

const textOf = async ({ path }: Created): Promise<string> =>
  gunzipSync(await readFile(path)).toString();
const fileOf = async (name: string, text: string | Buffer): Promise<string> => {
  const path = join(dir, name);
  await writeFile(path, typeof text === "string" ? gzipSync(text) : text);
  return path;
};

it("made while people buy is one moment: restored, every invariant holds", async () => {
  const swarm = runSwarm(shop.db, {
    agents: 6_000,
    units: 4_000,
    mandates: 100,
    duplicates: 0,
    seed: 8,
    concurrency: 200,
  });
  const asks = async () => Number((await query(shop.db, "select 1 from asks")).length);
  const before = await asks();
  await expect.poll(asks, { timeout: 30_000 }).toBeGreaterThan(before + 200);
  const made = await backUp(shop.db);
  const { ok } = await swarm;
  expect(ok).toBe(true);
  const target = await emptyOne();
  const { proof, rows } = await restoreBackup(target.db, made.path);
  expect(rows).toBe(made.rows);
  expect(holds(proof)).toBe(true);
  expect(holds(await prove(target.db))).toBe(true);
  const there = (await query(target.db, "select 1 from asks")).length;
  expect(there).toBeGreaterThan(before);
  // It was in the middle of it, or nothing would have been shown.
  expect(there).toBeLessThan(await asks());
}, 60_000);

it("brings back every byte of every row, also of rows that look like the end of all rows", async () => {
  const target = await emptyOne();
  await restoreBackup(target.db, quiet.path);
  const again = await verifyBackup((await backUp(target.db)).path);
  const first = await verifyBackup(quiet.path);
  expect(Object.keys(first.footer.tables).length).toBeGreaterThan(20);
  expect(first.footer.tables.merchants?.rows).toBe(1);
  // In the order of the table, which is that of the file.
  expect(again.footer.tables).toEqual(first.footer.tables);
}, 60_000);

it("of books that do not hold is not restored, and leaves no row behind", async () => {
  const wrong = await freshDatabase();
  onTestFinished(() => wrong.close());
  await makeBooks(wrong.db);
  await query(wrong.db, "update stock_buckets set available = available + 1 where bucket = 0");
  const target = await emptyOne();
  const { proof } = await restoreBackup(target.db, (await backUp(wrong.db)).path);
  expect(holds(proof)).toBe(false);
  expect(await query(target.db, "select 1 from merchants")).toEqual([]);
});

it("of an older schema is restored, and then brought to this version", async () => {
  const older = (await readMigrations()).slice(0, -1);
  const before = await emptyOne();
  await migrate(before.db, { migrations: older });
  await query(before.db, "insert into audit_heads (tenant_id, seq, hash) values ($1, 1, $2)", [
    "01900000-0000-7000-8000-000000000000",
    "0".repeat(64),
  ]);
  const target = await emptyOne();
  const { upgradedBy } = await restoreBackup(target.db, (await backUp(before.db)).path);
  expect(upgradedBy).toBeGreaterThan(0);
  expect(await query(target.db, "select 1 from audit_heads")).toHaveLength(1);
  expect(await migrate(target.db)).toEqual([]);
});

describe("a restore is refused, and changes nothing,", () => {
  it("where there are rows already", async () => {
    const full = await freshDatabase();
    onTestFinished(() => full.close());
    await makeBooks(full.db);
    await expect(restoreBackup(full.db, quiet.path)).rejects.toThrow(/is not empty: .*have rows/);
  });

  it.each<[string, RegExp, (text: string) => string | Buffer]>([
    ["that is cut off", /damaged|cut off/, (text) => gzipSync(text).subarray(0, -200)],
    ["that ends too early", /cut off/, (text) => text.slice(0, text.lastIndexOf("-- end"))],
    [
      "with a row more",
      /rows of/,
      (text) => text.replace(/\n(.*)\n\\\.\n-- end/, "\n$1\n$1\n\\.\n-- end"),
    ],
    [
      "with another amount",
      /rows of ledger_entries/,
      (text) => text.replace(/(copy ledger_entries[^;]*;\n[^]*?)\t1000\t/, "$1\t9000\t"),
    ],
    ["with another header", /changed/, (text) => text.replace('"1.2.3"', '"1.2.4"')],
    ["with something behind its end", /after its end/, (text) => `${text}drop table asks;\n`],
    [
      "with a statement of somebody else's",
      /not one of ours/,
      (text) => text.replace("\ncopy ", "\ndrop table asks;\ncopy "),
    ],
    [
      "of a format that comes later",
      /newer version/,
      (text) => text.replace('"format":1', '"format":2'),
    ],
    ["that is no backup", /not a backup/, () => "select 1;\n"],
    ["that is not even packed", /damaged/, () => Buffer.from("hello")],
  ])("of a file %s", async (name, why, change) => {
    const path = await fileOf(
      name.replaceAll(" ", "-").replaceAll("'", ""),
      change(await textOf(quiet)),
    );
    await expect(verifyBackup(path)).rejects.toThrow(why);
    const target = await emptyOne();
    await expect(restoreBackup(target.db, path)).rejects.toThrow(why);
    const found = await query(target.db, "select 1 from pg_class where relname = 'merchants'");
    expect(found).toEqual([]);
  });
});

it("on the command line: create, list, verify, keep the newest, restore", async () => {
  const folder = join(dir, "shelf");
  const source = { ZERORACE_DATABASE_URL: shop.url, ZERORACE_BACKUP_DIR: folder };
  const env = { ...source, ZERORACE_DATA_DIR: join(dir, "data") };
  const jsonOf = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, out, err } = await runCommand(["backup", ...args, "--json"], env);
    expect(err).toBe("");
    expect(code).toBe(0);
    return JSON.parse(out) as Record<string, unknown>;
  };
  await jsonOf("create");
  const second = await jsonOf("create", "--keep", "1");
  expect(second.deleted).toHaveLength(1);
  expect(await readdir(folder)).toHaveLength(1);
  expect(await jsonOf("list")).toMatchObject({ backups: [{ path: second.path }] });
  expect(await jsonOf("verify", "--latest")).toMatchObject({
    path: second.path,
    rows: second.rows,
  });
  const target = await emptyOne();
  const restored = await runCommand(["backup", "restore", "--latest"], {
    ...env,
    ZERORACE_DATABASE_URL: target.url,
  });
  expect(restored.code).toBe(0);
  expect(restored.out).toContain("All ");
  expect(holds(await prove(target.db))).toBe(true);
}, 60_000);

it("of Aurora DSQL is that service's own: said, with where to read on", async () => {
  const env = { ZERORACE_DATABASE: "dsql", ZERORACE_DSQL_HOSTS: "x.dsql.eu-west-1.on.aws" };
  for (const args of [["create"], ["restore", "--latest"]]) {
    const { code, err } = await runCommand(["backup", ...args], env);
    expect(code).toBe(2);
    expect(err).toContain("AWS Backup");
  }
}, 20_000);
