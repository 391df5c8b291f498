import { crashPoint } from "../../server/base/crash-points.ts";
import { nameOf, type Doc } from "../../server/readplane/keys.ts";
import { putIfNewer } from "../../server/readplane/put.ts";
import type { Job, JobContext } from "../job.ts";
import type { DueEvent } from "../outbox/due.ts";
import { readPurchases, readThings } from "./read-books.ts";

/**
 * Copies what an event is about: a purchase with its items' stock and its mandate's money, or the item
 * or mandate that a command changed.
 */
export const project: Job = {
  name: "project",
  hears: (kind) => /^(purchase|item|mandate)\./.test(kind),
  async run({ db, plane }, events) {
    const failures = new Map<string, string>();
    if (!plane) return failures;
    const read = await readAll(db, events);
    crashPoint("project.read");
    const refused = await putIfNewer(plane, [...new Set([...read.values()].flat())]);
    for (const { eventId, kind, subjectId } of events) {
      const docs = read.get(`${nounOf(kind)} ${subjectId}`);
      const why = docs ? refusal(docs, refused) : `there is no ${nounOf(kind)} ${subjectId}`;
      if (why !== undefined) failures.set(eventId, why);
    }
    return failures;
  },
};

const nounOf = (kind: string): string => kind.slice(0, kind.indexOf("."));

/** Under the noun and the id of each thing that there is: the copies that tell of it. */
async function readAll(
  db: JobContext["db"],
  events: readonly DueEvent[],
): Promise<Map<string, Doc[]>> {
  const nouns = Map.groupBy(events, ({ kind }) => nounOf(kind));
  const all = new Map<string, Doc[]>();
  for (const [noun, group] of nouns) {
    const ids = [...new Set(group.map(({ subjectId }) => subjectId))];
    const read =
      noun === "item" || noun === "mandate"
        ? await readThings(db, noun, ids)
        : await readPurchases(db, ids);
    for (const [id, docs] of read) all.set(`${noun} ${id}`, docs);
  }
  return all;
}

function refusal(docs: readonly Doc[], refused: ReadonlyMap<string, string>): string | undefined {
  if (refused.size === 0) return undefined;
  return docs.map((doc) => refused.get(nameOf(doc))).find((why) => why !== undefined);
}
