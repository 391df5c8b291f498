import type { Tx } from "../db/transact.ts";
import type { Actor } from "./entry.ts";
import { record } from "./record.ts";

/** That parked events were told again, in the log of each tenant that had some. */
export function noteReplay(
  actor: Actor,
  eventId = "all",
): (tx: Tx, byTenant: ReadonlyMap<string, number>) => Promise<void> {
  return async (tx, byTenant) => {
    const object = { kind: "event", id: eventId };
    for (const [tenantId, events] of byTenant) {
      await record(tx, { tenantId, actor, action: "event.replay", object, after: { events } });
    }
  };
}
