import { assert } from "../base/assert.ts";
import { makeMetrics } from "../base/metrics.ts";
import { withFaults, type FaultRates } from "../db/faulty.ts";
import { openDb } from "../db/open.ts";
import { placeOf } from "../db/place.ts";
import { doRun } from "./do-run.ts";
import type { FromChild, Task, ToChild } from "./messages.ts";
import type { RunFaults } from "./wire.ts";

/**
 * The process that does a run: its own event loop, so that the server's stays free, and its own
 * connections. It ends with the server, however that ended: then the channel between them closes.
 */
const stopping = new AbortController();

process.on("disconnect", () => process.exit(0));
// Ctrl-C in the terminal is for the server, which tells us.
process.on("SIGINT", () => undefined);
process.on("message", (message: ToChild) => {
  if (message.kind === "stop") stopping.abort();
  else void run(message.task);
});

async function run(task: Task): Promise<void> {
  const place = placeOf(task.place);
  assert(place, "a run is told where its database is");
  const { faults } = task;
  const bad = faults && withFaults(place, ratesOf(faults));
  const db = openDb(
    { place: bad?.place ?? place, name: "zerorace-run", poolMax: 4 },
    makeMetrics(),
  );
  try {
    const report = await doRun(db, task, { tell, signal: stopping.signal, bad });
    tell({ kind: "done", report: { ...report, ...(bad && { faults: bad.counts }) } });
  } catch (error) {
    tell({ kind: "failed", says: error instanceof Error ? error.message : String(error) });
  }
  await db.close();
  process.disconnect();
}

function ratesOf({ cutPercent = 0, lostCommitPercent = 0, slowMs = 0 }: RunFaults): FaultRates {
  return { cutPercent, lostCommitPercent, slowMs };
}

function tell(message: FromChild): void {
  process.send?.(message);
}
