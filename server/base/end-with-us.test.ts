import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

/** A process that starts another one, which would stay for ever, in a directory of its own, and says which. */
async function startParent() {
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-parent-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, "parent.mjs");
  const from = new URL("./end-with-us.ts", import.meta.url).href;
  await writeFile(
    file,
    `import { spawn } from "node:child_process";
     import { mkdtempSync } from "node:fs";
     import { endWithUs, removeWithUs } from ${JSON.stringify(from)};
     const own = mkdtempSync(${JSON.stringify(join(dir, "own-"))});
     removeWithUs(own);
     const child = spawn("sleep", ["3600"], { cwd: own, detached: true, stdio: "ignore" });
     endWithUs(child);
     process.send({ pid: child.pid, own });`,
  );
  const parent = fork(file, { execArgv: [] });
  const [{ pid, own }] = (await once(parent, "message")) as [{ pid: number; own: string }];
  return { parent, child: pid, own };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it("a process ends, and its directory goes, when who started it is killed", async () => {
  const { parent, child, own } = await startParent();
  await writeFile(join(own, "something"), "");
  expect(isThere(child)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isThere(child), { timeout: 8_000 }).toBe(false);
  await expect.poll(() => existsSync(own), { timeout: 30_000 }).toBe(false);
});
