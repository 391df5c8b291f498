import { randomBytes } from "node:crypto";
import { inject, onTestFinished } from "vitest";
import { makeCertificate } from "../../dsql-local/certificate.ts";
import { startLocalDsql, type Given, type LocalDsql } from "../../dsql-local/server.ts";
import { makeMetrics } from "../base/metrics.ts";
import { openDb, type Db, type DbOptions } from "../db/open.ts";
import { dsqlAt, type DsqlOptions, type Place } from "../db/place.ts";
import { databaseAt, onServer } from "./server.ts";

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: randomBytes(20).toString("hex") };

export interface TestCluster {
  readonly server: LocalDsql;
  /** Another endpoint of the same database, as a peered cluster has two. */
  readonly start: (port?: number) => Promise<LocalDsql>;
  readonly db: Db;
  /** The same database without the cluster in front of it. */
  readonly backendUrl: string;
  readonly open: (options?: Omit<DbOptions, "url" | "place">, place?: Partial<DsqlOptions>) => Db;
}

/** An Aurora DSQL of this test's own, empty, with TLS and tokens, over the PostgreSQL of the run. */
export async function localDsql(given: Partial<Given> = {}): Promise<TestCluster> {
  const serverUrl = inject("testServerUrl");
  const name = `dsql_test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name} template template0`);
  // For the jobs of the local server, which know nothing of a session's own search_path.
  await onServer(serverUrl, `alter database ${name} set search_path = zerorace, public`);
  const backendUrl = databaseAt(serverUrl, name);
  const { cert, key } = makeCertificate(["localhost"]);
  const settings: Given = {
    databaseUrl: backendUrl,
    port: 0,
    anyDatabase: true,
    tls: { cert, key },
    tokens: true,
    secrets: new Map([[credentials.accessKeyId, credentials.secretAccessKey]]),
    connectBurst: 10_000,
    ...given,
  };
  const servers = [await startLocalDsql(settings)];
  const [server] = servers as [LocalDsql];
  const start = async (port = 0): Promise<LocalDsql> => {
    const another = await startLocalDsql({ ...settings, port });
    servers.push(another);
    return another;
  };
  const opened: Db[] = [];
  const host = { host: "localhost", port: server.port, region: "eu-central-1" };
  const place = (options: Partial<DsqlOptions> = {}): Place =>
    dsqlAt({
      hosts: [host],
      user: "admin",
      ca: cert,
      connectsPerSecond: 1_000,
      database: name,
      identity: () => Promise.resolve(credentials),
      ...options,
    });
  const open: TestCluster["open"] = (options = {}, at = {}) => {
    const db = openDb({ place: place(at), name: "test", ...options }, makeMetrics());
    opened.push(db);
    return db;
  };
  onTestFinished(async () => {
    await Promise.all(opened.map((db) => db.close()));
    await Promise.all(servers.map((one) => one.close()));
    await onServer(serverUrl, `drop database ${name} with (force)`);
  });
  return { server, start, db: open(), backendUrl, open };
}
