import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
