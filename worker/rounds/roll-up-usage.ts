import { foldReplays, rollUpAll } from "../../server/usage/roll-up-all.ts";
import type { Round } from "../round.ts";

const patienceMs = 20_000;

/** So that who reads usage finds nearly all of it counted, and a day's replays in one row. */
export const rollUpUsage: Round = {
  name: "roll-up-usage",
  everyMs: 60_000,
  async run({ db }, signal) {
    const deadlineAt = performance.now() + patienceMs;
    let done = await rollUpAll(db, { deadlineAt });
    while (!signal.aborted && performance.now() < deadlineAt) {
      const folded = await foldReplays(db);
      if (folded === 0) break;
      done += folded;
    }
    return done;
  },
};
