import { randomUUID } from "node:crypto";
import {
  chmod,
  mkdir,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { placeOfOurOwn, reachable, type Account } from "./embedded-binaries.ts";

export interface Place {
  dataDir: string;
  /** Whom to run as; undefined when we are nobody special ourselves. */
  account: Account | undefined;
  /** A directory that we made for this data alone, away from where it was asked for. */
  elsewhere: string | undefined;
}

/**
 * Decides where the data lives and who runs the server. As root that is `nobody`, or whoever owns
 * the data already. When that user cannot reach the place (a checkout under a private home), the
 * data goes to a directory of our own instead, and a link is left where it was asked for.
 */
export async function placeFor(dataDir: string): Promise<Place> {
  await mkdir(dirname(dataDir), { recursive: true });
  const there = await real(dataDir);
  await mkdir(dirname(there), { recursive: true });
  if (process.getuid?.() !== 0) return { dataDir: there, account: undefined, elsewhere: undefined };

  const account = await accountFor(there);
  if (await reachable(dirname(there), account)) {
    return { dataDir: there, account, elsewhere: undefined };
  }
  if (!(await isEmptyOrMissing(there))) {
    throw new Error(`${there} holds a database, but user ${account.uid} cannot reach it.`);
  }
  // A new name each time: who deletes the link means to begin anew, not to meet the old data.
  const elsewhere = join(await placeOfOurOwn(account), randomUUID());
  await mkdir(elsewhere, { mode: 0o755 });
  await chmod(elsewhere, 0o755);
  await rm(dataDir, { recursive: true, force: true });
  await symlink(join(elsewhere, "postgres"), dataDir);
  return { dataDir: join(elsewhere, "postgres"), account, elsewhere };
}

/** The path behind links, also when what a link points to is not there yet. */
async function real(dataDir: string): Promise<string> {
  const target = await readlink(dataDir).catch(() => undefined);
  if (target !== undefined) return resolve(dirname(dataDir), target);
  return join(await realpath(dirname(dataDir)), basename(dataDir));
}

async function accountFor(dataDir: string): Promise<Account> {
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const passwd = await readFile("/etc/passwd", "utf8");
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(
      "PostgreSQL does not run as root, and there is no user `nobody` to step down to.",
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

export async function isEmptyOrMissing(dir: string): Promise<boolean> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.length === 0;
}

export interface Lock {
  pid: number;
  port: number;
  status: string;
}

/** `postmaster.pid`: pid, directory, start, port, sockets, address, shared memory, status. */
export async function readLock(dataDir: string): Promise<Lock | undefined> {
  const text = await readFile(join(dataDir, "postmaster.pid"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? "" };
}

/** A server that is on its way out gets this long to go. */
const stoppingMs = 60_000;
/** One whose owner was killed a moment ago may not have heard of it yet. */
const graceMs = 1_500;

/**
 * Refuses when a server runs on this data; clears the lock that a dead one left behind. PostgreSQL
 * clears most of them itself, but not when the dead one's pid belongs to another process by now,
 * which in a container with its few pids is the usual case.
 */
export async function clearStaleLock(dataDir: string): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const lock = await readLock(dataDir);
    if (!lock) return;
    if (!(await isServing(lock.pid, dataDir))) {
      await rm(join(dataDir, "postmaster.pid"), { force: true });
      return;
    }
    const patienceMs = lock.status === "stopping" ? stoppingMs : graceMs;
    if (performance.now() - startedAt > patienceMs) {
      throw new Error(
        `Another PostgreSQL (pid ${lock.pid}, port ${lock.port}) already runs on ${dataDir}: ` +
          "stop it first, or use another data directory.",
      );
    }
    await sleep(100);
  }
}

export async function isServing(pid: number, dataDir: string): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  // A server's working directory is its data. Where that cannot be seen, the safe answer is yes.
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return cwd === undefined || cwd === dataDir;
}
