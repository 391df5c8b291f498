import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { databaseAt, onServer } from "./server.ts";
import { startLocalDsql, type LocalDsql } from "../../dsql-local/server.ts";
import type { Settings } from "../../dsql-local/settings.ts";

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export const lost: Failure = {
  code: "40001",
  message: "change conflicts with another transaction (OC000)",
};
export const stale: Failure = {
  code: "40001",
  message: "schema has been updated by another transaction (OC001)",
};
export const aborted: Failure = {
  code: "25P02",
  message: "current transaction is aborted, commands ignored until end of transaction block",
};

/** A client of the local server. */
export interface Peer {
  readonly client: pg.Client;
  /** The command tag, or what went wrong. */
  ask(sql: string, values?: readonly unknown[]): Promise<string | Failure>;
  rows<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Running {
  readonly dsql: LocalDsql;
  readonly database: string;
  connect(options?: pg.ClientConfig): Promise<Peer>;
  close(): Promise<void>;
}

/** A local server of a test's own, over an empty database of its own. */
export async function dsqlWith(
  settings: Partial<Settings> = {},
  setup: readonly string[] = [],
): Promise<Running> {
  const server = inject("testServerUrl");
  const database = `dsql_${randomBytes(6).toString("hex")}`;
  await onServer(server, `create database ${database} template template0`);
  const databaseUrl = databaseAt(server, database);
  const dsql = await startLocalDsql({ databaseUrl, port: 0, anyDatabase: true, ...settings });
  const connect = async (options: pg.ClientConfig = {}): Promise<Peer> => {
    const place = { host: "127.0.0.1", port: dsql.port, user: "admin", database };
    const client = new pg.Client({ ...place, ...options });
    client.on("error", () => undefined);
    await client.connect();
    return peerOf(client);
  };
  if (setup.length > 0) {
    const first = await connect();
    for (const sql of setup) await first.rows(sql);
    await first.client.end();
  }
  return {
    dsql,
    database,
    connect,
    async close() {
      await dsql.close();
      await onServer(server, `drop database ${database} with (force)`);
    },
  };
}

function peerOf(client: pg.Client): Peer {
  return {
    client,
    async ask(sql, values) {
      try {
        return (await client.query(sql, values as unknown[])).command;
      } catch (error) {
        const { code, message } = error as Failure;
        return { code, message };
      }
    },
    rows: async <Row>(sql: string, values?: readonly unknown[]) =>
      (await client.query(sql, values as unknown[])).rows as Row[],
  };
}
