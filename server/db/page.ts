/** A page of a list, newest first. Lists go on after (createdAt, id) and never by an offset. */
export interface Page {
  /** Where the page before ended; `createdAt` as the database wrote it, to the microsecond. */
  readonly after?: { readonly createdAt: string; readonly id: string };
  readonly limit: number;
}

/** Later than anything: where the first page begins. */
const beginning = { createdAt: "infinity", id: "ffffffff-ffff-ffff-ffff-ffffffffffff" };

export function startOf({ after }: Page): { createdAt: string; id: string } {
  return after ?? beginning;
}
