import { once } from "node:events";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { checkSchema } from "../db/migrate.ts";
import { openDb } from "../db/open.ts";
import { placeOf } from "../db/place.ts";
import { startWorker } from "../../worker/main.ts";
import { checkDurability } from "./check-durability.ts";
import { UsageError, type Command } from "./command.ts";

export const workerCommand: Command = {
  name: "worker",
  summary: "Run a worker: what happens after a sale. Several share the work.",
  options: {},
  examples: [["worker", "beside `zerorace serve`; `zerorace up` brings one along"]],
  async run({ config, signal }) {
    const place = placeOf(config);
    if (place === undefined) {
      throw new UsageError(
        "zerorace worker needs ZERORACE_DATABASE_URL; `zerorace up` brings a worker along.",
      );
    }
    const log = makeLog("zerorace-worker", config);
    const db = openDb({ place, name: "zerorace-worker", poolMax: 4 }, makeMetrics());
    try {
      const { newer } = await checkSchema(db);
      if (newer.length > 0) log.warn({ migration: newer.at(-1)?.version }, "newer schema");
      await checkDurability(db, config, log);
      const worker = await startWorker(config, db, log);
      log.info({ url: worker.url }, "working");
      if (!signal.aborted) await once(signal, "abort");
      await worker.drain();
      log.info("stopped");
      return true;
    } finally {
      await db.close();
    }
  },
};
