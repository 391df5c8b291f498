import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";

/** A process that is killed on purpose, and in any case when we end. */
export interface Mortal {
  readonly pid: number;
  /** SIGKILL, and waited for. */
  kill(): Promise<void>;
}

/** A shell says which process it is, and kills it when the other end of the pipe closes. */
const keeper = `
  exec 3<&0
  "$@" </dev/null 3<&- &
  child=$!
  ( wait_for=$child; read -r _ <&3; kill -KILL "$wait_for" 2>/dev/null ) >/dev/null &
  echo "$child"
  exec 3<&- 1>&-
  wait "$child"
`;

export async function startMortal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  logFile: string,
): Promise<Mortal> {
  const log = await open(logFile, "a", 0o600);
  const child = spawn("/bin/sh", ["-c", keeper, "keeper", ...args], {
    detached: true,
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["pipe", "pipe", log.fd],
  }) as ChildProcessByStdio<Writable, Readable, null>;
  await log.close();
  child.stdin.on("error", () => undefined);
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  child.stdout.resume();
  const pid = Number(line.toString().split("\n")[0]);
  return {
    pid,
    async kill() {
      child.stdin.end();
      await exited;
    },
  };
}
