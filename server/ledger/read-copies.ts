import { renewBalances } from "../balances/renew.ts";
import type { Context } from "../context.ts";
import type { Balances } from "./store.ts";

interface Owner {
  readonly tenantId: string;
  readonly merchantId: string | undefined;
}

/**
 * From Redis, if what is there says that it is young enough. Where nothing was sold for a while nobody says
 * so: then it is renewed behind this answer, for the next one.
 */
export async function readCopies(
  { db, log, balances }: Pick<Context, "db" | "log" | "balances">,
  { tenantId, merchantId }: Owner,
  maxAgeMs: number,
): Promise<Balances | undefined> {
  if (!balances || balances.isAway) return undefined;
  const ownerId = merchantId ?? tenantId;
  try {
    const copy = await balances.read(ownerId);
    if (copy && Date.now() - copy.asOf.getTime() <= maxAgeMs) {
      return { source: "copies", asOf: copy.asOf.toISOString(), accounts: copy.accounts };
    }
  } catch {
    return undefined;
  }
  renewBalances(db, balances, [ownerId]).catch((err: unknown) => {
    log.debug({ err }, "balances in Redis are behind");
  });
  return undefined;
}
