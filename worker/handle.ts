import type { Failures, Job, JobContext } from "./job.ts";
import { jobs } from "./jobs.ts";
import type { DueEvent } from "./outbox/due.ts";
import { postpone } from "./outbox/park.ts";
import { settle } from "./outbox/settle.ts";

/**
 * Does what a batch of events asks for, and only then pays the debt. Run twice, by two workers or after
 * a kill, it changes nothing the second time. Throws when nothing can be done now: the rows stay.
 */
export async function handle(
  ctx: JobContext,
  events: readonly DueEvent[],
  slice: number,
): Promise<void> {
  const failures = new Map<string, string>();
  for (const job of jobs) {
    const heard = events.filter(({ kind }) => job.hears(kind));
    if (heard.length === 0) continue;
    for (const [eventId, reason] of await runJob(ctx, job, heard)) failures.set(eventId, reason);
  }
  const strange = events.filter(({ kind }) => !jobs.some((job) => job.hears(kind)));
  for (const [eventId, reason] of unheard(strange)) failures.set(eventId, reason);
  const done = events.filter(({ eventId }) => !failures.has(eventId));
  const { lagSeconds } = await settle(ctx.db, done, slice);
  const { projectedEvents, projectionLag } = ctx.metrics;
  for (const seconds of lagSeconds) projectionLag.observe(seconds);
  projectedEvents.inc({ result: "applied" }, lagSeconds.length);
  projectedEvents.inc({ result: "duplicate" }, done.length - lagSeconds.length);
  await putOff(ctx, events, failures);
}

async function runJob(ctx: JobContext, job: Job, events: readonly DueEvent[]): Promise<Failures> {
  const end = ctx.metrics.jobSeconds.startTimer({ job: job.name });
  try {
    return await job.run(ctx, events);
  } finally {
    end();
  }
}

const unheard = (events: readonly DueEvent[]): Failures =>
  new Map(events.map(({ eventId, kind }) => [eventId, `no job hears of ${kind}`]));

/** One event that cannot be told stands in nobody's way. */
async function putOff(
  { db, log, metrics }: JobContext,
  events: readonly DueEvent[],
  failures: Failures,
): Promise<void> {
  if (failures.size === 0) return;
  const list = events.flatMap((event) => {
    const reason = failures.get(event.eventId);
    return reason === undefined ? [] : [{ event, reason }];
  });
  const parked = await postpone(db, list);
  metrics.projectedEvents.inc({ result: "postponed" }, list.length - parked);
  if (parked === 0) return;
  metrics.projectedEvents.inc({ result: "parked" }, parked);
  log.error({ parked, reason: list[0]?.reason }, "events are parked: zerorace parked list");
}
