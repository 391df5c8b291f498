import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { checkSchema } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { placeOf } from "../db/place.ts";
import { checkAddresses } from "../main.ts";
import { UsageError, type Command } from "./command.ts";
import { serveUntilStopped } from "./until-stopped.ts";

export const serveCommand: Command = {
  name: "serve",
  summary: "Run the server on the database that the settings name.",
  options: {},
  examples: [["serve", "in a container; logs are JSON lines on standard output"]],
  async run({ config, signal }) {
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
        onUp: ({ url, metricsUrl }) => log.info({ host, url, metricsUrl }, "listening"),
      });
      log.info("stopped");
      return done;
    } finally {
      await db.close();
    }
  },
};
