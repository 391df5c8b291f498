import { randomBytes } from "node:crypto";
import type { TestProject } from "vitest/node";
import { environment, readConfig } from "../base/config.ts";
import { makeMetrics } from "../base/metrics.ts";
import { migrate } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import type { Engine } from "./open-at.ts";
import { databaseAt, onServer, startTestServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A server on which tests may create databases. */
    testServerUrl: string;
    /** A migrated database that fresh ones are copied from. */
    testTemplate: string;
    testEngine: Engine;
    /** How many random sequences the public API is asked. */
    testSequences: number;
    /** One in so many secrets is sent to each place that could hold one. */
    testCanaryShare: number;
    /** How long faults go on: which crash points of so many, how often something is killed, and under how many asks. */
    testFaults: {
      readonly crashes: { readonly oneIn: number; readonly turn: number };
      readonly kills: number;
      readonly operations: number;
      /** Nothing else goes on, so targets in milliseconds are held to. */
      readonly isQuiet: boolean;
    };
    /** Orders drawn where there are many; the long run goes through all of them. */
    testOrders: number;
    /** Of the states of screens axe looks at one in so many, which ones by the turn. */
    axe: { readonly oneIn: number; readonly turn: number };
    /** What random tests begin with: `--sequence.seed=…` repeats a run. */
    testSeed: number;
  }
}

/** One server for the whole run, and on it one migrated database to copy. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { testEngine: engine } = project.getProvidedContext();
  const { testDatabaseUrl } = readConfig(environment());
  const server = testDatabaseUrl
    ? { url: testDatabaseUrl, stop: () => Promise.resolve() }
    : await startTestServer();
  const { TEST_TEMPLATE: ready } = environment();
  const template = ready ?? `zerorace_template_${randomBytes(4).toString("hex")}`;
  try {
    if (ready === undefined) await makeTemplate(server.url, template, engine);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide("testServerUrl", server.url);
  project.provide("testTemplate", template);
  project.provide("testSeed", project.config.sequence.seed);
  return async () => {
    const isOurs = ready === undefined && testDatabaseUrl;
    if (isOurs) await onServer(server.url, `drop database if exists ${template}`);
    await server.stop();
  };
}

/** Many runs on one server may share it: `TEST_TEMPLATE` names it, beside the server's address. */
export async function makeTemplate(url: string, name: string, engine: Engine): Promise<void> {
  await onServer(url, `create database ${name}`);
  if (engine === "postgres") await migrateAt(databaseAt(url, name));
  else await (await import("./through-dsql.ts")).migrateThroughDsql(url, name);
}

async function migrateAt(url: string): Promise<void> {
  const db = openDb({ url, name: "template" }, makeMetrics());
  try {
    await migrate(db);
  } finally {
    await db.close();
  }
}
