import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { databaseAt, onServer } from "../testing/server.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));
const database = `dsql_cli_${randomBytes(4).toString("hex")}`;
let dir: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "zerorace-dsql-"));
  await onServer(inject("testServerUrl"), `create database ${database} template template0`);
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await onServer(inject("testServerUrl"), `drop database ${database} with (force)`);
  await rm(dir, { recursive: true, force: true });
});

function start(...options: readonly string[]) {
  const url = databaseAt(inject("testServerUrl"), database);
  const args = [cli, "dsql-local", "--database-url", url, "--port", "0", ...options];
  const child = spawn(process.execPath, args, {
    cwd: dir,
    env: { ZERORACE_DATA_DIR: join(dir, "data") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, said, ended: once(child, "close") };
}

it("prints where it is, judges there, fails what it was told to, and stops when asked", async () => {
  const { child, said, ended } = start("--inject", "fault=OC000 nth=1", "--control-port", "0");
  const shown = (): string | undefined => /(postgres:\/\/\S+)/.exec(said.out)?.[1];
  await expect.poll(shown, { timeout: 20_000, interval: 50 }).toBeDefined();
  const url = (shown() ?? "").replace("?sslmode=disable", "");
  await onServer(url, "create table if not exists t (a int)");
  await expect(onServer(url, "truncate t")).rejects.toMatchObject({ code: "0A000" });
  await expect(onServer(url, "insert into t values (1)")).rejects.toMatchObject({ code: "40001" });
  await onServer(url, "insert into t values (1)");
  expect(said.out).toMatch(/curl -d 'fault=OC000 nth=1' http:\/\/127\.0\.0\.1:\d+\/inject/);
  child.kill("SIGTERM");
  await ended;
  expect(said.err).toMatch(/Stopping/);
});

it.each([
  [["--tokens"], "--tokens needs --tls or --cert"],
  [["--cert", "x.crt"], "--cert needs --key"],
  [["--secret", "x"], "--secret must be an access key and its secret"],
  [["--inject", "fault=no"], "fault= must be one of"],
])("%j is refused in a sentence", async (options, sentence) => {
  const { said, ended } = start(...options);
  await ended;
  expect(said.err).toContain(sentence);
});
