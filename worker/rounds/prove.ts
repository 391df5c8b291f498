import type { Invariant } from "../../server/proof/invariant.ts";
import { invariants } from "../../server/proof/invariants.ts";
import { proveOne } from "../../server/proof/prove.ts";
import type { Round } from "../round.ts";

/** A check of a second is followed by twenty of rest: a twentieth of the time at most. */
const restTimes = 20;

/**
 * The invariants in turn, one a time. Books that have grown take longer to look at, and are looked at
 * less often; `zerorace prove` looks at all of them in one snapshot.
 */
export function proveInTurn(
  list: readonly Invariant[] = invariants,
  now: () => number = () => performance.now(),
): Round {
  let turn = 0;
  let restsUntil = 0;
  return {
    name: "prove",
    everyMs: 2_000,
    async run({ db, log, metrics }) {
      const startedAt = now();
      const invariant = list[turn % list.length];
      if (invariant === undefined || startedAt < restsUntil) return 0;
      turn++;
      try {
        const { name, count, counterexamples } = await proveOne(db, invariant);
        metrics.invariantBreaches.set({ invariant: name }, count);
        metrics.invariantCheckedAt.set({ invariant: name }, Date.now() / 1000);
        if (count > 0) {
          log.error({ invariant: name, count, first: counterexamples[0] }, "an invariant is broken");
        }
      } finally {
        const endedAt = now();
        restsUntil = endedAt + restTimes * (endedAt - startedAt);
      }
      return 1;
    },
  };
}
