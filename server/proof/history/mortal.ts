import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { endWithUs } from "../../base/end-with-us.ts";

/** A process that is killed on purpose, and in any case when we end. */
export interface Mortal {
  readonly pid: number;
  /** SIGKILL, and waited for. */
  kill(): Promise<void>;
}

export async function startMortal(
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  logFile: string,
): Promise<Mortal> {
  const log = await open(logFile, "a", 0o600);
  const child = spawn(program, args, {
    detached: true,
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["ignore", "ignore", log.fd],
  });
  endWithUs(child);
  const exited = once(child, "exit");
  exited.catch(() => undefined);
  // Heard from here on: it is said once, and before the file is closed.
  await Promise.all([once(child, "spawn"), log.close()]);
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
