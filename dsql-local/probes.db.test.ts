import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { databaseAt, onServer } from "../server/testing/server.ts";
import { statementsIn } from "./parse.ts";
import { accepted } from "./probes-accepted.ts";
import { refusedFunctions } from "./probes-refused-functions.ts";
import { refusedObjects } from "./probes-refused-objects.ts";
import { refusedStatements } from "./probes-refused-statements.ts";
import { refusedTables } from "./probes-refused-tables.ts";
import { startLocalDsql, type LocalDsql } from "./server.ts";

let dsql: LocalDsql;
const database = "dsql_probes";

beforeAll(async () => {
  const server = inject("testServerUrl");
  await onServer(server, `drop database if exists ${database}`);
  await onServer(server, `create database ${database} template template0`);
  const databaseUrl = databaseAt(server, database);
  dsql = await startLocalDsql({ databaseUrl, port: 0, anyDatabase: true, connectBurst: 10_000 });
});

afterAll(async () => {
  await dsql.close();
  await onServer(inject("testServerUrl"), `drop database ${database} with (force)`);
});

async function ask(
  sql: string,
  extended = false,
): Promise<{ code: string; message: string } | "accepted"> {
  const client = new pg.Client({ host: "127.0.0.1", port: dsql.port, user: "admin", database });
  await client.connect();
  try {
    const parts = sql.split(" ;; ");
    for (const part of parts.slice(0, -1)) await client.query(part).catch(() => undefined);
    const text = parts.at(-1) ?? "";
    // A setting of the driver that its types do not know.
    const query: { text: string; queryMode?: string } = { text };
    if (extended) query.queryMode = "extended";
    await client.query(query);
    return "accepted";
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  } finally {
    await client.end();
  }
}

const refusals = [...refusedStatements, ...refusedTables, ...refusedObjects, ...refusedFunctions];

describe("a probe", () => {
  it("is one of at least 250, a third of them accepted", () => {
    const total = accepted.length + refusals.length;
    expect(total).toBeGreaterThanOrEqual(250);
    expect(accepted.length / total).toBeGreaterThanOrEqual(1 / 3);
  });

  it.each(accepted)("is accepted: %s", async (sql) => {
    let answer = await ask(sql);
    // A job of an earlier probe changed the catalog in the middle: as a client would, once more.
    if (typeof answer !== "string" && answer.message.includes("OC001")) answer = await ask(sql);
    expect(answer).toBe("accepted");
  });

  it.each(refusals)("is refused: %s", async (sql, code, message) => {
    expect(await ask(sql)).toEqual({ code, message });
  });

  const single = refusals.filter(([sql]) =>
    sql.split(" ;; ").every((part) => statementsIn(part).length === 1),
  );
  it.each(single)("is refused by the extended protocol too: %s", async (sql, code, message) => {
    expect(await ask(sql, true)).toEqual({ code, message });
  });
});
