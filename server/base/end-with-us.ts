import { spawn, type ChildProcess } from "node:child_process";

/**
 * Kills the process when we end, however we end. A parent that was killed cannot do that itself: a shell
 * holds one end of a pipe, and the other one closes with us.
 */
export function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const watcher = afterUs('kill -KILL "$1" 2>/dev/null', String(child.pid));
  // Its number may be another's soon.
  child.once("exit", () => watcher.kill("SIGKILL"));
}

/** Deletes the directory when we end, however we end: again for as long as somebody still writes into it. */
export function removeWithUs(dir: string): void {
  const remove = `
    left=60
    while [ -e "$1" ] && [ "$left" -gt 0 ]; do
      sleep 0.5
      rm -rf "$1" 2>/dev/null
      left=$((left - 1))
    done`;
  afterUs(remove, dir);
}

function afterUs(then: string, about: string): ChildProcess {
  const watcher = spawn("/bin/sh", ["-c", `read -r _; ${then}`, "watcher", about], {
    // A group of its own: what ends our group must not end who waits for our end.
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const { stdin } = watcher;
  stdin.on("error", () => undefined);
  watcher.on("error", () => undefined);
  watcher.unref();
  (stdin as unknown as { unref(): void }).unref();
  return watcher;
}
