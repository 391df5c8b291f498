import type { Alert } from "../alert.ts";
import { gauge } from "./series.ts";

/** What is promised. */
export const safe: readonly Alert[] = [
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
