import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { environment, type Config } from "../base/config.ts";
import { startKept } from "../base/kept.ts";
import type { Terminal } from "./terminal.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

/**
 * A worker in a process of its own, so that it takes no time from the server's. When it ends by itself,
 * it is said, and sales go on: what it has not told waits in the outbox.
 */
export async function startOwnWorker(config: Config, terminal: Terminal): Promise<AsyncDisposable> {
  const log = `${resolve(config.dataDir)}.worker.log`;
  const kept = await startKept(process.execPath, [cli, "worker"], log, settingsFor(config));
  let expected = false;
  void kept.exited.then(() => {
    if (!expected) terminal.say(`The worker ended by itself: see ${log}. Sales go on.`);
  });
  return {
    async [Symbol.asyncDispose]() {
      expected = true;
      await kept.stop();
    },
  };
}

/** Ours, but for where things are: those were found, or started, by us. */
export function settingsFor(
  config: Pick<Config, "databaseUrl" | "redisUrl" | "dynamodbEndpoint" | "metricsPort">,
): Record<string, string> {
  const { databaseUrl, redisUrl, dynamodbEndpoint, metricsPort } = config;
  const inherited = Object.entries(environment()).filter(
    ([name, value]) => value !== undefined && !found.test(name),
  );
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    ...(databaseUrl !== undefined && { ZERORACE_DATABASE_URL: databaseUrl }),
    ...(dynamodbEndpoint !== undefined && { ZERORACE_DYNAMODB_ENDPOINT: dynamodbEndpoint }),
    // For who watches, and for balances.
    ...(redisUrl !== undefined && { ZERORACE_REDIS_URL: redisUrl }),
    // It is alone and does what it finds: nobody is there to share it with over Redis.
    ZERORACE_QUEUE: "off",
    // Whoever wants any free port for one wants it for the other.
    ...(metricsPort === 0 && { ZERORACE_WORKER_METRICS_PORT: "0" }),
  };
}

const found = /^ZERORACE_(DATABASE|REDIS)_URL(_FILE)?$/;
