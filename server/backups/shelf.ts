import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { headerOf } from "./read.ts";

/** A backup in its folder; `problem` instead of what it says when it cannot be read. */
export interface Shelved {
  readonly path: string;
  readonly bytes: number;
  readonly at?: string;
  readonly version?: string;
  readonly problem?: string;
}

const ours = /^zerorace-\d{4}-\d\d-\d\dT[\d-]+Z\.sql\.gz$/;

/** Newest first. */
export async function listBackups(dir: string): Promise<Shelved[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found: Shelved[] = [];
  for (const name of names
    .filter((one) => ours.test(one))
    .sort()
    .reverse()) {
    const path = join(dir, name);
    const { size: bytes } = await stat(path);
    try {
      const { at, version } = await headerOf(path);
      found.push({ path, bytes, at, version });
    } catch (error) {
      found.push({ path, bytes, problem: (error as Error).message });
    }
  }
  return found;
}

/** The newest that can be read. */
export async function newestBackup(dir: string): Promise<Shelved | undefined> {
  return (await listBackups(dir)).find(({ problem }) => problem === undefined);
}

/** Deletes all but the newest; those that cannot be read count for nothing and stay. */
export async function keepNewest(dir: string, count: number): Promise<string[]> {
  const readable = (await listBackups(dir)).filter(({ problem }) => problem === undefined);
  const gone = readable.slice(count).map(({ path }) => path);
  for (const path of gone) await rm(path);
  return gone;
}
