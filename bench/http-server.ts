import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environment } from "../server/base/config.ts";

const cli = fileURLToPath(new URL("../server/cli.ts", import.meta.url));

export interface BenchServer extends AsyncDisposable {
  readonly hostname: string;
  readonly port: string;
}

/** `zerorace serve` in a process of its own, as merchants run it, on free ports. */
export async function startBenchServer(
  databaseUrl: string,
  more: Readonly<Record<string, string>> = {},
): Promise<BenchServer> {
  const child = spawn(process.execPath, [cli, "serve"], {
    env: {
      PATH: environment().PATH,
      ZERORACE_DATABASE_URL: databaseUrl,
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
      },
    };
  }
  throw new Error("the server ended before it listened");
}
