import { renewBalances } from "../server/balances/renew.ts";
import type { JobContext } from "./job.ts";
import type { Added } from "./outbox/settle.ts";

type Keeps = Pick<JobContext, "db" | "log" | "balances">;

/**
 * What was just added to the sums goes to the copies in Redis, in the order of the versions. What is lost on
 * the way (a kill, a Redis that is away) shows there as a gap, and is closed by the next certificate.
 */
export async function addToBalances({ log, balances }: Keeps, added: readonly Added[]) {
  if (!balances || balances.isAway) return;
  const owners = Map.groupBy(added, ({ ownerId }) => ownerId);
  try {
    await Promise.all([...owners].map(([ownerId, rows]) => balances.add(ownerId, rows)));
  } catch (err) {
    log.debug({ err }, "balances in Redis are behind");
  }
}

/** Up to when they are complete is said whenever an owner's sums changed; nothing waits for Redis. */
export async function certifyBalances(
  { db, log, balances }: Keeps,
  ownerIds: readonly string[],
): Promise<void> {
  if (!balances || balances.isAway) return;
  try {
    await renewBalances(db, balances, ownerIds);
  } catch (err) {
    log.debug({ err }, "balances in Redis are behind");
  }
}
