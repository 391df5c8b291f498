import type { Dashboard } from "../panel.ts";
import { quantile, rate } from "./queries.ts";

const commitRoutes = 'route=~"/v1/(purchases|holds|sandbox)(/.*)?", method="POST"';

export const money: Dashboard = {
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
