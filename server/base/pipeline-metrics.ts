import type { Makers } from "./metrics.ts";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What happens after the fact: outbox, projection, jobs, rounds and leases. */
export function pipelineMetrics({ counter, gauge, histogram }: Makers) {
  return {
    outboxBacklog: gauge(
      "zerorace_outbox_backlog_events",
      "Events in the outbox that are not told yet; counted up to 100,000.",
    ),
    outboxOldest: gauge(
      "zerorace_outbox_oldest_unpublished_seconds",
      "Age of the oldest event in the outbox.",
    ),
    outboxDead: gauge(
      "zerorace_outbox_dead_events",
      "Events that could not be told and are parked with the reason, until somebody has them replayed.",
    ),
    projectionLag: histogram(
      "zerorace_projection_lag_seconds",
      "Time from a commit to the moment at which all who read copies can see it.",
      seconds,
    ),
    projectedEvents: counter(
      "zerorace_projection_events_total",
      "Events of the outbox by what became of them: applied, duplicate (another had applied it), " +
        "postponed (tried again later) or parked.",
      ["result"],
    ),
    deliveries: counter(
      "zerorace_outbox_deliveries_total",
      "Events that were due and were handed on by the queue, or done here: without a queue, or while it loses them.",
      ["by"],
    ),
    planeWrites: counter(
      "zerorace_readplane_writes_total",
      "Documents sent to DynamoDB: written, older than what is there, or refused.",
      ["result"],
    ),
    planeFaults: counter(
      "zerorace_readplane_faults_total",
      "Requests to DynamoDB that failed: throttled, timeout, no_table, error.",
      ["fault"],
    ),
    jobSeconds: histogram(
      "zerorace_job_seconds",
      "Time of one run of a job over a batch of events, by the job's name.",
      seconds,
      ["job"],
    ),
    roundSeconds: histogram(
      "zerorace_round_seconds",
      "Time of one turn of a round, by its name and how it ended: done or failed.",
      seconds,
      ["round", "result"],
    ),
    shardsHeld: gauge(
      "zerorace_worker_shards",
      "Shards of the outbox, of 16, that this worker looks after.",
    ),
    leaseChanges: counter(
      "zerorace_lease_changes_total",
      "Shards of the outbox that this worker took or let go.",
      ["change"],
    ),
  };
}
