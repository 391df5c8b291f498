import { writeFile } from "node:fs/promises";
import { arch, platform, release, totalmem } from "node:os";
import { describeConfig, type Config } from "../base/config.ts";
import { listBackups } from "../backups/shelf.ts";
import { readStanding } from "../db/migrate.ts";
import { nameOf } from "../db/migration-step.ts";
import type { Db } from "../db/open.ts";
import { reasonAgainst, unusableIndexes } from "../db/ready.ts";
import { readSize } from "../db/size.ts";
import { readNoted } from "../proof/noted.ts";
import type { Command } from "./command.ts";
import { readVersion } from "../base/version.ts";
import { withDatabase } from "./with-database.ts";

export const supportCommand: Command = {
  name: "support",
  summary: "Write down how this installation stands, without a secret and without anybody's data.",
  options: { file: { value: "FILE", says: "Where to. Default: standard output." } },
  examples: [
    ["support --file zerorace-support.json", "read it before you send it to anybody"],
    ["support", "beside the last lines of the logs, which are not in it"],
  ],
  async run(call) {
    const { config, terminal, values } = call;
    const database = await withDatabase(call, (db) => lookAt(db), { migrates: true }).catch(
      // A database that cannot be reached is a reason to ask for support.
      (error: unknown) => ({ unreachable: wordOf(error) }),
    );
    const all = {
      writtenAt: new Date().toISOString(),
      version: readVersion(),
      machine: {
        node: process.versions.node,
        platform: `${platform()} ${release()} ${arch()}`,
        cores: navigator.hardwareConcurrency,
        memoryBytes: totalmem(),
      },
      settings: Object.fromEntries(describeConfig(config).map(({ name, value }) => [name, value])),
      database,
      backups: await listBackups(config.backupDir).catch(wordOf),
      doors: await lookAtDoors(config),
    };
    const text = `${JSON.stringify(all, bigintAsText, 2)}\n`;
    const { file } = values;
    if (typeof file === "string") await writeFile(file, text, { mode: 0o600 });
    else terminal.result(text);
    terminal.say("No secret is in it, and no row of anybody's data. Read it before you send it.");
    return true;
  },
};

const bigintAsText = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

/** The kind of error and its code: a driver's sentence may quote what it was given. */
function wordOf(error: unknown): string {
  const { name = "Error", code } = error as { name?: string; code?: string };
  return code === undefined ? name : `${name} ${code}`;
}

/** Each by itself: what one cannot tell another may. */
async function lookAt(db: Db): Promise<Record<string, unknown>> {
  const asked = {
    engine: () => Promise.resolve(db.dialect.name),
    notReadyBecause: async () => (await reasonAgainst(db, 5_000)) ?? null,
    pendingSteps: async () => (await readStanding(db)).pending.map(nameOf),
    unusableIndexes: () => unusableIndexes(db),
    size: () => readSize(db),
    invariants: async () => [...(await readNoted(db)).values()],
  };
  const told = Object.entries(asked).map(
    async ([name, ask]) => [name, await ask().catch(wordOf)] as const,
  );
  return Object.fromEntries(await Promise.all(told));
}

const patienceMs = 3_000;

/** What the server and the worker of these settings say of themselves, where they are in reach. */
async function lookAtDoors(config: Config): Promise<Record<string, unknown>> {
  const { port, metricsPort, workerPort } = config;
  const host = ["0.0.0.0", "::"].includes(config.host) ? "localhost" : config.host;
  const at = (to: string): string => `http://${host.includes(":") ? `[${host}]` : host}:${to}`;
  const doors = {
    server: at(`${port}/readyz`),
    serverMetrics: at(`${metricsPort}/metrics`),
    worker: at(`${workerPort}/readyz`),
    workerMetrics: at(`${workerPort}/metrics`),
  };
  const told = Object.entries(doors).map(async ([name, url]) => [name, await read(url)] as const);
  return Object.fromEntries(await Promise.all(told));
}

async function read(url: string): Promise<unknown> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    const text = await reply.text();
    return { status: reply.status, text: text.split("\n").filter((line) => !line.startsWith("#")) };
  } catch (error) {
    return wordOf(error);
  }
}
