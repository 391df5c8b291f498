import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { monitoringFiles } from "../../grafana/files.ts";
import { chartFiles } from "../../helm/files.ts";
import { mutantsReference } from "../../mutants/reference.ts";
import { configReference, envExample } from "../base/config-docs.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { metricsReference } from "../base/metrics-docs.ts";
import { makeMetrics } from "../base/metrics.ts";
import { readCatalogue } from "../db/catalogue.ts";
import { migrate } from "../db/migrate.ts";
import { openDb, type Db } from "../db/open.ts";
import type { OpenApi } from "../http/openapi-types.ts";
import { referenceMarkdown } from "../http/reference-markdown.ts";
import { startServer } from "../main.ts";
import { databaseAt, onServer, startTestServer } from "./server.ts";

/** `npm run generate`: writes every file that comes from another one. Tests compare them all. */
async function generate(): Promise<void> {
  await write("docs/reference/config.md", configReference());
  await write(".env.example", envExample());
  await write("docs/reference/metrics.md", await metricsReference());
  await write("docs/reference/mutants.md", mutantsReference());
  for (const [path, text] of monitoringFiles()) await write(path, text);
  for (const [path, text] of chartFiles()) await write(path, text);
  const { schema, openapi } = await fromRunning();
  await write("migrations/schema.sql", schema);
  await write("docs/reference/openapi.json", `${JSON.stringify(openapi, undefined, 2)}\n`);
  await write("docs/reference/api.md", referenceMarkdown(openapi));
}

/** What only a migrated database and a running server can tell. */
async function fromRunning(): Promise<{ schema: string; openapi: OpenApi }> {
  const server = await startTestServer();
  try {
    await onServer(server.url, "create database generate template template0");
    const db = openDb({ url: databaseAt(server.url, "generate"), name: "generate" }, makeMetrics());
    try {
      await migrate(db);
      return { schema: await readCatalogue(db), openapi: await servedDocument(db) };
    } finally {
      await db.close();
    }
  } finally {
    await server.stop();
  }
}

async function servedDocument(db: Db): Promise<OpenApi> {
  const config = readConfig({ ZERORACE_PORT: "0", ZERORACE_METRICS_PORT: "0" });
  const running = await startServer(
    { ...config, drainDelayMs: 0 },
    db,
    makeLog("generate", { logLevel: "warn" }),
  );
  try {
    const response = await fetch(`${running.url}/openapi.json`);
    return (await response.json()) as OpenApi;
  } finally {
    await running.drain();
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}

await generate();
