import { crashPoint } from "../server/base/crash-points.ts";
import { DeadlineError, DoubtError, ExhaustedError } from "../server/db/faults.ts";
import { PlaneAwayError } from "../server/readplane/open.ts";
import type { Failures, Job, JobContext } from "./job.ts";
import { jobs } from "./jobs.ts";
import type { DueEvent } from "./outbox/due.ts";
import { readFloor } from "./outbox/floor.ts";
import { postpone } from "./outbox/park.ts";
import { settle } from "./outbox/settle.ts";
import { addToBalances } from "./keep-balances.ts";
import { tellWatchers } from "./tell-watchers.ts";

/**
 * Does what a batch of events asks for, and only then pays the debt. Run twice, by two workers or after
 * a kill, it changes nothing the second time. Throws when nothing can be done now: the rows stay.
 */
export async function handle(
  ctx: JobContext,
  events: readonly DueEvent[],
  slice: number,
  list: readonly Job[] = jobs,
): Promise<void> {
  const floor = await readFloor(ctx.db, events);
  const failures = new Map<string, string>();
  for (const job of list) {
    const heard = events.filter(({ kind }) => job.hears(kind));
    if (heard.length === 0) continue;
    for (const [eventId, reason] of await runJob(ctx, job, heard)) failures.set(eventId, reason);
  }
  const strange = events.filter(({ kind }) => !list.some((job) => job.hears(kind)));
  for (const [eventId, reason] of unheard(strange)) failures.set(eventId, reason);
  const done = events.filter(({ eventId }) => !failures.has(eventId));
  crashPoint("handle.told");
  const { lagSeconds, added } = await settle(ctx.db, done, slice, floor);
  const { projectedEvents, projectionLag } = ctx.metrics;
  for (const seconds of lagSeconds) projectionLag.observe(seconds);
  projectedEvents.inc({ result: "applied" }, lagSeconds.length);
  projectedEvents.inc({ result: "duplicate" }, done.length - lagSeconds.length);
  crashPoint("handle.settled");
  await addToBalances(ctx, added);
  crashPoint("handle.counted");
  await tellWatchers(ctx, done);
  await putOff(ctx, events, failures);
}

async function runJob(ctx: JobContext, job: Job, events: readonly DueEvent[]): Promise<Failures> {
  const end = ctx.metrics.jobSeconds.startTimer({ job: job.name });
  try {
    return await job.run(ctx, events);
  } catch (error) {
    if (isOfTheMoment(error)) throw error;
    return await inHalves(ctx, job, events, error);
  } finally {
    end();
  }
}

/** What no event can help: then all of them wait, and none is blamed. */
const isOfTheMoment = (error: unknown): boolean =>
  error instanceof PlaneAwayError ||
  error instanceof ExhaustedError ||
  error instanceof DeadlineError ||
  error instanceof DoubtError;

/** Which of the events brings it down is not said: cut in halves until there is one. */
async function inHalves(
  ctx: JobContext,
  job: Job,
  events: readonly DueEvent[],
  error: unknown,
): Promise<Failures> {
  const [only] = events;
  if (events.length === 1 && only) return new Map([[only.eventId, String(error)]]);
  const middle = Math.ceil(events.length / 2);
  return new Map([
    ...(await runJob(ctx, job, events.slice(0, middle))),
    ...(await runJob(ctx, job, events.slice(middle))),
  ]);
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
