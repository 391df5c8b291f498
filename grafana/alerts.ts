import type { Alert } from "./alert.ts";

const requests = "http_server_request_duration_seconds_count";
const failedShare = (window: string): string =>
  `sum(rate(${requests}{status_class="5xx"}[${window}])) / sum(rate(${requests}[${window}]))`;
/** Of the time, or the requests, of which 0.0005 may fail. */
const burning = (factor: number, long: string, short: string): string =>
  `${failedShare(long)} > ${factor} * 0.0005 and ${failedShare(short)} > ${factor} * 0.0005`;
const failing = (share: number): Alert["test"]["fires"] => [
  [`${requests}{status_class="2xx"}`, `0+${1_000 - share}x480`],
  [`${requests}{status_class="5xx"}`, `0+${share}x480`],
];

const slowQuantile = (name: string, share: number, limit: number, selector = ""): string =>
  `histogram_quantile(${share}, sum by (le) (rate(${name}_bucket${selector}[5m]))) > ${limit}`;

/** A histogram of which all is below or above a bucket's edge. */
const observed = (
  name: string,
  edge: string,
  isAbove: boolean,
  labels = "",
): Alert["test"]["fires"] => [
  [`${name}_bucket{${labels}le="${edge}"}`, isAbove ? "0x60" : "0+100x60"],
  [`${name}_bucket{${labels}le="5"}`, "0+100x60"],
  [`${name}_bucket{${labels}le="+Inf"}`, "0+100x60"],
];

/** A gauge that is so for an hour. */
const gauge = (series: string, value: number): Alert["test"]["fires"] => [[series, `${value}x60`]];

const safe: readonly Alert[] = [
  {
    name: "ZeroRaceInvariantViolated",
    expr: "max by (check) (zerorace_invariant_violations) > 0",
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.check }} is not zero",
    description:
      "{{ $value }} counterexamples. Somebody was oversold, charged twice or overspent, or the books were changed by hand.",
    runbook: "invariants",
    test: {
      fires: gauge('zerorace_invariant_violations{check="oversells"}', 1),
      rests: gauge('zerorace_invariant_violations{check="oversells"}', 0),
      at: "1m",
    },
  },
  {
    name: "ZeroRaceInvariantsNotChecked",
    expr: "time() - min(max by (check) (zerorace_invariant_checked_timestamp_seconds)) > 3600 or absent(zerorace_invariant_checked_timestamp_seconds)",
    for: "15m",
    severity: "warning",
    summary: "The invariants are not being checked",
    description:
      "No worker has looked at one of them for an hour. Zero means nothing while nobody looks.",
    runbook: "worker",
    test: {
      fires: [['zerorace_invariant_checked_timestamp_seconds{check="oversells"}', "0x120"]],
      rests: [['zerorace_invariant_checked_timestamp_seconds{check="oversells"}', "0+60x120"]],
      at: "100m",
    },
  },
  {
    name: "ZeroRaceUnexpectedSqlState",
    expr: "sum by (class) (increase(zerorace_unexpected_sqlstate_total[15m])) > 0",
    for: "0m",
    severity: "warning",
    summary: "The database answered something that no code foresees",
    description:
      "SQLSTATE class {{ $labels.class }}. Requests that met it were answered 500; nothing of them was recorded.",
    runbook: "unexpected-sqlstate",
    test: {
      fires: [['zerorace_unexpected_sqlstate_total{class="42"}', "0 0 1 1 1 1 1"]],
      rests: gauge('zerorace_unexpected_sqlstate_total{class="42"}', 1),
      at: "5m",
    },
  },
];

const front: readonly Alert[] = [
  {
    name: "ZeroRaceDown",
    expr: 'up{job=~".*zerorace.*"} == 0',
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.instance }} does not answer",
    description: "Its /metrics has not answered for two minutes.",
    runbook: "down",
    test: {
      fires: gauge('up{job="zerorace-server", instance="a"}', 0),
      rests: gauge('up{job="zerorace-server", instance="a"}', 1),
      at: "10m",
    },
  },
  {
    name: "ZeroRaceErrorsFast",
    expr: burning(14.4, "1h", "5m"),
    for: "2m",
    severity: "critical",
    summary: "The month's error budget is gone in two days at this rate",
    description:
      "{{ $value | humanizePercentage }} of the requests of the last hour were answered 5xx.",
    runbook: "errors",
    test: { fires: failing(10), rests: failing(0), at: "70m" },
  },
  {
    name: "ZeroRaceErrorsSlow",
    expr: burning(6, "6h", "30m"),
    for: "15m",
    severity: "warning",
    summary: "The month's error budget is gone in five days at this rate",
    description:
      "{{ $value | humanizePercentage }} of the requests of the last six hours were answered 5xx.",
    runbook: "errors",
    test: { fires: failing(4), rests: failing(0), at: "400m" },
  },
  {
    name: "ZeroRacePurchasesSlow",
    expr: slowQuantile(
      "http_server_request_duration_seconds",
      0.99,
      0.25,
      '{route="/v1/purchases/commit"}',
    ),
    for: "10m",
    severity: "warning",
    summary: "Purchases are slow",
    description: "One of 100 takes {{ $value | humanizeDuration }} or longer; 250 ms is the aim.",
    runbook: "purchases-slow",
    test: {
      fires: observed(
        "http_server_request_duration_seconds",
        "0.25",
        true,
        'route="/v1/purchases/commit", ',
      ),
      rests: observed(
        "http_server_request_duration_seconds",
        "0.25",
        false,
        'route="/v1/purchases/commit", ',
      ),
      at: "30m",
    },
  },
  {
    name: "ZeroRaceQueueWaits",
    expr: slowQuantile("zerorace_queue_wait_seconds", 0.99, 1),
    for: "5m",
    severity: "warning",
    summary: "Asks wait in memory",
    description:
      "One of 100 waits {{ $value | humanizeDuration }} or longer for a free lane: more is asked than this machine can do.",
    runbook: "purchases-slow",
    test: {
      fires: observed("zerorace_queue_wait_seconds", "1", true),
      rests: observed("zerorace_queue_wait_seconds", "1", false),
      at: "20m",
    },
  },
  {
    name: "ZeroRaceLimiterDegraded",
    expr: "max(zerorace_limiter_degraded) == 1",
    for: "5m",
    severity: "warning",
    summary: "Rate limits are counted by each server for itself",
    description:
      "Redis does not answer. Limits hold per server instead of over all; streams tell less.",
    runbook: "redis",
    test: {
      fires: gauge("zerorace_limiter_degraded", 1),
      rests: gauge("zerorace_limiter_degraded", 0),
      at: "10m",
    },
  },
];

const database: readonly Alert[] = [
  {
    name: "ZeroRaceDoubtUnresolved",
    expr: 'sum(increase(zerorace_commit_unknown_resolved_total{as="unknown"}[10m])) > 0',
    for: "0m",
    severity: "warning",
    summary: "Callers were told that an outcome is unknown",
    description:
      "{{ $value | humanize }} transactions in ten minutes. Whoever sends the same ask and key again learns what became of it.",
    runbook: "outcome-unknown",
    test: {
      fires: [['zerorace_commit_unknown_resolved_total{as="unknown"}', "0 0 3 3 3"]],
      rests: [['zerorace_commit_unknown_resolved_total{as="answered"}', "0 0 3 3 3"]],
      at: "4m",
    },
  },
  {
    name: "ZeroRaceRetryStorm",
    expr: "sum(rate(zerorace_commit_retries_total[5m])) > sum(rate(zerorace_batch_size_count[5m]))",
    for: "10m",
    severity: "warning",
    summary: "Most batches lose a race before they commit",
    description: "Several servers want the same rows all the time.",
    runbook: "retry-storm",
    test: {
      fires: [
        ['zerorace_commit_retries_total{sqlstate="40001"}', "0+300x60"],
        ["zerorace_batch_size_count", "0+100x60"],
      ],
      rests: [
        ['zerorace_commit_retries_total{sqlstate="40001"}', "0+20x60"],
        ["zerorace_batch_size_count", "0+100x60"],
      ],
      at: "20m",
    },
  },
  {
    name: "ZeroRacePoolExhausted",
    expr: 'sum by (instance, pool) (zerorace_db_pool_connections{state="waiting"}) > 0',
    for: "5m",
    severity: "warning",
    summary: "Callers wait for a connection to the database",
    description:
      "{{ $value }} wait for one of the pool {{ $labels.pool }} on {{ $labels.instance }}.",
    runbook: "connections",
    test: {
      fires: gauge(
        'zerorace_db_pool_connections{instance="a", pool="zerorace", state="waiting"}',
        3,
      ),
      rests: gauge('zerorace_db_pool_connections{instance="a", pool="zerorace", state="busy"}', 3),
      at: "10m",
    },
  },
  {
    name: "ZeroRaceRegionLeftAlone",
    expr: "min by (region) (zerorace_region_up) == 0",
    for: "2m",
    severity: "warning",
    summary: "The endpoint {{ $labels.region }} of the database is not used",
    description:
      "It does not answer. Transactions go to another one; with that gone, too, selling stops.",
    runbook: "regions",
    test: {
      fires: gauge('zerorace_region_up{region="eu-west-1"}', 0),
      rests: gauge('zerorace_region_up{region="eu-west-1"}', 1),
      at: "10m",
    },
  },
  {
    name: "ZeroRaceIndexesUnusable",
    expr: "max(zerorace_unusable_indexes) > 0",
    for: "30m",
    severity: "warning",
    summary: "An index cannot be used",
    description:
      "{{ $value }} are being built, or their build failed. No server says that it is ready meanwhile.",
    runbook: "indexes",
    test: {
      fires: gauge("zerorace_unusable_indexes", 1),
      rests: gauge("zerorace_unusable_indexes", 0),
      at: "40m",
    },
  },
];

const afterwards: readonly Alert[] = [
  {
    name: "ZeroRaceOutboxStuck",
    expr: "max(zerorace_outbox_oldest_unpublished_seconds) > 60",
    for: "5m",
    severity: "warning",
    summary: "Copies and webhooks are late",
    description:
      "The oldest event has waited {{ $value | humanizeDuration }}. Sales do not wait for it.",
    runbook: "outbox",
    test: {
      fires: gauge("zerorace_outbox_oldest_unpublished_seconds", 90),
      rests: gauge("zerorace_outbox_oldest_unpublished_seconds", 5),
      at: "10m",
    },
  },
  {
    name: "ZeroRaceEventsParked",
    expr: "max(zerorace_outbox_dead_events) > 0",
    for: "0m",
    severity: "warning",
    summary: "Events could not be told",
    description:
      "{{ $value }} are parked with the reason. The books are whole; copies and webhooks of these things are not.",
    runbook: "parked-events",
    test: {
      fires: gauge("zerorace_outbox_dead_events", 2),
      rests: gauge("zerorace_outbox_dead_events", 0),
      at: "1m",
    },
  },
  {
    name: "ZeroRaceReadPlaneFails",
    expr: "sum by (fault) (rate(zerorace_readplane_faults_total[5m])) > 0.1",
    for: "10m",
    severity: "warning",
    summary: "DynamoDB fails: {{ $labels.fault }}",
    description: "Copies are late; reads by id and all sales are not touched.",
    runbook: "read-plane",
    test: {
      fires: [['zerorace_readplane_faults_total{fault="throttled"}', "0+60x60"]],
      rests: gauge('zerorace_readplane_faults_total{fault="throttled"}', 7),
      at: "20m",
    },
  },
  {
    name: "ZeroRaceWebhooksOverdue",
    expr: "max(zerorace_webhook_oldest_pending_seconds) > 900",
    for: "5m",
    severity: "warning",
    summary: "Webhooks are not being tried",
    description:
      "One has been due for {{ $value | humanizeDuration }}: no worker has the time, or none runs.",
    runbook: "webhooks",
    test: {
      fires: gauge("zerorace_webhook_oldest_pending_seconds", 1200),
      rests: gauge("zerorace_webhook_oldest_pending_seconds", 30),
      at: "10m",
    },
  },
  {
    name: "ZeroRaceRoundsFail",
    expr: 'sum by (round) (increase(zerorace_round_seconds_count{result="failed"}[15m])) > 2',
    for: "5m",
    severity: "warning",
    summary: "The round {{ $labels.round }} fails",
    description:
      "{{ $value | humanize }} times in a quarter of an hour. What it does by time is late.",
    runbook: "worker",
    test: {
      fires: [['zerorace_round_seconds_count{round="release-holds", result="failed"}', "0+1x60"]],
      rests: [['zerorace_round_seconds_count{round="release-holds", result="done"}', "0+1x60"]],
      at: "30m",
    },
  },
  {
    name: "ZeroRaceEventLoopLate",
    expr: "nodejs_eventloop_lag_p99_seconds * on (instance, job) zerorace_build_info > 0.25",
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.instance }} does too much",
    description:
      "Its event loop is {{ $value | humanizeDuration }} late at the worst of 100 turns.",
    runbook: "event-loop",
    test: {
      fires: [
        ['nodejs_eventloop_lag_p99_seconds{instance="a", job="z"}', "0.4x60"],
        ['zerorace_build_info{instance="a", job="z", version="1"}', "1x60"],
      ],
      rests: [
        ['nodejs_eventloop_lag_p99_seconds{instance="a", job="z"}', "0.02x60"],
        ['zerorace_build_info{instance="a", job="z", version="1"}', "1x60"],
      ],
      at: "20m",
    },
  },
  {
    name: "ZeroRaceWatchdog",
    expr: "vector(1)",
    for: "0m",
    severity: "none",
    summary: "Alerts get through",
    description:
      "It fires always. Whoever stops hearing it hears of nothing else, either: send it to something that notices silence.",
    runbook: "watchdog",
    test: { fires: [], at: "1m" },
  },
];

export const alerts: readonly Alert[] = [...safe, ...front, ...database, ...afterwards];
