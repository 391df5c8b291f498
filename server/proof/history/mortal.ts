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
  // Heard of in a moment: who only listens after the next wait would listen for ever.
  const [spawned, exited] = [once(child, "spawn"), once(child, "exit")];
  // Whoever waits for the start is told why there was none; nobody waits for the end of it.
  exited.catch(() => undefined);
  endWithUs(child);
  await spawned;
  await log.close();
  return {
    pid: child.pid ?? 0,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
