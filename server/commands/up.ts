import type { Config } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { migrate } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { prepareRoles } from "../db/roles.ts";
import { checkAddresses, type RunningServer } from "../main.ts";
import { makeClaimLink, type ClaimLink } from "../entrance/claim.ts";
import { isSandboxOn } from "../sandbox/world.ts";
import { startAppliance, type Appliance } from "./appliance.ts";
import { checkDurability } from "./check-durability.ts";
import { claimLines } from "./claim-link.ts";
import { buildConsole } from "./console-build.ts";
import { twoColumns, type Call, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { serveUntilStopped } from "./until-stopped.ts";
import { startOwnWorker } from "./own-worker.ts";
import { purchaseAt } from "./try-it.ts";

export const upCommand: Command = {
  name: "up",
  summary: "Start everything on this machine: database, Redis, schema, sandbox and server.",
  options: {},
  examples: [
    ["up", "the same as npm start; Ctrl-C stops it, and the data stays"],
    ["up --help", "settings are in docs/reference/config.md"],
  ],
  run: up,
};

async function up({ config, terminal, signal }: Call): Promise<boolean> {
  // Where any free port will do for ours, it does for the worker, too.
  await checkAddresses(config, config.metricsPort !== 0);
  await buildConsole(terminal);
  const appliance = await startAppliance(config, terminal);
  const { place, databaseUrl, redisUrl, dynamodbEndpoint } = appliance;
  const db = openDb({ place, name: "zerorace", poolMax: config.poolMax }, makeMetrics());
  try {
    // Who else could serve on a database of our own?
    const steps = await migrate(db, { alone: config.databaseUrl === undefined });
    await checkDurability(db, config, makeLog("zerorace", config));
    if (steps.length > 0) terminal.say(`Schema: ${steps.length} steps taken.`);
    // In a PostgreSQL of our own the janitor is there for the worker to become.
    if (steps.length > 0 && config.databaseUrl === undefined) await prepareRoles(db);
    const ours = { ...config, databaseUrl, redisUrl, dynamodbEndpoint };
    await using _worker = await startOwnWorker(ours, terminal);
    const asAsked = await serveUntilStopped({
      config: ours,
      db,
      signal,
      log: makeLog("zerorace", config),
      lost: appliance.lost.then((says) => terminal.say(says)),
      onUp: async (server) => {
        const link = await makeClaimLink(db, { actor: operator() });
        const lines = [...welcome(config, server, appliance), ...invitation(config, server, link)];
        terminal.result(lines.join("\n"));
      },
    });
    if (asAsked) terminal.say("Stopped. Nothing was lost.");
    return asAsked;
  } finally {
    await db.close();
    await appliance.stop();
  }
}

/** Nobody may come in before somebody has claimed the instance; afterwards there is nothing to say. */
function invitation(config: Config, { url }: RunningServer, link: ClaimLink): readonly string[] {
  if (link.kind !== "made") return [];
  return [
    "Claim this instance: its first user is its operator.",
    "",
    ...claimLines(config.publicUrl ?? url, link.token),
    "",
  ];
}

function welcome(
  config: Config,
  { url, metricsUrl }: RunningServer,
  { rows }: Appliance,
): readonly string[] {
  const curl = [
    "Buy something, without a key:",
    "",
    ...purchaseAt(url),
    "",
    'Send it again: the same answer with "replayed":true, and nothing is sold twice.',
  ];
  return [
    "",
    "ZeroRace is up.",
    "",
    ...twoColumns([
      ["Console", url],
      ["API", url],
      ["Reference", `${url}/reference`],
      ["Metrics", metricsUrl],
      ...rows,
      ["Stop", "Ctrl-C; the data stays for the next start"],
    ]),
    "",
    ...(isSandboxOn(config) ? [...curl, ""] : []),
  ];
}
