import type { Alert } from "../alert.ts";
import { gauge } from "./series.ts";

/** The database, and the ways to it. */
export const database: readonly Alert[] = [
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
