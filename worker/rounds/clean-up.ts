import { whyNotJanitor } from "../../server/db/as-janitor.ts";
import { oldWorlds } from "../../server/db/old-worlds.ts";
import { purgeWorld } from "../../server/db/purge.ts";
import { forgetDeclines } from "../../server/kernel/forget-declines.ts";
import type { Round, RoundContext } from "../round.ts";

/** Of a turn; what is left then is taken up by the next one. */
const patienceMs = 10_000;

/** Worlds of runs and of replaced sandboxes, when their days are over; what came of a run stays with it. */
export const purgeWorlds: Round = {
  name: "purge-worlds",
  everyMs: 60_000,
  async run(ctx, signal) {
    const { config, db, log, metrics } = ctx;
    if (config.worldDays === 0) return 0;
    const isOver = overAfter(patienceMs, signal);
    return saidOnce(ctx, "worlds are not purged", async () => {
      let rows = 0;
      for (const tenantId of await oldWorlds(db, config.worldDays)) {
        if (isOver()) break;
        const gone = await purgeWorld(db, tenantId, { isOver });
        metrics.purgedRows.inc({ of: "world" }, gone);
        rows += gone;
        if (!isOver()) log.info({ tenantId, rows: gone }, "a world's time was over: it is gone");
      }
      return rows;
    });
  },
};

export const forgetOldDeclines: Round = {
  name: "forget-declines",
  everyMs: 60_000,
  async run(ctx, signal) {
    const { config, db, metrics } = ctx;
    if (config.declineDays === 0) return 0;
    return saidOnce(ctx, "declines are not forgotten", async () => {
      const isOver = overAfter(patienceMs, signal);
      const gone = await forgetDeclines(db, { days: config.declineDays, isOver });
      metrics.purgedRows.inc({ of: "decline" }, gone);
      return gone;
    });
  },
};

function overAfter(ms: number, signal: AbortSignal): () => boolean {
  const deadlineAt = performance.now() + ms;
  return () => signal.aborted || performance.now() > deadlineAt;
}

const said = new Set<string>();

/** What an operator has to mend is said once, and not every minute. */
async function saidOnce(
  { log }: RoundContext,
  what: string,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const why = whyNotJanitor(error);
    if (why === undefined) throw error;
    if (!said.has(what)) log.warn(`${what}: ${why}`);
    said.add(what);
    return 0;
  }
}
