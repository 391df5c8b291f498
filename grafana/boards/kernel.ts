import type { Dashboard } from "../panel.ts";
import { quantile, rate } from "./queries.ts";

export const kernel: Dashboard = {
  uid: "zerorace-kernel",
  title: "ZeroRace: the commit kernel",
  says: "Batches, races, doubt, connections.",
  panels: [
    {
      title: "Asks a transaction",
      says: "Asks that one transaction answered. Larger batches under load are what makes it fast.",
      unit: "short",
      queries: [0.5, 0.99].map((share) => [
        quantile(share, "zerorace_batch_size"),
        `p${share * 100}`,
      ]),
    },
    {
      title: "Wait for a lane",
      says: "Time an ask waited in memory. Beyond a second the server is asked for more than it can do.",
      unit: "s",
      queries: [0.5, 0.99].map((share) => [
        quantile(share, "zerorace_queue_wait_seconds"),
        `p${share * 100}`,
      ]),
      redFrom: 1,
    },
    {
      title: "Asks that wait",
      says: "In memory, for a free lane, by server.",
      unit: "short",
      queries: [["zerorace_queue_length", "{{instance}}"]],
    },
    {
      title: "Time of a transaction",
      says: "One attempt, from BEGIN to the answer of COMMIT: the slowest of 100, by name.",
      unit: "s",
      queries: [[quantile(0.99, "zerorace_transact_seconds", "name"), "{{name}}"]],
    },
    {
      title: "Lost races",
      says: "Transactions that another overtook and that ran again, by SQLSTATE. Normal while many want one thing.",
      unit: "ops",
      queries: [[rate("zerorace_commit_retries_total", "sqlstate"), "{{sqlstate}}"]],
    },
    {
      title: "Doubt",
      says: "Commits whose answer never came, and how that ended. Unknown means: the caller was told to ask again.",
      unit: "ops",
      queries: [
        ["sum(rate(zerorace_commit_unknown_total[5m]))", "in doubt"],
        [rate("zerorace_commit_unknown_resolved_total", "as"), "{{as}}"],
      ],
    },
    {
      title: "Faults of the database",
      says: "Attempts that failed, by kind: unavailable, doubt, lostRace, duplicate, poison, bug.",
      unit: "ops",
      queries: [[rate("zerorace_transact_faults_total", "fault"), "{{fault}}"]],
    },
    {
      title: "Connections",
      says: "By state, over all pools. Callers that wait for long mean too few, or a slow database.",
      unit: "short",
      queries: [["sum by (state) (zerorace_db_pool_connections)", "{{state}}"]],
    },
    {
      title: "Time to a connection",
      says: "Until a transaction had one, from the pool or new.",
      unit: "s",
      queries: [[quantile(0.99, "zerorace_db_pool_acquire_seconds"), "p99"]],
    },
    {
      title: "Regions",
      says: "Transactions by endpoint of the database: after a failover they go to another one.",
      unit: "ops",
      queries: [[rate("zerorace_region_transactions_total", "region"), "{{region}}"]],
    },
  ],
};
