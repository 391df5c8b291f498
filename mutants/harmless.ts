/** Crash points at which no mutant shows for certain, and why. */
export const harmless: Readonly<Record<string, string>> = {
  "batch.taken": "nothing is decided, written or said",
  "block.written":
    "only the second commit makes it safe: its mutant takes that away, and agents.db.test.ts sees it",
  "put.chunk": "the rows still stand, and all copies are written again: as at project.read",
  "handle.counted": "those who watch are told names, which they may miss",
  "job.done": "the rows are gone, so who takes the job again finds nothing to do",
  "restore.schema": "there is a schema without a row, as `zerorace migrate` makes it",
  "migrate.after": "the step is on record; each statement may run again besides",
};
