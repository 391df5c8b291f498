import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { configReference, envExample } from "../base/config-docs.ts";
import { makeMetrics } from "../base/metrics.ts";
import { readCatalogue } from "../db/catalogue.ts";
import { migrate } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { databaseAt, onServer, startTestServer } from "./server.ts";

/** `npm run generate`: writes every file that comes from another one. Tests compare them all. */
async function generate(): Promise<void> {
  await write("docs/reference/config.md", configReference());
  await write(".env.example", envExample());
  await write("migrations/schema.sql", await freshSchema());
}

async function freshSchema(): Promise<string> {
  const server = await startTestServer();
  try {
    await onServer(server.url, "create database generate template template0");
    const db = openDb({ url: databaseAt(server.url, "generate"), name: "generate" }, makeMetrics());
    try {
      await migrate(db);
      return await readCatalogue(db);
    } finally {
      await db.close();
    }
  } finally {
    await server.stop();
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote ${path}`);
}

await generate();
