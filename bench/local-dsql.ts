import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { environment } from "../server/base/config.ts";
import { makeMetrics } from "../server/base/metrics.ts";
import { dsql } from "../server/db/dialect.ts";
import { openDb, type Db } from "../server/db/open.ts";

const cli = fileURLToPath(new URL("../server/cli.ts", import.meta.url));

/** The PostgreSQL of the bench as Aurora DSQL, or behind a relay that judges nothing. */
export interface DsqlStage extends AsyncDisposable {
  readonly db: Db;
}

/** In a process of its own: it must not take the kernel's core. */
export async function behindDsql(
  databaseUrl: string,
  options: readonly string[] = [],
): Promise<DsqlStage> {
  const fixed = ["--port", "0", "--database-url", databaseUrl, "--any-database"];
  const child = spawn(process.execPath, [cli, "dsql-local", ...fixed, ...options], {
    env: { PATH: environment().PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const { username, password, pathname } = new URL(databaseUrl);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    child.stdout.resume();
    const driver = {
      host: "127.0.0.1",
      port: Number(port),
      // The relay passes on what PostgreSQL itself asks for.
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.slice(1),
    };
    const place = { dialect: dsql, endpoints: [{ name: "local", driver }] };
    const db = openDb({ place, name: "bench" }, makeMetrics());
    return {
      db,
      async [Symbol.asyncDispose]() {
        await db.close();
        child.kill("SIGTERM");
        await exited;
      },
    };
  }
  throw new Error("the local DSQL ended before it listened");
}
