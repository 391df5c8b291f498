import { fanOutChanges } from "../../server/webhooks/fan-out-changes.ts";
import { fanOut, listeners } from "../../server/webhooks/fan-out.ts";
import { isChange } from "../../server/webhooks/kinds.ts";
import type { Job } from "../job.ts";

/** What endpoints are owed for these events; a round sends it, and finds sales that were never heard here. */
export const tellWebhooks: Job = {
  name: "tell-webhooks",
  hears: (kind) => kind.startsWith("purchase.") || isChange(kind),
  async run({ db }, events) {
    const tenants = new Set(await listeners(db));
    const heard = events.filter(({ tenantId }) => tenants.has(tenantId));
    await fanOut(
      db,
      heard.filter(({ kind }) => !isChange(kind)),
    );
    await fanOutChanges(db, heard);
    return new Map();
  },
};
