import { putIfNewer } from "../../server/readplane/put.ts";
import type { Job } from "../job.ts";
import { certifyBalances } from "../keep-balances.ts";
import { totalsChanged } from "../outbox/floor.ts";
import { readTotalsOf, totalsDocs } from "../outbox/totals.ts";

/** Copies the sums of merchants and tenants that sold something. */
export const tellTotals: Job = {
  name: "tell-totals",
  hears: (kind) => kind === totalsChanged,
  async run(ctx, events) {
    const { db, plane } = ctx;
    const failures = new Map<string, string>();
    const ownerIds = events.map(({ subjectId }) => subjectId);
    await certifyBalances(ctx, ownerIds);
    if (!plane) return failures;
    const owners = await readTotalsOf(db, ownerIds);
    const refused = await putIfNewer(plane, totalsDocs(owners));
    for (const { eventId, subjectId } of events) {
      const why = [...refused].find(([name]) => name.includes(subjectId));
      if (why) failures.set(eventId, why[1]);
    }
    return failures;
  },
};
