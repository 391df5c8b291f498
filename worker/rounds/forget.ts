import { forgetWhatIsOver } from "../../server/auth/forget.ts";
import { forgetDeliveries } from "../../server/webhooks/forget.ts";
import type { Round } from "../round.ts";

/** Rows that are over by their own rules, and are looked at by nobody. */
export const forget: Round = {
  name: "forget",
  everyMs: 600_000,
  async run({ db }, signal) {
    const gone = await forgetWhatIsOver(db, signal);
    return gone + (await forgetDeliveries(db, signal));
  },
};
