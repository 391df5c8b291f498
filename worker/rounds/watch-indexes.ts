import { unusableIndexes } from "../../server/db/ready.ts";
import type { Round } from "../round.ts";

/**
 * On Aurora DSQL an index is built on the cluster's own time. `zerorace migrate` waits for it, and no server
 * says that it is ready before; this tells of one that was built, or broken, by somebody else.
 */
export function watchIndexes(): Round {
  let known = "";
  return {
    name: "watch-indexes",
    everyMs: 30_000,
    async run({ db, log, metrics }) {
      const names = await unusableIndexes(db);
      metrics.unusableIndexes.set(names.length);
      const now = names.join();
      if (now !== known && names.length > 0) {
        log.error({ indexes: names }, "indexes cannot be used: if it lasts, run zerorace migrate");
      }
      if (now !== known && names.length === 0) log.info("all indexes can be used again");
      known = now;
      return names.length;
    },
  };
}
