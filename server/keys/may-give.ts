import type { Caller } from "../auth/caller.ts";

/** What a key may do and for whom; null binds it to nobody. */
export interface Terms {
  readonly scopes: readonly string[];
  readonly agentIds: readonly string[] | null;
  readonly mandateIds: readonly string[] | null;
  readonly expiresAtMs: number | null;
}

/** Why somebody must not be given this by the caller: nobody gives more than they have. */
export function faultOfGift(
  caller: Caller,
  callerEndsAtMs: number | null,
  terms: Terms,
): string | undefined {
  const beyond = terms.scopes.filter((scope) => !caller.scopes.includes(scope));
  if (beyond.length > 0) return `You do not have ${beyond.join(", ")} to give.`;
  const outside = faultOfReach(caller, terms);
  if (outside !== undefined) return outside;
  const { expiresAtMs } = terms;
  if (callerEndsAtMs !== null && (expiresAtMs === null || expiresAtMs > callerEndsAtMs)) {
    return "Your key expires: it makes no key that lasts longer.";
  }
  return undefined;
}

/** Who is bound to agents or mandates has to do with keys that are bound to some of these only. */
export function faultOfReach(
  caller: Caller,
  { agentIds, mandateIds }: Pick<Terms, "agentIds" | "mandateIds">,
): string | undefined {
  if (!isWithin(agentIds, caller.agentIds)) return "Your key is bound to other agents.";
  if (!isWithin(mandateIds, caller.mandateIds)) return "Your key is bound to other mandates.";
  return undefined;
}

function isWithin(ids: readonly string[] | null, bounds: readonly string[] | null): boolean {
  if (bounds === null) return true;
  return ids !== null && ids.every((id) => bounds.includes(id));
}
