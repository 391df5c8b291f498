import { nameOf, type Doc } from "../../server/readplane/keys.ts";
import { putIfNewer } from "../../server/readplane/put.ts";
import type { Job } from "../job.ts";
import { readPurchases } from "./read-books.ts";

/** Copies what an event's purchase touched: the purchase, its items' stock, its mandate's money. */
export const project: Job = {
  name: "project",
  hears: (kind) => kind.startsWith("purchase."),
  async run({ db, plane }, events) {
    const failures = new Map<string, string>();
    if (!plane) return failures;
    const ids = [...new Set(events.map(({ subjectId }) => subjectId))];
    const purchases = await readPurchases(db, ids);
    const refused = await putIfNewer(plane, [...purchases.values()].flat());
    for (const { eventId, subjectId } of events) {
      const docs = purchases.get(subjectId);
      const why = docs ? refusal(docs, refused) : `there is no purchase ${subjectId}`;
      if (why !== undefined) failures.set(eventId, why);
    }
    return failures;
  },
};

function refusal(docs: readonly Doc[], refused: ReadonlyMap<string, string>): string | undefined {
  if (refused.size === 0) return undefined;
  return docs.map((doc) => refused.get(nameOf(doc))).find((why) => why !== undefined);
}
