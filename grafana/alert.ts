/** What is told to whoever looks after it, and when. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** How long it has to be so. */
  readonly for: string;
  readonly severity: "critical" | "warning" | "none";
  readonly summary: string;
  readonly description: string;
  /** Of docs/runbooks, without its ending. */
  readonly runbook: string;
  /** What `promtool test rules` shows it: series that bring it about, and series that do not. */
  readonly test: {
    readonly fires: readonly Series[];
    /** Missing where it always fires. */
    readonly rests?: readonly Series[];
    /** When it is looked at. */
    readonly at: string;
  };
}

/** A series, and its values a minute, as promtool writes them. */
export type Series = readonly [series: string, values: string];

/** Every ZeroRace shows its own pages; where it is, Prometheus says (`external_labels`). */
const pages = "{{ $externalLabels.zerorace_url }}/docs/runbooks";

/** As Prometheus reads rules. */
export const rulesOf = (alerts: readonly Alert[]): object => ({
  groups: [
    {
      name: "zerorace",
      rules: alerts.map(({ name, expr, for: held, severity, summary, description, runbook }) => ({
        alert: name,
        expr,
        for: held,
        labels: { severity },
        annotations: { summary, description, runbook_url: `${pages}/${runbook}` },
      })),
    },
  ],
});

/** As promtool reads tests: each alert fires where it should, and rests where all is well. */
export const ruleTestsOf = (alerts: readonly Alert[], rulesFile: string): object => ({
  rule_files: [rulesFile],
  evaluation_interval: "1m",
  tests: alerts.flatMap((alert) => [
    testOf(alert, alert.test.fires, 1),
    ...(alert.test.rests ? [testOf(alert, alert.test.rests, 0)] : []),
  ]),
});

function testOf({ name, severity, test }: Alert, shown: readonly Series[], firing: 0 | 1): object {
  return {
    name: `${name} ${firing ? "fires" : "rests"}`,
    interval: "1m",
    input_series: shown.map(([series, values]) => ({ series, values })),
    // By its own series: its words are the rule's, and a test of them would only repeat them.
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${name}", alertstate="firing", severity="${severity}"}) or vector(0)`,
        eval_time: test.at,
        exp_samples: [{ value: firing }],
      },
    ],
  };
}
