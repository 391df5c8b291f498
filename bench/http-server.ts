import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environment } from "../server/base/config.ts";
import { startEmbeddedRedis } from "../server/redis/embedded.ts";

const cli = fileURLToPath(new URL("../server/cli.ts", import.meta.url));

export interface BenchServer extends AsyncDisposable {
  readonly hostname: string;
  readonly port: string;
}

/**
 * `zerorace serve` in a process of its own, as merchants run it, on free ports. Every request is held
 * against its limits in Redis, which are higher than what one key and one tenant send here.
 */
export async function startBenchServer(
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const dir = await mkdtemp(join(tmpdir(), "zerorace-bench-redis-"));
  const redis = await startEmbeddedRedis({ dir });
  console.log(`limits are counted in ${redis.says}`);
  const child = spawn(process.execPath, [cli, "serve"], {
    env: {
      PATH: environment().PATH,
      ZERORACE_DATABASE_URL: databaseUrl,
      ZERORACE_REDIS_URL: redis.url,
      ZERORACE_RATE_PER_KEY: "1000000",
      ZERORACE_RATE_PER_TENANT: "1000000",
      ZERORACE_PORT: "0",
      ZERORACE_METRICS_PORT: "0",
      ...more,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { url } = JSON.parse(line) as { url?: string };
    if (url === undefined) continue;
    const { hostname, port } = new URL(url);
    // What it logs from here on is read and dropped: a full pipe would stop it.
    child.stdout.resume();
    return {
      hostname,
      port,
      async [Symbol.asyncDispose]() {
        child.kill("SIGTERM");
        await exited;
        await redis.stop();
        await rm(dir, { recursive: true, force: true });
      },
    };
  }
  throw new Error("the server ended before it listened");
}
