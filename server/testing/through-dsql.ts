import { expect, inject } from "vitest";
import { startLocalDsql, type LocalDsql } from "../../dsql-local/server.ts";
import { makeMetrics } from "../base/metrics.ts";
import { migrate } from "../db/migrate.ts";
import { withoutFaults } from "./not-on-dsql.ts";
import { openAt } from "./open-at.ts";
import { databaseAt, onServer } from "./server.ts";

/**
 * One local Aurora DSQL for each test file, in the file's own process: what a seed strikes depends on
 * no other file. Without TLS and tokens, which have tests of their own.
 */
let running: Promise<LocalDsql> | undefined;

export async function closeDsql(): Promise<void> {
  await (await running)?.close();
  running = undefined;
}

/** Where the database of this name is reached as one of Aurora DSQL. */
export async function throughDsql(database: string): Promise<string> {
  const serverUrl = inject("testServerUrl");
  await forItsSessions(serverUrl, database);
  running ??= start(serverUrl, { injections: faultsOf(expect.getState().testPath ?? "") });
  return urlOf(await running, database);
}

/** What every fresh database is copied from, made as `zerorace migrate` makes it on DSQL. */
export async function migrateThroughDsql(serverUrl: string, database: string): Promise<void> {
  await forItsSessions(serverUrl, database);
  const server = await start(serverUrl, { jobDelayMs: 0 });
  try {
    const db = openAt(urlOf(server, database), "dsql", makeMetrics());
    await migrate(db);
    await db.close();
    // What tests put beneath, to count or to fail, must not fail for want of rights.
    for (const kind of ["tables", "sequences"]) {
      const rights = `alter default privileges grant all on ${kind} to admin`;
      await onServer(databaseAt(serverUrl, database), rights);
    }
  } finally {
    await server.close();
  }
}

const start = (serverUrl: string, given: object): Promise<LocalDsql> =>
  startLocalDsql({
    databaseUrl: serverUrl,
    port: 0,
    anyDatabase: true,
    connectBurst: 100_000,
    ...given,
  });

/** The jobs of the local server, and clients of the tests, know nothing of a search_path. */
async function forItsSessions(serverUrl: string, database: string): Promise<void> {
  await onServer(serverUrl, `alter database ${database} set search_path = zerorace, public`);
}

function urlOf({ port }: LocalDsql, database: string): string {
  return databaseAt(`postgres://admin@127.0.0.1:${port}/`, database);
}

/** What the product's connections are called; those of the tests themselves are spared. */
const labels = ["zerorace", "zerorace-kernel", "zerorace-worker", "zerorace-run", "zerorace-cli"];

/**
 * One commit in twenty is lost. Of those that recall what they did before, which the kernel's and the
 * API's own rows tell, as many again end in doubt; others say so to whoever asked, as they must.
 */
function faultsOf(testPath: string): readonly string[] {
  if (Object.keys(withoutFaults).some((file) => testPath.endsWith(`/${file}`))) return [];
  const inDoubt = ["asks", "request_keys"].flatMap((table) =>
    ["XX000-before", "XX000-after", "cut-after"].map(
      (fault) => `fault=${fault} probability=0.017 table=${table}`,
    ),
  );
  const lost = ["OC000", "OC001"].map((fault) => `fault=${fault} probability=0.025`);
  const lines = labels.flatMap((label) =>
    [...inDoubt, ...lost].map((one) => `${one} label=${label}`),
  );
  const seed = inject("testSeed") % 1_000_000;
  return lines.map((line, index) => `${line} seed=${seed + index * 7_919}`);
}
