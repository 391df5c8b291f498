import type { Dashboard } from "../panel.ts";
import { quantile, rate } from "./queries.ts";

export const pipeline: Dashboard = {
  uid: "zerorace-pipeline",
  title: "ZeroRace: the pipeline",
  says: "What happens after the fact: copies, webhooks, rounds.",
  panels: [
    {
      title: "Events that wait",
      says: "In the outbox, not told yet. It empties within seconds when the worker and DynamoDB are well.",
      unit: "short",
      queries: [["max(zerorace_outbox_backlog_events)", "events"]],
    },
    {
      title: "Age of the oldest event",
      says: "How late the copies are. Sales do not wait for it.",
      unit: "s",
      queries: [["max(zerorace_outbox_oldest_unpublished_seconds)", "oldest"]],
      redFrom: 60,
    },
    {
      title: "Commit to visible",
      says: "Time from a commit to the moment at which all who read copies can see it.",
      unit: "s",
      queries: [0.5, 0.99].map((share) => [
        quantile(share, "zerorace_projection_lag_seconds"),
        `p${share * 100}`,
      ]),
      redFrom: 5,
    },
    {
      title: "Events told",
      says: "By what became of them: applied, duplicate, postponed, parked.",
      unit: "ops",
      queries: [[rate("zerorace_projection_events_total", "result"), "{{result}}"]],
    },
    {
      title: "Parked events",
      says: "That could not be told. Each has its reason: zerorace parked list.",
      unit: "short",
      queries: [["max(zerorace_outbox_dead_events)", "parked"]],
      isNumber: true,
      redFrom: 1,
    },
    {
      title: "Webhooks overdue",
      says: "For how long the delivery that waits longest has been due.",
      unit: "s",
      queries: [["max(zerorace_webhook_oldest_pending_seconds)", "overdue"]],
      isNumber: true,
      redFrom: 900,
    },
    {
      title: "Webhook attempts",
      says: "By what came of the delivery: delivered, pending (tried again), failed (given up).",
      unit: "ops",
      queries: [[rate("zerorace_webhook_attempts_total", "result"), "{{result}}"]],
    },
    {
      title: "DynamoDB",
      says: "Requests that failed, by fault. Throttling delays copies and nothing else.",
      unit: "ops",
      queries: [[rate("zerorace_readplane_faults_total", "fault"), "{{fault}}"]],
    },
    {
      title: "Rounds",
      says: "Turns of what is done by time, by name and how they ended.",
      unit: "ops",
      queries: [[rate("zerorace_round_seconds_count", "round, result"), "{{round}} {{result}}"]],
    },
    {
      title: "Shards by worker",
      says: "Of 16. Together all workers hold each once.",
      unit: "short",
      queries: [["zerorace_worker_shards > 0", "{{instance}}"]],
    },
  ],
};
