import { fanOut, listeners } from "../../server/webhooks/fan-out.ts";
import type { Job } from "../job.ts";

/** What endpoints are owed for these events; a round sends it, and finds what was never heard here. */
export const tellWebhooks: Job = {
  name: "tell-webhooks",
  // An extension moves neither money nor units, and is told to nobody.
  hears: (kind) => kind.startsWith("purchase.") && kind !== "purchase.extended",
  async run({ db }, events) {
    const tenants = new Set(await listeners(db));
    await fanOut(
      db,
      events.filter(({ tenantId }) => tenants.has(tenantId)),
    );
    return new Map();
  },
};
