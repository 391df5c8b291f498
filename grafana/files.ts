import { stringify } from "yaml";
import { rulesOf, ruleTestsOf } from "./alert.ts";
import { alerts } from "./alerts.ts";
import { dashboards } from "./dashboards.ts";
import { dashboardJson } from "./panel.ts";

const written = "# Written by `npm run generate` from grafana/*.ts.\n";
const yaml = (value: object): string => written + stringify(value, { lineWidth: 110 });

/** What Grafana and Prometheus read, by path: `npm run generate` writes them. */
export function monitoringFiles(): readonly (readonly [path: string, text: string])[] {
  return [
    ...dashboards.map((one): [string, string] => [
      `grafana/dashboards/${one.uid}.json`,
      `${JSON.stringify(dashboardJson(one), undefined, 2)}\n`,
    ]),
    ["grafana/prometheus/rules.yml", yaml(rulesOf(alerts))],
    ["grafana/prometheus/rules.test.yml", yaml(ruleTestsOf(alerts, "rules.yml"))],
  ];
}
