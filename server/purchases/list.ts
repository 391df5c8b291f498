import { Problem } from "../http/problem.ts";
import type { AskFilter, AskRow, Owners } from "./store.ts";
import type { ListQuery } from "./wire.ts";

const outcomes = {
  committed: { kind: "commit", granted: true },
  held: { kind: "hold", granted: true },
  declined: { granted: false },
} as const;

export function filterOf({ outcome, ...query }: ListQuery): AskFilter {
  const { merchantId, mandateId, itemId, agentId, reason, key, from, to } = query;
  const wanted = { merchantId, mandateId, itemId, agentId, reason, key, from, to };
  return {
    ...(outcome !== undefined && outcomes[outcome]),
    ...Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
  };
}

/** A filter names what is one's own; an empty list would be a wrong answer about anything else. */
export function checkOwners(tenantId: string, filter: AskFilter, owners: Owners): void {
  const named = [
    [filter.merchantId, owners.merchant, "UNKNOWN_MERCHANT"],
    [filter.mandateId, owners.mandate, "UNKNOWN_MANDATE"],
    [filter.itemId, owners.item, "UNKNOWN_ITEM"],
  ] as const;
  for (const [id, owner, unknown] of named) {
    if (id === undefined) continue;
    if (owner === null) throw new Problem(unknown);
    if (owner !== tenantId) throw new Problem("FORBIDDEN");
  }
}

/** What is on record of an ask, as JSON. */
export function textOf(ask: AskRow): string {
  const { askId: id, kind, merchantId, key: idempotencyKey, createdAt } = ask;
  const about = JSON.stringify({ id, kind, merchantId, idempotencyKey, createdAt });
  // The answer's bytes are what was promised for ever: they are put in, not written anew.
  return `${about.slice(0, -1)},"answer":${ask.answer}}`;
}
