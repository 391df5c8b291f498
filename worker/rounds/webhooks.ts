import { deliverDue } from "../../server/webhooks/deliver.ts";
import { hearWhatWasMissed } from "../../server/webhooks/fan-out.ts";
import type { Round } from "../round.ts";

/** What endpoints are owed is found in the ledger, also when nobody told us. */
export const hearForWebhooks: Round = {
  name: "hear-for-webhooks",
  everyMs: 5_000,
  run: ({ db }, signal) => hearWhatWasMissed(db, signal),
};

export const deliverWebhooks: Round = {
  name: "deliver-webhooks",
  everyMs: 1_000,
  run: (ctx, signal) => deliverDue(ctx, signal),
};
