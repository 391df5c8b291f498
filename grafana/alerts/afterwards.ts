import type { Alert } from "../alert.ts";
import { gauge } from "./series.ts";

/** What happens after a sale, and the processes. */
export const afterwards: readonly Alert[] = [
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
