import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { Config } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { startEmbedded } from "../db/embedded.ts";
import { migrate } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { placeOf, postgresAt } from "../db/place.ts";
import { checkAddresses, type RunningServer } from "../main.ts";
import { isSandboxOn } from "../sandbox/world.ts";
import { twoColumns, type Call, type Command } from "./command.ts";
import { serveUntilStopped } from "./until-stopped.ts";

export const upCommand: Command = {
  name: "up",
  summary: "Start everything on this machine: database, schema, sandbox and server.",
  options: {},
  examples: [
    ["up", "the same as npm start; Ctrl-C stops it, and the data stays"],
    ["up --help", "settings are in docs/reference/config.md"],
  ],
  run: up,
};

async function up({ config, terminal, signal }: Call): Promise<boolean> {
  const { dataDir, poolMax } = config;
  const named = placeOf(config);
  await checkAddresses(config);
  terminal.say(named === undefined ? "Starting PostgreSQL …" : "Connecting to the database …");
  const embedded = named === undefined ? await startEmbedded({ dataDir }) : undefined;
  const place = named ?? postgresAt([embedded?.url ?? ""]);
  const db = openDb({ place, name: "zerorace", poolMax }, makeMetrics());
  try {
    const steps = await migrate(db);
    if (steps.length > 0) terminal.say(`Schema: ${steps.length} steps taken.`);
    const asAsked = await serveUntilStopped({
      config,
      db,
      signal,
      log: makeLog("zerorace", config),
      ...(embedded && { lost: embedded.exited }),
      onUp: (server) => terminal.result(welcome(config, server, named === undefined)),
    });
    if (!asAsked) terminal.say(`PostgreSQL ended by itself: see ${resolve(dataDir)}.log.`);
    if (asAsked) terminal.say("Stopped. Nothing was lost.");
    return asAsked;
  } finally {
    await db.close();
    await embedded?.stop();
  }
}

function welcome(config: Config, { url, metricsUrl }: RunningServer, isOurs: boolean): string {
  const data = isOurs ? resolve(config.dataDir) : "in the database that the settings name";
  const curl = [
    "Buy something, without a key:",
    "",
    `  curl -X POST ${url}/v1/sandbox/commit \\`,
    '    -H "Content-Type: application/json" \\',
    `    -H "Idempotency-Key: try-${randomUUID().slice(0, 8)}" \\`,
    "    -d '{}'",
    "",
    'Send it again: the same answer with "replayed":true, and nothing is sold twice.',
  ];
  return [
    "",
    "ZeroRace is up.",
    "",
    ...twoColumns([
      ["API", url],
      ["Metrics", metricsUrl],
      ["Data", data],
      ["Stop", "Ctrl-C; the data stays for the next start"],
    ]),
    "",
    ...(isSandboxOn(config) ? [...curl, ""] : []),
  ].join("\n");
}
