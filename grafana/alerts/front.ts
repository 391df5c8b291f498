import type { Alert } from "../alert.ts";
import { gauge, observed, slowQuantile } from "./series.ts";

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

/** What callers notice. */
export const front: readonly Alert[] = [
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
