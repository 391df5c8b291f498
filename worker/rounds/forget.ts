import { forgetWhatIsOver } from "../../server/auth/forget.ts";
import { forgetImports } from "../../server/imports/forget.ts";
import { forgetRequests } from "../../server/requests/forget.ts";
import { forgetDeliveries } from "../../server/webhooks/forget.ts";
import type { Round } from "../round.ts";

/** Rows that are over by their own rules, and are looked at by nobody. */
export const forget: Round = {
  name: "forget",
  everyMs: 60_000,
  async run({ db }, signal) {
    let gone = 0;
    for (const some of [forgetWhatIsOver, forgetDeliveries, forgetRequests, forgetImports]) {
      gone += await some(db, signal);
    }
    return gone;
  },
};
