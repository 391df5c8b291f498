import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

const run = promisify(execFile);
const top = fileURLToPath(new URL("../../..", import.meta.url));
const git = async (...args: readonly string[]): Promise<string> =>
  (await run("git", [...args], { cwd: top })).stdout.trim();

/** A checkout that commands can be run from. */
export interface Version {
  readonly name: string;
  readonly cli: string;
}

export const thisVersion: Version = { name: "this", cli: join(top, "server/cli.ts") };

/** What the last release was; undefined while there is none. */
export async function lastRelease(): Promise<string | undefined> {
  return git("describe", "--tags", "--abbrev=0").catch(() => undefined);
}

/** The last commit that did not have the newest migration: what an upgrade would come from. */
export async function beforeNewestMigration(): Promise<string> {
  const newest = (await git("ls-files", "migrations/0*.sql")).split("\n").at(-1) ?? "";
  const added = await git("log", "-1", "--diff-filter=A", "--format=%h", "--", newest);
  return git("rev-parse", "--short", `${added}^`);
}

/** The files of a commit in a directory of their own, with the packages that its lockfile names. */
export async function checkedOut(
  commit: string,
): Promise<Version & { readonly short: string; remove(): Promise<void> }> {
  const short = await git("rev-parse", "--short", `${commit}^{commit}`);
  const dir = await mkdtemp(join(tmpdir(), `zerorace-${short}-`));
  const archive = spawn("git", ["archive", short], {
    cwd: top,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const unpack = spawn("tar", ["-x", "-C", dir], { stdio: ["pipe", "inherit", "inherit"] });
  const unpacked = new Promise((resolve, reject) => {
    unpack.once("close", resolve);
    unpack.once("error", reject);
  });
  await pipeline(archive.stdout, unpack.stdin);
  await unpacked;
  const lock = "package-lock.json";
  const [theirs, ours] = await Promise.all(
    [dir, top].map((at) => readFile(join(at, lock), "utf8")),
  );
  if (theirs === ours) await symlink(join(top, "node_modules"), join(dir, "node_modules"));
  else await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: dir });
  return {
    name: short,
    short,
    cli: join(dir, "server/cli.ts"),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
