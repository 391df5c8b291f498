import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, open, readFile, rename, rm, writeFile, realpath } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../base/free-port.ts";
import { findBinaries, type Account, type Binaries } from "./embedded-binaries.ts";
import type { KeeperTask } from "./embedded-keeper.ts";
import {
  clearStaleLock,
  isEmptyOrMissing,
  isServing,
  placeFor,
  readLock,
  type Lock,
  type Place,
} from "./embedded-place.ts";

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  /** Where the data really is: not always where it was asked for (see `placeFor`). */
  readonly dataDir: string;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, what was committed is on disk. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** A free one when none is given. */
  port?: number;
  settings?: Record<string, string>;
  /** Admits settings that lose acknowledged commits at a crash. Never where anything is sold. */
  mayLoseCommits?: boolean;
  /** Deletes this directory when the server ends, even when we were killed before. */
  removeAtEnd?: string;
  startTimeoutMs?: number;
}

export const superuser = "zerorace";

/** For a developer's machine of two cores; one who needs more brings a server of one's own. */
const defaultSettings: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  log_line_prefix: "%m [%p] %q%u@%d ",
  timezone: "UTC",
  log_timezone: "UTC",
};
const durability = ["fsync", "full_page_writes", "synchronous_commit"];

const env = { LC_ALL: "C", TZ: "UTC" };

class PortTaken extends Error {}

/** The url of the server that runs on this directory already, started by another of our commands. */
export async function runningAt(dataDir: string): Promise<string | undefined> {
  const there = await realpath(dataDir).catch(() => undefined);
  if (there === undefined) return undefined;
  const lock = await readLock(there);
  if (lock?.status !== "ready" || !(await isServing(lock.pid, there))) return undefined;
  return urlOf(lock.port, await readFile(passwordFile(there), "utf8"));
}

export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const settings = { ...defaultSettings, ...options.settings };
  const risky = durability.filter((name) => settings[name] !== "on");
  if (risky.length > 0 && !options.mayLoseCommits) {
    throw new Error(`${risky.join(", ")} must stay on: a crash would lose acknowledged purchases.`);
  }
  const place = await placeFor(resolve(options.dataDir));
  const binaries = await findBinaries(place.account);
  await clearStaleLock(place.dataDir);
  if (await isEmptyOrMissing(place.dataDir)) {
    await initialise(binaries, place.dataDir, place.account, options.removeAtEnd !== undefined);
  }

  for (let attempt = 1; ; attempt++) {
    try {
      return await start(options, { binaries, settings, ...place });
    } catch (error) {
      // Between our probe and the server's own bind somebody else may take the port.
      if (!(error instanceof PortTaken) || options.port !== undefined || attempt === 5) throw error;
    }
  }
}

const passwordFile = (dataDir: string): string => `${dataDir}/zerorace-password`;

/** Built beside the place and renamed into it: a half-made cluster is never mistaken for one. */
async function initialise(
  { initdb }: Binaries,
  dataDir: string,
  account: Account | undefined,
  shortLived: boolean,
): Promise<void> {
  const half = `${dataDir}.${randomBytes(4).toString("hex")}`;
  const secret = `${half}.password`;
  try {
    await mkdir(half, { mode: 0o700 });
    // Synced: after a power cut the data would be there, and nobody could get in.
    const once = { mode: 0o600, flag: "wx", flush: true };
    await writeFile(secret, randomBytes(24).toString("base64url"), once);
    if (account) for (const path of [half, secret]) await chown(path, account.uid, account.gid);
    await run(initdb, account, [
      `--pgdata=${half}`,
      `--username=${superuser}`,
      `--pwfile=${secret}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      ...(shortLived ? ["--no-sync"] : []),
    ]);
    await rename(secret, passwordFile(half));
    await rm(dataDir, { recursive: true, force: true });
    await rename(half, dataDir);
    await syncDirectory(dirname(dataDir));
  } finally {
    await rm(half, { recursive: true, force: true });
    await rm(secret, { force: true });
  }
}

/** So that a new name in it outlasts a power cut. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function run(program: string, account: Account | undefined, args: string[]): Promise<void> {
  const child = spawn(program, args, { ...account, env, stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${complaint.trim()}`);
}

interface Start extends Place {
  binaries: Binaries;
  settings: Record<string, string>;
}

async function start(options: EmbeddedOptions, found: Start): Promise<EmbeddedPostgres> {
  const { dataDir, account, binaries } = found;
  const port = options.port ?? (await freePort());
  const args = ["-D", dataDir, "-p", String(port)];
  for (const [name, value] of Object.entries(found.settings)) args.push("-c", `${name}=${value}`);
  const log = await open(`${dataDir}.log`, "a", 0o600);
  const { size: logStart } = await log.stat();
  const removeAtEnd = options.removeAtEnd ? [options.removeAtEnd] : [];
  if (options.removeAtEnd && found.elsewhere) removeAtEnd.push(found.elsewhere);
  const keeper = startKeeper(
    { postgres: binaries.postgres, args, env, account, removeAtEnd },
    log.fd,
  );
  await log.close();

  const exited = new Promise<void>((done) => keeper.once("exit", () => done()));
  const stop = async (): Promise<void> => {
    keeper.ref();
    keeper.stdin.end();
    await exited;
  };
  try {
    const [line] = (await Promise.race([once(keeper.stdout, "data"), exited.then(() => [""])])) as [
      Buffer | string,
    ];
    const timeoutMs = options.startTimeoutMs ?? 300_000;
    await untilReady(dataDir, { pid: Number(line.toString()), port }, keeper, timeoutMs);
    const password = await readFile(passwordFile(dataDir), "utf8");
    letGo(keeper);
    return { url: urlOf(port, password), port, dataDir, exited, stop };
  } catch (error) {
    await stop();
    const said = (await readFile(`${dataDir}.log`, "utf8").catch(() => "")).slice(logStart).trim();
    if (/could not (bind|create any TCP\/IP sockets)/.test(said)) {
      throw new PortTaken(`Port ${port} on 127.0.0.1 is taken.`, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`PostgreSQL did not start in ${dataDir}: ${reason}\n${said.slice(-2000)}`, {
      cause: error,
    });
  }
}

const urlOf = (port: number, password: string): string =>
  `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;

function startKeeper(task: KeeperTask, logFd: number): ChildProcessWithoutNullStreams {
  const program = fileURLToPath(new URL("./embedded-keeper.ts", import.meta.url));
  const keeper = spawn(process.execPath, [program, JSON.stringify(task)], {
    // A group of its own: Ctrl-C in the terminal is for us, we stop the server when we are done.
    detached: true,
    env: {},
    stdio: ["pipe", "pipe", logFd],
  }) as ChildProcessWithoutNullStreams;
  keeper.stdin.on("error", () => undefined);
  return keeper;
}

/** It must not keep us alive: when we end, the pipe closes, and that is all it waits for. */
function letGo(keeper: ChildProcessWithoutNullStreams): void {
  keeper.unref();
  for (const pipe of [keeper.stdin, keeper.stdout]) (pipe as unknown as { unref(): void }).unref();
}

/** Ready means: the lock file says so, names our process and our port, and the port answers. */
async function untilReady(
  dataDir: string,
  ours: { pid: number; port: number },
  keeper: ChildProcessWithoutNullStreams,
  timeoutMs: number,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  for (;;) {
    if (keeper.exitCode !== null) throw new Error("it ended at once");
    const lock = await readLock(dataDir);
    const isOurs = lock?.pid === ours.pid && lock.port === ours.port;
    if (isOurs && isOpen(lock) && (await answers(ours.port))) return;
    if (performance.now() > giveUpAt) throw new Error(`it was not ready after ${timeoutMs} ms`);
    await sleep(20);
  }
}

/** `standby` is one that follows another and takes reads. */
const isOpen = ({ status }: Lock): boolean => status === "ready" || status === "standby";

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
