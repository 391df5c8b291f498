import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { redisPrograms } from "../testing/redis-servers.ts";
import { connectRedis } from "./connect.ts";
import { findServer, startEmbeddedRedis, type EmbeddedRedis } from "./embedded.ts";

let dir: string;
let owner: ChildProcess | undefined;
beforeEach(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-redis-"));
});
afterEach(async () => {
  owner?.kill("SIGKILL");
  await rm(dir, { recursive: true, force: true });
});

async function withClient<T>(
  url: string,
  work: (client: ReturnType<typeof connectRedis>) => Promise<T>,
): Promise<T> {
  const client = connectRedis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    client.disconnect();
  }
}

const isGone = async (url: string): Promise<boolean> =>
  withClient(url, () => Promise.resolve(false)).catch(() => true);

/** A process that starts the server and then only waits: something to kill. */
async function startOwned(program: string): Promise<string> {
  const file = join(dir, "owner.mjs");
  const embedded = new URL("./embedded.ts", import.meta.url).href;
  await writeFile(
    file,
    `import { startEmbeddedRedis } from ${JSON.stringify(embedded)};
     const options = ${JSON.stringify({ dir, program })};
     process.send((await startEmbeddedRedis(options)).url);
     setInterval(() => {}, 1000);`,
  );
  owner = fork(file, { execArgv: [] });
  const [url] = (await once(owner, "message")) as [string];
  return url;
}

describe.each(redisPrograms)("an embedded Redis: %s", (_name, program) => {
  const start = (): Promise<EmbeddedRedis> => startEmbeddedRedis({ dir, program });

  it("says which it is, asks for a password, and is told by nobody else what it is", async () => {
    const redis = await start();
    expect(redis.says).toMatch(program === "js" ? /^js-redis-server, in memory/ : /server \d/);
    const stranger = redis.url.replace(/:[^:@]+@/, ":guess@");
    await expect(withClient(stranger, (client) => client.get("k"))).rejects.toThrow();
    for (const file of ["url", program === "js" ? "password" : "redis.conf"]) {
      expect((await stat(join(dir, file))).mode & 0o077).toBe(0);
    }
    await redis.stop();
    expect(await isGone(redis.url)).toBe(true);
  });

  it("listens on this machine only", async () => {
    const redis = await start();
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one?.internal === false && one.family === "IPv4");
    const port = Number(new URL(redis.url).port);
    const reached = outside && (await answersAt(port, outside.address));
    expect(reached ?? false).toBe(false);
    expect(await answersAt(port, "127.0.0.1")).toBe(true);
    await redis.stop();
  });

  it("ends when its owner is killed", async () => {
    const url = await startOwned(program);
    expect(await isGone(url)).toBe(false);
    owner?.kill("SIGKILL");
    await expect.poll(() => isGone(url), { timeout: 8_000 }).toBe(true);
  });

  it("starts again after its owner was killed a moment ago, and refuses a second one", async () => {
    await startOwned(program);
    owner?.kill("SIGKILL");
    const redis = await start();
    await expect(start()).rejects.toThrow(/Another Redis already runs on .* ZERORACE_DATA_DIR/);
    await redis.stop();
    await (await start()).stop();
  }, 30_000);

  it("does what queues and limits ask of it: scripts, time, pub/sub, streams", async () => {
    const redis = await start();
    await withClient(redis.url, async (client) => {
      const lua = "return {redis.call('TIME')[1], cjson.encode({1}), cmsgpack.pack({1})}";
      const [time] = (await client.eval(lua, 0)) as string[];
      expect(Math.abs(Number(time) - Date.now() / 1_000)).toBeLessThan(60);
      await client.xadd("events", "*", "a", "1");
      expect(await client.xlen("events")).toBe(1);
      expect(await client.zadd("due", 1, "job")).toBe(1);
      expect(await client.publish("channel", "x")).toBe(0);
    });
    await redis.stop();
  });
});

it.runIf((await findServer()) !== "js")("a real one keeps its data over a stop", async () => {
  const first = await startEmbeddedRedis({ dir });
  await withClient(first.url, (client) => client.set("kept", "42"));
  await first.stop();
  const second = await startEmbeddedRedis({ dir });
  expect(await withClient(second.url, (client) => client.get("kept"))).toBe("42");
  expect(
    await withClient(second.url, (client) => client.config("GET", "maxmemory-policy")),
  ).toEqual(["maxmemory-policy", "noeviction"]);
  await second.stop();
});

it("finds the first server on the PATH", async () => {
  expect(await findServer({ PATH: dir })).toBe("js");
  await writeFile(join(dir, "valkey-server"), "", { mode: 0o755 });
  expect(await findServer({ PATH: `/nowhere:${dir}` })).toBe(join(dir, "valkey-server"));
  await writeFile(join(dir, "redis-server"), "", { mode: 0o644 });
  expect(await findServer({ PATH: dir })).toBe(join(dir, "valkey-server"));
});

it("tells what a server said that does not start", async () => {
  const program = join(dir, "broken");
  await writeFile(program, "#!/bin/sh\necho it is broken\nexit 3\n", { mode: 0o755 });
  await expect(startEmbeddedRedis({ dir, program })).rejects.toThrow(/did not start[^]*broken/);
  expect(await readFile(join(dir, "redis.log"), "utf8")).toContain("it is broken");
});

async function answersAt(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
