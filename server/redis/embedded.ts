import { randomBytes } from "node:crypto";
import { access, constants, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { environment } from "../base/config.ts";
import { freePort } from "../base/free-port.ts";
import { startKept, type Kept } from "../base/kept.ts";
import { connectRedis } from "./connect.ts";

export interface EmbeddedRedis {
  readonly url: string;
  /** For people: which one it is. */
  readonly says: string;
  readonly exited: Promise<void>;
  /** What is in it stays, where it is one that keeps anything. */
  stop(): Promise<void>;
  /** As a crash would: in a test of what becomes of us then. */
  kill(): Promise<void>;
}

export interface EmbeddedRedisOptions {
  /** Ours alone: what it keeps, its settings and its log. */
  readonly dir: string;
  /** The program to run; undefined: the first on the PATH; "js": the one in JavaScript. */
  readonly program?: string | undefined;
  /** Where one served that is gone: this one takes its port and its password. */
  readonly url?: string;
}

const startTimeoutMs = 20_000;

/** A `redis-server` or `valkey-server` of this machine, or else one in JavaScript. */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const program = options.program ?? (await findServer());
  await untilNobodyServes(dir);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(dir, program, options.url);
    } catch (error) {
      // Between our probe and its own bind somebody else may have taken the port.
      if (!/address already in use|EADDRINUSE/i.test(String(error)) || attempt === 5) throw error;
    }
  }
}

/** The path of the first server there is; "js" when there is none. */
export async function findServer({ PATH = "" } = environment()): Promise<string> {
  for (const name of ["redis-server", "valkey-server"]) {
    for (const place of PATH.split(delimiter).filter((part) => part !== "")) {
      const path = join(place, name);
      try {
        await access(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return "js";
}

async function start(dir: string, program: string, before?: string): Promise<EmbeddedRedis> {
  const port = before === undefined ? await freePort() : Number(new URL(before).port);
  const password = before === undefined ? newPassword() : new URL(before).password;
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const kept = await (program === "js" ? startJs : startNative)(dir, { program, port, password });
  try {
    const says = await untilReady(url, kept, program);
    await writeFile(urlFile(dir), url, { mode: 0o600 });
    return {
      url,
      says,
      exited: kept.exited,
      async stop() {
        await kept.stop();
        await rm(urlFile(dir), { force: true });
      },
      async kill() {
        await kept.kill();
        await rm(urlFile(dir), { force: true });
      },
    };
  } catch (error) {
    await kept.stop();
    const said = (await kept.said()).slice(-2_000);
    throw new Error(`Redis (${program}) did not start: ${(error as Error).message}\n${said}`, {
      cause: error,
    });
  }
}

const newPassword = (): string => randomBytes(24).toString("base64url");

interface Wanted {
  readonly program: string;
  readonly port: number;
  readonly password: string;
}

/** Settings go through a file: what stands on a command line can be read by everybody. */
async function startNative(dir: string, { program, port, password }: Wanted): Promise<Kept> {
  const lines = [
    "bind 127.0.0.1",
    "protected-mode yes",
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(dir)}`,
    // Jobs and counters must not vanish because memory is short: whoever writes hears of it instead.
    "maxmemory-policy noeviction",
    "appendonly yes",
    'save ""',
    "daemonize no",
  ];
  const file = join(dir, "redis.conf");
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return startKept(program, [file], join(dir, "redis.log"));
}

async function startJs(dir: string, { port, password }: Wanted): Promise<Kept> {
  const server = fileURLToPath(new URL("./js-server.ts", import.meta.url));
  const file = join(dir, "password");
  await writeFile(file, password, { mode: 0o600 });
  const args = [server, String(port), file];
  return startKept(process.execPath, args, join(dir, "redis.log"));
}

async function untilReady(url: string, kept: Kept, program: string): Promise<string> {
  const giveUpAt = performance.now() + startTimeoutMs;
  let ended = false;
  void kept.exited.then(() => (ended = true));
  for (;;) {
    const version = await versionAt(url);
    if (version !== undefined) {
      return program === "js"
        ? "js-redis-server, in memory (no redis-server or valkey-server is on the PATH)"
        : `${program} ${version}`;
    }
    if (ended) throw new Error("it ended at once");
    if (performance.now() > giveUpAt) throw new Error(`not ready after ${startTimeoutMs} ms`);
    await sleep(20);
  }
}

/** Undefined while nobody answers there who knows the password and has its data loaded. */
async function versionAt(url: string): Promise<string | undefined> {
  const client = connectRedis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const info = await client.info("server");
    return /^(?:valkey|redis)_version:(\S+)/m.exec(info)?.[1] ?? "";
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

const urlFile = (dir: string): string => join(dir, "url");
const graceMs = 5_000;

/** Two servers on one append-only file would ruin it. One whose owner was killed has a moment to go. */
async function untilNobodyServes(dir: string): Promise<void> {
  const url = await readFile(urlFile(dir), "utf8").catch(() => undefined);
  if (url === undefined) return;
  const giveUpAt = performance.now() + graceMs;
  while ((await versionAt(url)) !== undefined) {
    if (performance.now() > giveUpAt) {
      throw new Error(
        `Another Redis already runs on ${dir} (port ${new URL(url).port}): stop it first, or set ` +
          "ZERORACE_DATA_DIR to another directory.",
      );
    }
    await sleep(100);
  }
}
