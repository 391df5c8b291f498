import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readlink, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Why no disk of one's own is to be had here; undefined where one is. */
export function reasonAgainstDisks(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it needs root on Linux";
  try {
    execFileSync("losetup", ["--find"], { stdio: "ignore" });
    execFileSync("mkfs.ext4", ["-V"], { stdio: "ignore" });
  } catch {
    return "there are no loop devices, or no mkfs.ext4";
  }
  return undefined;
}

/**
 * A small disk in a file. What a program wrote and did not sync is in the memory of the machine and not
 * in the file: a copy of the file is the disk after a power cut.
 */
export class LoopDisk implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  readonly #dir: string;
  readonly #image: string;

  private constructor(dir: string, image: string) {
    this.#dir = dir;
    this.#image = image;
    this.path = join(dir, "mounted");
  }

  static async make(megabytes: number): Promise<LoopDisk> {
    const disk = await LoopDisk.#place();
    await run("truncate", ["-s", `${megabytes}M`, disk.#image]);
    await run("mkfs.ext4", ["-q", "-F", "-m", "0", disk.#image]);
    await disk.#mount();
    return disk;
  }

  /** As it would be found after the power came back. Who writes to it must stand still meanwhile. */
  async afterPowerCut(): Promise<LoopDisk> {
    const other = await LoopDisk.#place();
    await run("cp", ["--sparse=always", this.#image, other.#image]);
    await other.#mount();
    return other;
  }

  async fill(): Promise<void> {
    // Until nothing more goes in: it fails in the end, and that is how it should end.
    const filler = join(this.path, "filler");
    await run("dd", ["if=/dev/zero", `of=${filler}`, "bs=64k"]).catch(() => undefined);
    await run("sync", ["-f", this.path]);
  }

  async makeRoom(): Promise<void> {
    await rm(join(this.path, "filler"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("umount", ["--lazy", this.path]);
    await rm(this.#dir, { recursive: true, force: true });
  }

  static async #place(): Promise<LoopDisk> {
    const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-disk-"));
    await chmod(dir, 0o711);
    return new LoopDisk(dir, join(dir, "image"));
  }

  async #mount(): Promise<void> {
    await mkdir(this.path);
    // Nothing is written back by itself for a minute.
    await run("mount", ["-o", "loop,commit=60", this.#image, this.path]);
    await chmod(this.path, 0o755);
  }
}

/** Every process of the PostgreSQL on this directory: each has it as its working directory. */
export async function processesOn(dataDir: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(
    pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => undefined)),
  );
  return pids.filter((_, index) => places[index] === dataDir).map(Number);
}
