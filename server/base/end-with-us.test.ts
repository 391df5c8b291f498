import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

/** A process that starts another one, which would stay for ever, and says which. */
async function startParent(): Promise<{ parent: ReturnType<typeof fork>; child: number }> {
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-parent-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, "parent.mjs");
  const from = new URL("./end-with-us.ts", import.meta.url).href;
  await writeFile(
    file,
    `import { spawn } from "node:child_process";
     import { endWithUs } from ${JSON.stringify(from)};
     const child = spawn("sleep", ["3600"], { detached: true, stdio: "ignore" });
     endWithUs(child);
     process.send(child.pid);`,
  );
  const parent = fork(file, { execArgv: [] });
  const [child] = (await once(parent, "message")) as [number];
  return { parent, child };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("a process ends when who started it is killed", async () => {
  const { parent, child } = await startParent();
  expect(isThere(child)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isThere(child), { timeout: 8_000 }).toBe(false);
});
