import { lines } from "../server/db/rows.ts";
import { prepared } from "../server/db/sql.ts";
import { transact } from "../server/db/transact.ts";
import { tellsNobody } from "../server/live/announce.ts";
import type { JobContext } from "./job.ts";
import type { DueEvent } from "./outbox/due.ts";
import { totalsChanged } from "./outbox/floor.ts";

/** What came back to an item and a mandate: an ask about a purchase does not name them, so no server told. */
const givesBack = new Set([
  "purchase.captured",
  "purchase.released",
  "purchase.refunded",
  "purchase.expired",
]);

/**
 * Tells who watches what the server that sold could not: that a hold's time was over, whose units and
 * money came back, which sums can be read now. A hint, told once it is so; nothing waits for it.
 */
export async function tellWatchers(
  { db, log, tells }: Pick<JobContext, "db" | "log" | "tells">,
  events: readonly DueEvent[],
): Promise<void> {
  if (tells === tellsNobody) return;
  for (const { kind, tenantId, subjectId } of events) {
    if (kind === totalsChanged) tells.change(tenantId, "summaries", subjectId);
    if (kind === "purchase.expired") tells.change(tenantId, "purchases", subjectId);
  }
  const back = events.filter(({ kind }) => givesBack.has(kind));
  if (back.length === 0) return;
  const touched = prepared("watchers_touched")`
    select distinct p.tenant_id as "tenantId", p.mandate_id as "mandateId", p.item_id as "itemId"
      from unnest(string_to_array(${lines(back.map(({ subjectId }) => subjectId))}, E'\\n')::uuid[]) as u(id)
      join purchases p on p.purchase_id = u.id`;
  try {
    const rows = await transact(db, "watchers_touched", (tx) => tx.rows<Touched>(touched), {
      readOnly: true,
    });
    for (const { tenantId, mandateId, itemId } of rows) {
      tells.change(tenantId, "mandates", mandateId);
      if (itemId !== null) tells.change(tenantId, "items", itemId);
    }
  } catch (err) {
    // Who watches looks again by itself now and then; the events are told and need not come again.
    log.debug({ err }, "who watches was not told of items and mandates");
  }
}

interface Touched {
  readonly tenantId: string;
  readonly mandateId: string;
  readonly itemId: string | null;
}
