import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { openDb, type Db } from "../db/open.ts";
import { databaseAt, onServer } from "./server.ts";

export interface TestDatabase {
  readonly url: string;
  readonly db: Db;
  /** Closes the pool and drops the database, whoever is still connected. */
  close(): Promise<void>;
}

/**
 * A migrated database that nobody else uses: one per test file. A copy of a template takes a
 * fraction of the time that the migrations take.
 */
export async function freshDatabase(options: { poolMax?: number } = {}): Promise<TestDatabase> {
  return create(`template ${inject("testTemplate")}`, options);
}

/** The same before any migration. */
export async function emptyDatabase(options: { poolMax?: number } = {}): Promise<TestDatabase> {
  return create("template template0", options);
}

async function create(from: string, options: { poolMax?: number }): Promise<TestDatabase> {
  const serverUrl = inject("testServerUrl");
  const name = `zerorace_test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name} ${from}`);
  const url = databaseAt(serverUrl, name);
  const db = openDb({ url, name: "test", ...options }, makeMetrics());
  return {
    url,
    db,
    async close() {
      await db.close();
      await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
}
