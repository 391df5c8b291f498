import { spawn, type ChildProcess } from "node:child_process";

/**
 * Kills the process when we end, however we end. A parent that was killed cannot do that itself: a shell
 * holds one end of a pipe, and the other one closes with us.
 */
export function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const wait = 'read -r _; kill -KILL "$1" 2>/dev/null';
  const watcher = spawn("/bin/sh", ["-c", wait, "watcher", String(child.pid)], {
    // A group of its own: what ends our group must not end who waits for our end.
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { stdin } = watcher;
  stdin.on("error", () => undefined);
  watcher.on("error", () => undefined);
  // Its number may be another's soon.
  child.once("exit", () => watcher.kill("SIGKILL"));
  watcher.unref();
  (stdin as unknown as { unref(): void }).unref();
}
