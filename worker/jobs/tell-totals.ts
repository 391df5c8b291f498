import { putIfNewer } from "../../server/readplane/put.ts";
import type { Job } from "../job.ts";
import { totalsChanged } from "../outbox/settle.ts";
import { readTotalsOf, totalsDocs } from "../outbox/totals.ts";

/** Copies the sums of merchants and tenants that sold something. */
export const tellTotals: Job = {
  name: "tell-totals",
  hears: (kind) => kind === totalsChanged,
  async run({ db, plane }, events) {
    const failures = new Map<string, string>();
    if (!plane) return failures;
    const owners = await readTotalsOf(
      db,
      events.map(({ subjectId }) => subjectId),
    );
    const refused = await putIfNewer(plane, totalsDocs(owners));
    for (const { eventId, subjectId } of events) {
      const why = [...refused].find(([name]) => name.includes(subjectId));
      if (why) failures.set(eventId, why[1]);
    }
    return failures;
  },
};
