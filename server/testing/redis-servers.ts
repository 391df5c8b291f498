import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKept } from "../base/kept.ts";
import { findServer, startEmbeddedRedis, type EmbeddedRedis } from "../redis/embedded.ts";

const native = await findServer();

/** The Redis in JavaScript always, and the real one where there is one: said where it is not. */
export const redisPrograms: readonly (readonly [name: string, program: string])[] =
  native === "js"
    ? [["js-redis-server", "js"]]
    : [
        ["js-redis-server", "js"],
        [native, native],
      ];

if (native === "js") {
  process.stderr.write(
    "No redis-server or valkey-server is on the PATH: tested with JavaScript's only.\n",
  );
}

export interface TestRedis extends EmbeddedRedis {
  readonly dir: string;
  /** The same server again, on the same data, at another port. */
  close(): Promise<void>;
}

export async function startTestRedis(program: string = native): Promise<TestRedis> {
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-redis-"));
  const redis = await startEmbeddedRedis({ dir, program });
  return {
    ...redis,
    dir,
    async close() {
      await redis.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface PlainRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real one at this port, empty: to be stopped and started again where its clients look for it. */
export async function startPlainRedis(port: number): Promise<PlainRedis> {
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-redis-"));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", dir];
  const kept = await startKept(native, args, join(dir, "redis.log"));
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      await kept.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Whether there is one. */
export const hasRedis = native !== "js";
