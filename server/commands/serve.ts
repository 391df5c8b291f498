import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { checkSchema } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { placeOf } from "../db/place.ts";
import { checkAddresses } from "../main.ts";
import { makeClaimLink } from "../entrance/claim.ts";
import { claimLines } from "./claim-link.ts";
import { UsageError, type Command } from "./command.ts";
import { operator } from "./operator.ts";
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
      await checkSchema(db);
      const done = await serveUntilStopped({
        config,
        db,
        log,
        signal,
        async onUp({ url, metricsUrl }) {
          log.info({ host, url, metricsUrl }, "listening");
          // Of several servers that start on one database the first one says it.
          const link = await makeClaimLink(db, { actor: operator(), onlyFirst: true });
          if (link.kind === "there")
            log.info("not claimed yet: zerorace claim-link makes a new link");
          if (link.kind !== "made") return;
          const lines = claimLines(config.publicUrl ?? url, link.token);
          terminal.say(["Nobody has claimed this instance yet.", "", ...lines].join("\n"));
        },
      });
      log.info("stopped");
      return done;
    } finally {
      await db.close();
    }
  },
};
