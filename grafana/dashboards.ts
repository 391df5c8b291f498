import type { Dashboard } from "./panel.ts";

/** Of a histogram, over all processes: `by` are the labels that keep lines apart. */
const quantile = (share: number, name: string, by = ""): string => {
  const labels = by === "" ? "le" : `le, ${by}`;
  return `histogram_quantile(${share}, sum by (${labels}) (rate(${name}_bucket[5m])))`;
};

const rate = (name: string, by: string): string => `sum by (${by}) (rate(${name}[5m]))`;

const commitRoutes = 'route=~"/v1/(purchases|holds|sandbox)(/.*)?", method="POST"';

const money: Dashboard = {
  uid: "zerorace-money",
  title: "ZeroRace: money and invariants",
  says: "Is it safe, and is it selling?",
  panels: [
    ...[
      ["oversells", "Oversold items", "Units that were sold and did not exist."],
      ["duplicate_settlements", "Duplicate settlements", "Asks that were settled more than once."],
      ["ledger_drift", "Ledger drift", "Transactions whose legs do not add up to zero."],
      ["mandate_breaches", "Mandate breaches", "Mandates that paid more than their limits allow."],
    ].map(([check, title = "", says = ""]) => ({
      title,
      says: `${says} Zero, always; anything else is an incident.`,
      unit: "short" as const,
      queries: [[`max(zerorace_invariant_violations{check="${check}"})`, title]] as const,
      isNumber: true as const,
      redFrom: 1,
    })),
    {
      title: "Answers",
      says: "Asks that were answered, by outcome. Declines are answers, too.",
      unit: "ops",
      queries: [[rate("zerorace_purchases_total", "kind, outcome"), "{{kind}} {{outcome}}"]],
    },
    {
      title: "Time of a purchase",
      says: "From a request's headers to the end of its answer. Below 250 ms for 99 of 100 is the aim.",
      unit: "s",
      queries: [0.5, 0.95, 0.99].map((share) => [
        quantile(share, `http_server_request_duration_seconds`).replace(
          "_bucket[",
          `_bucket{${commitRoutes}}[`,
        ),
        `p${share * 100}`,
      ]),
      redFrom: 0.25,
    },
    {
      title: "Requests by status",
      says: "Those of 5xx cost the error budget; 4xx were refused before anything happened.",
      unit: "reqps",
      queries: [
        [rate("http_server_request_duration_seconds_count", "status_class"), "{{status_class}}"],
      ],
    },
    {
      title: "Requests that failed",
      says: "The share of answers that are 5xx. The aim of 99.95 % leaves 0.0005.",
      unit: "percentunit",
      queries: [
        [
          '(sum(rate(http_server_request_duration_seconds_count{status_class="5xx"}[5m])) or vector(0)) / sum(rate(http_server_request_duration_seconds_count[5m]))',
          "failed",
        ],
      ],
      redFrom: 0.0005,
    },
    {
      title: "Age of the oldest check",
      says: "How long ago the invariant that waits longest was looked at. Grows with the books, by design.",
      unit: "s",
      queries: [
        ["max(time() - max by (check) (zerorace_invariant_checked_timestamp_seconds))", "age"],
      ],
      redFrom: 900,
    },
    {
      title: "Limits",
      says: "Requests that were held against the rate limits, by what was decided.",
      unit: "reqps",
      queries: [[rate("zerorace_ratelimit_decisions_total", "result"), "{{result}}"]],
    },
  ],
};

const kernel: Dashboard = {
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

const pipeline: Dashboard = {
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

/** Of our processes alone: others on the same Prometheus may be Node.js, too. */
const ours = (expr: string): string => `${expr} * on (instance, job) zerorace_build_info`;

const runtime: Dashboard = {
  uid: "zerorace-runtime",
  title: "ZeroRace: the processes",
  says: "Node.js, memory, streams.",
  panels: [
    {
      title: "Versions",
      says: "How many processes run which version: two, while an upgrade is under way.",
      unit: "short",
      queries: [["count by (version) (zerorace_build_info)", "{{version}}"]],
      isNumber: true,
    },
    {
      title: "Streams",
      says: "Browsers and agents that watch.",
      unit: "short",
      queries: [["sum(zerorace_streams_open)", "open"]],
      isNumber: true,
    },
    {
      title: "Event loop",
      says: "How late it is at the worst of 100 turns. Beyond 250 ms the process does too much.",
      unit: "s",
      queries: [[ours("nodejs_eventloop_lag_p99_seconds"), "{{instance}}"]],
      redFrom: 0.25,
    },
    {
      title: "Processor",
      says: "Cores that a process uses. One is the most its JavaScript can.",
      unit: "short",
      queries: [[ours("rate(process_cpu_seconds_total[5m])"), "{{instance}}"]],
    },
    {
      title: "Memory",
      says: "Resident, by process.",
      unit: "bytes",
      queries: [[ours("process_resident_memory_bytes"), "{{instance}}"]],
    },
    {
      title: "Garbage collection",
      says: "Share of the time that is spent on it.",
      unit: "percentunit",
      queries: [
        [ours("sum by (instance, job) (rate(nodejs_gc_duration_seconds_sum[5m]))"), "{{instance}}"],
      ],
    },
    {
      title: "Told to streams",
      says: "Changes that were told, or dropped because a client does not read.",
      unit: "ops",
      queries: [[rate("zerorace_stream_events_total", "result"), "{{result}}"]],
    },
    {
      title: "Request log",
      says: "Rows written, left out by sampling, or dropped because the database was slow.",
      unit: "ops",
      queries: [[rate("zerorace_request_log_rows_total", "result"), "{{result}}"]],
    },
  ],
};

export const dashboards: readonly Dashboard[] = [money, kernel, pipeline, runtime];
