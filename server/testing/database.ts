import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { makeMetrics } from "../base/metrics.ts";
import { openDb, type Db, type DbOptions } from "../db/open.ts";
import type { Place } from "../db/place.ts";
import { openAt, placeAt } from "./open-at.ts";
import { databaseAt, onServer } from "./server.ts";

export interface TestDatabase {
  /** In a run through dsql-local the way through it. */
  readonly url: string;
  /** The PostgreSQL itself, as its superuser. */
  readonly backingUrl: string;
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
  const backingUrl = databaseAt(serverUrl, name);
  const { url, db } = await opened(name, backingUrl, options);
  return {
    url,
    backingUrl,
    db,
    async close() {
      await db.close();
      await onServer(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

/** A way of one's own to a database of this run, in the dialect that the run speaks. */
export function openTest(url: string, options: Omit<DbOptions, "url" | "place"> = {}): Db {
  return openAt(url, inject("testEngine"), makeMetrics(), options);
}

export function testPlace(...urls: readonly string[]): Place {
  return placeAt(urls, inject("testEngine"));
}

/** Past everything: to look, and to tamper as somebody would who owns the database. */
export function beneath(db: Db): Db {
  return beneaths.get(db) ?? db;
}

const beneaths = new WeakMap<Db, Db>();

async function opened(
  name: string,
  backingUrl: string,
  options: { poolMax?: number },
): Promise<{ url: string; db: Db }> {
  if (inject("testEngine") === "postgres") {
    return { url: backingUrl, db: openTest(backingUrl, { name: "test", ...options }) };
  }
  const { throughDsql } = await import("./through-dsql.ts");
  const url = await throughDsql(name);
  const through = openTest(url, options);
  const under = openDb({ url: backingUrl, name: "test", poolMax: 4 }, makeMetrics());
  const close = async (): Promise<void> => {
    await Promise.all([through.close(), under.close()]);
  };
  const db = { ...through, pool: under.pool, close };
  beneaths.set(db, under);
  return { url, db };
}
