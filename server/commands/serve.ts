import type { Config } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { checkSchema } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { placeOf } from "../db/place.ts";
import { checkAddresses } from "../main.ts";
import { makeClaimLink, type ClaimLink } from "../entrance/claim.ts";
import { isSandboxOn } from "../sandbox/world.ts";
import { checkDurability } from "./check-durability.ts";
import { claimLines } from "./claim-link.ts";
import { twoColumns, UsageError, type Command } from "./command.ts";
import { operator } from "./operator.ts";
import { purchaseAt } from "./try-it.ts";
import { serveUntilStopped } from "./until-stopped.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "Run the server on the database that the settings name.",
  options: {},
  examples: [["serve", "in a container; logs are JSON lines on standard output"]],
  async run({ config, signal, terminal }) {
    const { poolMax, host } = config;
    const place = placeOf(config);
    if (place === undefined) {
      throw new UsageError(
        "zerorace serve needs ZERORACE_DATABASE_URL; `zerorace up` brings a database along.",
      );
    }
    const log = makeLog("zerorace", config);
    await checkAddresses(config);
    const onTurn = (endpoint: string, turn: string): void =>
      log.warn({ endpoint, turn }, "database endpoint");
    const db = openDb({ place, name: "zerorace", poolMax, onTurn }, makeMetrics());
    try {
      const { newer } = await checkSchema(db);
      if (newer.length > 0) log.warn({ migration: newer.at(-1)?.version }, "newer schema");
      await checkDurability(db, config, log);
      const done = await serveUntilStopped({
        config,
        db,
        log,
        signal,
        async onUp({ url, metricsUrl }) {
          log.info({ host, url, metricsUrl }, "listening");
          // Of several servers that start on one database the first one says it.
          const link = await makeClaimLink(db, { actor: operator(), onlyFirst: true });
          terminal.say(welcome(config, config.publicUrl ?? url, link).join("\n"));
        },
      });
      log.info("stopped");
      return done;
    } finally {
      await db.close();
    }
  },
};

/** The last lines of the log of a start: where to click, where the API is, what to try. */
function welcome(config: Config, url: string, link: ClaimLink): readonly string[] {
  const claim: Readonly<Record<ClaimLink["kind"], () => readonly string[]>> = {
    made: () => [
      "Nobody has claimed this instance yet.",
      "",
      ...claimLines(url, link.kind === "made" ? link.token : ""),
      "",
    ],
    there: () => [
      "Nobody has claimed this instance yet: `zerorace claim-link` makes a new link.",
      "",
    ],
    claimed: () => [],
  };
  return [
    "",
    "ZeroRace is ready.",
    "",
    ...claim[link.kind](),
    ...twoColumns([
      ["Console", url],
      ["API", `${url}/v1`],
      ["Reference", `${url}/reference`],
    ]),
    "",
    "Try it: `zerorace swarm --agents 10000`, the proof with `zerorace prove`" +
      (isSandboxOn(config) ? ", or buy something, without a key:" : "."),
    ...(isSandboxOn(config) ? ["", ...purchaseAt(url)] : []),
    "",
  ];
}
