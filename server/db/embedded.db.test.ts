import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startEmbedded } from "./embedded.ts";

let dir: string;
let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-embedded-"));
  await chmod(dir, 0o711);
  dataDir = join(dir, "postgres");
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await until(async () => (await pidOfServer()) === undefined);
  await rm(dir, { recursive: true, force: true });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error("waited too long");
    await sleep(20);
  }
}

async function pidOfServer(): Promise<number | undefined> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : Number(text.split("\n")[0]);
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** A process that starts the server and then only waits: something to kill. */
async function owner(): Promise<{ child: ChildProcess; url: string }> {
  const program = join(dir, "owner.mjs");
  const embedded = new URL("./embedded.ts", import.meta.url).href;
  await writeFile(
    program,
    `import { startEmbedded } from ${JSON.stringify(embedded)};
     const { url } = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)} });
     process.send(url);
     setInterval(() => {}, 1000);`,
  );
  const child = fork(program, { execArgv: [] });
  children.push(child);
  const [url] = (await once(child, "message")) as [string];
  return { child, url };
}

it("keeps what was committed over a stop and a start, and listens on this machine only", async () => {
  const first = await startEmbedded({ dataDir });
  await query(first.url, "create table kept as select 42 as answer");
  const [row] = await query<Record<string, string>>(
    first.url,
    `select current_setting('fsync') as fsync, current_setting('listen_addresses') as listen,
            current_setting('data_directory') as dir,
            current_setting('server_encoding') as encoding`,
  );
  expect(row).toEqual({
    fsync: "on",
    listen: "127.0.0.1",
    dir: first.dataDir,
    encoding: "UTF8",
  });
  await first.stop();
  expect(await pidOfServer()).toBeUndefined();

  const second = await startEmbedded({ dataDir });
  expect(await query(second.url, "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
  await second.stop();
});

it("asks for a password that only the owner of the data can read", async () => {
  const server = await startEmbedded({ dataDir });
  const wrong = server.url.replace(/:[^:@]+@/, ":guess@");
  await expect(query(wrong, "select 1")).rejects.toThrow("password authentication failed");
  await server.stop();
});

it("refuses a second server on the same data, with a sentence that says why", async () => {
  const server = await startEmbedded({ dataDir });
  await expect(startEmbedded({ dataDir })).rejects.toThrow(/Another PostgreSQL .* already runs on/);
  expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  await server.stop();
});

it("stops when its owner is killed, and starts again on the same data", async () => {
  const { child, url } = await owner();
  await query(url, "create table kept as select 7 as answer");
  child.kill("SIGKILL");
  await until(async () => (await pidOfServer()) === undefined);
  const server = await startEmbedded({ dataDir });
  expect(await query(server.url, "select answer from kept")).toEqual([{ answer: 7 }]);
  await server.stop();
});

it("starts over a lock file that a crash left, even when the pid in it is in use again", async () => {
  const server = await startEmbedded({ dataDir });
  await query(server.url, "create table kept as select 7 as answer");
  process.kill((await pidOfServer()) ?? 0, "SIGKILL");
  await server.exited;
  const lock = join(dataDir, "postmaster.pid");
  await writeFile(lock, (await readFile(lock, "utf8")).replace(/^\d+/, String(process.pid)));

  const again = await startEmbedded({ dataDir });
  expect(await query(again.url, "select answer from kept")).toEqual([{ answer: 7 }]);
  await again.stop();
});

it("says so when the port that was asked for is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await expect(startEmbedded({ dataDir, port })).rejects.toThrow(`Port ${port}`);
  other.close();
});

it("refuses settings that lose commits, unless that is wanted", async () => {
  for (const name of ["fsync", "full_page_writes", "synchronous_commit"]) {
    await expect(startEmbedded({ dataDir, settings: { [name]: "off" } })).rejects.toThrow(name);
  }
  const fast = await startEmbedded({ dataDir, settings: { fsync: "off" }, mayLoseCommits: true });
  expect(await query(fast.url, "show fsync")).toEqual([{ fsync: "off" }]);
  await fast.stop();
});

it("tells what the server said when it does not start", async () => {
  const started = startEmbedded({ dataDir, settings: { shared_buffers: "nonsense" } });
  await expect(started).rejects.toThrow(/did not start[^]*shared_buffers/);
});

it("leaves nothing of a short-lived server behind, not even when its owner is gone", async () => {
  const server = await startEmbedded({ dataDir, removeAtEnd: dir });
  await server.stop();
  await expect(readdir(dir)).rejects.toThrow("ENOENT");
});

it.runIf(process.getuid?.() === 0)(
  "finds another place when its user cannot reach this one",
  async () => {
    await chmod(dir, 0o700);
    const server = await startEmbedded({ dataDir, removeAtEnd: dir });
    expect(server.dataDir.startsWith(dir)).toBe(false);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await server.stop();
    await expect(readdir(server.dataDir)).rejects.toThrow("ENOENT");
  },
);
