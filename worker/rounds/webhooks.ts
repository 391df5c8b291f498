import { deliverDue } from "../../server/webhooks/deliver.ts";
import { hearWhatWasMissed } from "../../server/webhooks/fan-out.ts";
import { redeliverRunning } from "../../server/webhooks/redeliveries/store.ts";
import type { Round } from "../round.ts";

/** What endpoints are owed is found in the ledger, too: what the job never heard comes a minute late. */
export const hearForWebhooks: Round = {
  name: "hear-for-webhooks",
  everyMs: 60_000,
  run: ({ db }, signal) => hearWhatWasMissed(db, signal),
};

export const deliverWebhooks: Round = {
  name: "deliver-webhooks",
  everyMs: 1_000,
  run: (ctx, signal) => deliverDue(ctx, signal),
};

/** What somebody wants to have sent again, beyond what their request did itself. */
export const redeliverWebhooks: Round = {
  name: "redeliver-webhooks",
  everyMs: 1_000,
  run: (ctx, signal) => redeliverRunning(ctx, signal),
};
