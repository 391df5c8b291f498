import type { Policy, Verdict } from "../limits/gcra.ts";

/** `RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers-11 has them. */

const known = new WeakMap<Policy, string>();

export function policyField(policies: readonly Policy[]): string {
  return policies.map(itemOf).join(", ");
}

/** The same few policies stand in every answer. */
function itemOf(policy: Policy): string {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const item = `"${policy.name}";q=${policy.quota};w=${policy.windowS}`;
  known.set(policy, item);
  return item;
}

/** What is left of the tightest policy, and the seconds until all of it is there again. */
export function stateField({ policy, remaining, resetS }: Verdict): string {
  return `"${policy.name}";r=${remaining};t=${resetS}`;
}
