import { setTimeout as sleep } from "node:timers/promises";
import type { Invariant } from "../../server/proof/invariant.ts";
import { invariants } from "../../server/proof/invariants.ts";
import { noteFinding } from "../../server/proof/noted.ts";
import { proveOne } from "../../server/proof/prove.ts";
import type { Round } from "../round.ts";

/** A check of a second is followed by twenty of rest: less than a twentieth of the time. */
const restTimes = 20;

/**
 * The invariants in turn, one a time. Books that have grown take longer to look at, and are looked at
 * less often; `zerorace prove` looks at all of them in one snapshot. The rest is part of the turn, and
 * so of its lease: more workers do not look more often.
 */
export function proveInTurn(list: readonly Invariant[] = invariants): Round {
  // Where a worker that is started again and again would never come to the last.
  let turn = Math.floor(Math.random() * list.length);
  return {
    name: "prove",
    everyMs: 2_000,
    async run({ db, log, metrics }, signal) {
      const invariant = list[turn++ % list.length];
      if (!invariant) return 0;
      const startedAt = performance.now();
      try {
        const finding = await proveOne(db, invariant);
        const { name, count, counterexamples } = finding;
        metrics.invariantBreaches.set({ check: name }, count);
        metrics.invariantCheckedAt.set({ check: name }, Date.now() / 1000);
        if (count > 0) {
          log.error(
            { invariant: name, count, first: counterexamples[0] },
            "an invariant is broken",
          );
        }
        await noteFinding(db, finding);
      } finally {
        const restMs = restTimes * (performance.now() - startedAt);
        await sleep(restMs, undefined, { signal }).catch(() => undefined);
      }
      return 1;
    },
  };
}
