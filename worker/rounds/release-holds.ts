import { expireHolds, type HoldPosition } from "../../server/kernel/expire-holds.ts";
import type { Round } from "../round.ts";

/** What expired goes back without anybody asking for it; a claim in need does not wait for this. */
export const releaseHolds: Round = {
  name: "release-holds",
  everyMs: 5_000,
  async run({ db }, signal) {
    let released = 0;
    let after: HoldPosition | undefined;
    do {
      const done = await expireHolds(db, after);
      released += done.released;
      after = done.next;
    } while (after && !signal.aborted);
    return released;
  },
};
