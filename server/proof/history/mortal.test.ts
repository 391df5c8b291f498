import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startMortal } from "./mortal.ts";

async function logFile(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "zerorace-mortal-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  return join(dir, "log");
}

it("a process that was started runs, and is gone when it was killed", async () => {
  const mortal = await startMortal(["/bin/sleep", "1000"], {}, await logFile());
  expect(process.kill(mortal.pid, 0)).toBe(true);
  await mortal.kill();
  expect(() => process.kill(mortal.pid, 0)).toThrow("ESRCH");
});

it("a program that is not there is said, and ends nobody else", async () => {
  await expect(startMortal(["/nowhere/at/all"], {}, await logFile())).rejects.toThrow("ENOENT");
});
