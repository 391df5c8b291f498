/**
 * A process of its own between us and the embedded PostgreSQL. It holds one end of a pipe; when the
 * other end closes, for whatever reason (stop, crash, kill -9), it shuts PostgreSQL down. A parent
 * that was killed cannot do that itself.
 *
 * Started as: node embedded-keeper.ts '<KeeperTask as JSON>', with its standard error on the log.
 */
import { spawn } from "node:child_process";
import { rmSync, writeSync } from "node:fs";

export interface KeeperTask {
  postgres: string;
  args: string[];
  env: Record<string, string>;
  account: { uid: number; gid: number } | undefined;
  /** Deleted when PostgreSQL is gone: for servers that live as long as a test run. */
  removeAtEnd: string[];
}

/** A fast shutdown writes a checkpoint and may take a while; after this it is not going to end. */
const patienceMs = 60_000;

function keep(task: KeeperTask): void {
  const server = spawn(task.postgres, task.args, {
    ...task.account,
    env: task.env,
    // Both of its outputs go where our standard error goes: into the log.
    stdio: ["ignore", 2, 2],
  });

  server.on("error", (error) => {
    writeSync(2, `the keeper could not start ${task.postgres}: ${error.message}\n`);
    process.exit(1);
  });
  server.on("exit", (code, signal) => {
    for (const path of task.removeAtEnd) rmSync(path, { recursive: true, force: true });
    process.exit(code ?? (signal ? 1 : 0));
  });

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.kill("SIGINT");
    setTimeout(() => server.kill("SIGQUIT"), patienceMs).unref();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.stdin.on("end", stop).on("error", stop).on("close", stop).resume();

  // The parent may be gone already: that it cannot be told is no reason to leave PostgreSQL behind.
  process.stdout.on("error", stop);
  process.stdout.write(`${server.pid}\n`);
}

keep(JSON.parse(process.argv[2] ?? "") as KeeperTask);
