/** `quota` requests may come at once; a whole quota is regained in `windowS` seconds. */
export interface Policy {
  readonly name: string;
  readonly quota: number;
  readonly windowS: number;
}

/** One subject (a key, a tenant, an address) held against one policy. */
export interface Check {
  readonly policy: Policy;
  readonly subject: string;
}

/** What became of a request that was held against some policies. */
export interface Verdict {
  readonly admitted: boolean;
  /** The one that leaves least, or that has to be waited for longest. */
  readonly policy: Policy;
  readonly remaining: number;
  /** Seconds until its whole quota is there again. */
  readonly resetS: number;
  /** Seconds until the same request would be admitted; 0 when it was. */
  readonly waitS: number;
}

/**
 * GCRA keeps one number per subject: the time at which everything admitted so far would have been
 * paid for. Its distance from now is the subject's debt. Whole microseconds everywhere, here as in the
 * Lua program: both come to the same result.
 */
export const costOf = ({ quota, windowS }: Policy): number =>
  Math.ceil((windowS * 1_000_000) / quota);

export const roomOf = (policy: Policy): number => policy.quota * costOf(policy);

/** More than the room can only be seen after a clock went back, or a limit was lowered. */
export const debtOf = (policy: Policy, paidAt: number, now: number): number =>
  Math.min(Math.max(paidAt - now, 0), roomOf(policy));

/** How many more requests fit. */
export const fitsIn = (policy: Policy, debt: number): number =>
  Math.floor((roomOf(policy) - debt) / costOf(policy));

/** The verdict on one request, from what each subject owed before it. */
export function verdictOn(checks: readonly Check[], debts: readonly number[]): Verdict | undefined {
  const each = checks.map(({ policy }, index) => judged(policy, debts[index] ?? 0));
  const refused = each.filter(({ admitted }) => !admitted);
  if (refused.length > 0) return refused.reduce((a, b) => (b.waitS > a.waitS ? b : a));
  const [first, ...others] = each;
  return first && others.reduce((a, b) => (b.remaining < a.remaining ? b : a), first);
}

function judged(policy: Policy, debt: number): Verdict {
  const cost = costOf(policy);
  const waitUs = Math.max(0, debt + cost - roomOf(policy));
  const admitted = waitUs === 0;
  return {
    admitted,
    policy,
    remaining: admitted ? fitsIn(policy, debt) - 1 : 0,
    resetS: Math.ceil((admitted ? debt + cost : debt) / 1_000_000),
    waitS: waitUs / 1_000_000,
  };
}
