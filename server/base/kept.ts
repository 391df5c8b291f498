import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Writable } from "node:stream";

/** A program of somebody else's that lives as long as we do. */
export interface Kept {
  /** Resolves when it has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** What it wrote to its log since it was started. */
  said(): Promise<string>;
  /** Told to end, and waited for. */
  stop(): Promise<void>;
  /** SIGKILL, to it and to its keeper, and waited for. */
  kill(): Promise<void>;
}

/**
 * A shell between us and the program holds one end of a pipe. When the other end closes, for whatever
 * reason (stop, crash, kill -9), it ends the program: a parent that was killed cannot do that itself.
 * The shell takes about a megabyte, a process of Node.js some forty.
 */
const keeper = `
  exec 3<&0
  "$@" </dev/null 3<&- &
  child=$!
  (
    read -r _ <&3
    kill -TERM "$child" 2>/dev/null
    left=100
    while [ "$left" -gt 0 ] && kill -0 "$child" 2>/dev/null; do sleep 0.1; left=$((left - 1)); done
    kill -KILL "$child" 2>/dev/null
  ) &
  watcher=$!
  exec 3<&-
  wait "$child"
  code=$?
  kill "$watcher" 2>/dev/null
  exit "$code"
`;

export async function startKept(
  program: string,
  args: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Kept> {
  await mkdir(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = await open(logFile, "a", 0o600);
  const { size: logStart } = await log.stat();
  const child = spawn("/bin/sh", ["-c", keeper, "keeper", program, ...args], {
    // A group of its own: Ctrl-C in the terminal is for us, we stop it when we are done.
    detached: true,
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["pipe", log.fd, log.fd],
  }) as ChildProcessByStdio<Writable, null, null>;
  // Asked for before anything is awaited: one that ends at once says so only once.
  const exited = once(child, "exit").then(
    () => undefined,
    () => undefined,
  );
  const { stdin } = child;
  stdin.on("error", () => undefined);
  await log.close();
  // It must not keep us alive: when we end, the pipe closes, and that is all it waits for.
  child.unref();
  (stdin as unknown as { unref(): void }).unref();
  return {
    exited,
    async said() {
      const text = await readFile(logFile, "utf8").catch(() => "");
      return text.slice(logStart).trim();
    },
    async stop() {
      child.ref();
      stdin.end();
      await exited;
    },
    async kill() {
      child.ref();
      // The group that the shell leads.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
      await exited;
    },
  };
}
