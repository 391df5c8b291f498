import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environment } from "../server/base/config.ts";
import type { TestPlane } from "../server/testing/plane.ts";

const cli = fileURLToPath(new URL("../server/cli.ts", import.meta.url));

/** `zerorace worker` in a process of its own. */
export async function startBenchWorker(
  databaseUrl: string,
  { endpoint, plane }: TestPlane,
  more: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, [cli, "worker"], {
    env: {
      PATH: environment().PATH,
      ZERORACE_DATABASE_URL: databaseUrl,
      ZERORACE_DYNAMODB_ENDPOINT: endpoint,
      ZERORACE_DYNAMODB_TABLE: plane.table,
      ZERORACE_WORKER_METRICS_PORT: "0",
      ...more,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if ((JSON.parse(line) as { url?: string }).url) break;
  child.stdout.resume();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
