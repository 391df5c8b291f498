import { chmod, mkdtemp, readFile, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmbedded, type EmbeddedPostgres } from "../db/embedded.ts";

interface Given {
  readonly settings?: Record<string, string>;
  readonly mayLoseCommits?: boolean;
}

/** A PostgreSQL of one test's own, which is killed as the system would kill it, and comes back where it was. */
export class OwnPostgres implements AsyncDisposable {
  readonly #dir: string;
  readonly #given: Given;
  #running: EmbeddedPostgres;

  private constructor(dir: string, running: EmbeddedPostgres, given: Given) {
    this.#dir = dir;
    this.#running = running;
    this.#given = given;
  }

  static async start(given: Given = {}): Promise<OwnPostgres> {
    const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-own-"));
    // Private as it is made, which would also shut out the user that PostgreSQL runs as under root.
    await chmod(dir, 0o711);
    return new OwnPostgres(
      dir,
      await startEmbedded({ dataDir: join(dir, "postgres"), ...given }),
      given,
    );
  }

  get url(): string {
    return this.#running.url;
  }

  /** The postmaster and all that it started, without a word; returns when the last of them is gone. */
  async kill(): Promise<void> {
    const { dataDir, exited } = this.#running;
    const [line = ""] = (await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n");
    const postmaster = Number(line);
    const all = [postmaster, ...(await childrenOf(postmaster))];
    for (const pid of all) endProcess(pid);
    await exited;
    while (all.some(isThere)) await sleep(5);
  }

  /** Resolves when it takes connections again. */
  async startAgain(): Promise<void> {
    const { port, dataDir } = this.#running;
    this.#running = await startEmbedded({ dataDir, port, ...this.#given });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.stop();
    await rm(this.#running.dataDir, { recursive: true, force: true });
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** The processes of Linux stand in a directory. */
async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      // The name in brackets may have spaces in it.
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    }),
  );
  return pids.filter((_, index) => parents[index] === parent);
}

/** One that has gone by itself meanwhile is as good. */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
