import type { Makers } from "./metrics.ts";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** What is done because time has passed. */
export function roundMetrics({ counter, gauge, histogram }: Makers) {
  return {
    invariantBreaches: gauge(
      "zerorace_invariant_violations",
      "Counterexamples that the last check of an invariant found: each is zero, or somebody was wronged.",
      ["check"],
    ),
    invariantCheckedAt: gauge(
      "zerorace_invariant_checked_timestamp_seconds",
      "When an invariant was checked last, in seconds since 1970.",
      ["check"],
    ),
    unusableIndexes: gauge(
      "zerorace_unusable_indexes",
      "Indexes that are being built, or whose build failed: a server is not ready while there is one.",
    ),
    purgedRows: counter(
      "zerorace_purged_rows_total",
      "Rows that the janitor deleted: of worlds whose time was over, or declines of long ago.",
      ["of"],
    ),
    webhookAttempts: counter(
      "zerorace_webhook_attempts_total",
      "Attempts at a webhook's delivery, by what came of the delivery: delivered, pending (it is tried " +
        "again) or failed (it is not).",
      ["result"],
    ),
    webhookOverdue: gauge(
      "zerorace_webhook_oldest_pending_seconds",
      "For how long the delivery that waits longest to be tried, at an enabled endpoint, has been due.",
    ),
    webhookSeconds: histogram(
      "zerorace_webhook_attempt_seconds",
      "Time of one attempt at a webhook's delivery, from the look-up of its name on.",
      seconds,
    ),
    requestsLogged: counter(
      "zerorace_request_log_rows_total",
      "Requests for the tenants' request log: written, left out by sampling, or dropped because the " +
        "database was slow.",
      ["result"],
    ),
  };
}
