import { execFile } from "node:child_process";
import { chmod, chown, mkdtemp, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeMetrics } from "../base/metrics.ts";
import { startEmbedded, type EmbeddedPostgres } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { badLine, type BadLine } from "./bad-line.ts";
import { onServer } from "./server.ts";

const name = "follower";

/** A PostgreSQL and one that follows it, over a line that may swallow what it carries. */
export class Replicated implements AsyncDisposable {
  readonly primary: EmbeddedPostgres;
  readonly standby: EmbeddedPostgres;
  readonly line: BadLine;
  readonly #dir: string;

  private constructor(
    dir: string,
    primary: EmbeddedPostgres,
    standby: EmbeddedPostgres,
    line: BadLine,
  ) {
    this.#dir = dir;
    this.primary = primary;
    this.standby = standby;
    this.line = line;
  }

  /** The standby begins as a copy of the stopped primary, which needs no tool of PostgreSQL's. */
  static async start({ waitsForIt }: { readonly waitsForIt: boolean }): Promise<Replicated> {
    const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-pair-"));
    await chmod(dir, 0o711);
    const dataDir = join(dir, "primary");
    const first = await startEmbedded({ dataDir });
    const db = openDb({ url: first.url }, makeMetrics());
    await migrate(db);
    await db.close();
    await first.stop();
    const copy = join(dir, "standby");
    await promisify(execFile)("cp", ["-a", first.dataDir, copy]);
    const signal = join(copy, "standby.signal");
    await writeFile(signal, "");
    const { uid, gid } = await stat(copy);
    await chown(signal, uid, gid);
    const waiting = { synchronous_standby_names: waitsForIt ? name : "" };
    const primary = await startEmbedded({ dataDir, settings: waiting });
    const line = await badLine(primary.url);
    const { username, password, hostname, port } = new URL(line.url);
    const reached = Object.entries({
      host: hostname,
      port,
      user: username,
      password,
      application_name: name,
    });
    const primary_conninfo = reached.map(([key, value]) => `${key}=${value}`).join(" ");
    const standby = await startEmbedded({ dataDir: copy, settings: { primary_conninfo } });
    return new Replicated(dir, primary, standby, line);
  }

  /** Without a word; its children see that it is gone. */
  async killPrimary(): Promise<void> {
    const lock = await readFile(join(this.primary.dataDir, "postmaster.pid"), "utf8");
    process.kill(Number(lock.split("\n")[0]), "SIGKILL");
    await this.primary.exited;
  }

  async promote(): Promise<void> {
    await onServer(this.standby.url, "select pg_promote()");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.close();
    await Promise.all([this.primary.stop(), this.standby.stop()]);
    await rm(this.#dir, { recursive: true, force: true });
  }
}
