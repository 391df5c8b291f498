import { stringify } from "yaml";
import { alerts } from "../grafana/alerts.ts";
import { rulesOf } from "../grafana/alert.ts";
import { dashboards } from "../grafana/dashboards.ts";
import { dashboardJson } from "../grafana/panel.ts";
import { ownedSettings } from "./owned-settings.ts";
import { valuesSchema } from "./schema.ts";

/** What of the chart is written by `npm run generate`, by path. */
export function chartFiles(): readonly (readonly [path: string, text: string])[] {
  const boards = Object.fromEntries(dashboards.map((one) => [one.uid, dashboardJson(one)]));
  const rules = stringify(rulesOf(alerts), { lineWidth: 110 });
  return [
    ["helm/values.schema.json", `${JSON.stringify(valuesSchema(), undefined, 2)}\n`],
    [
      "helm/templates/_generated.tpl",
      [
        "{{/* Written by `npm run generate` from helm/*.ts and grafana/*.ts: a chart reads its own files only. */}}",
        define("zerorace.ownedSettings", JSON.stringify(ownedSettings)),
        define("zerorace.rules", rules.trimEnd()),
        define("zerorace.dashboards", JSON.stringify(boards)),
        "",
      ].join("\n"),
    ],
  ];
}

/** Prometheus and Grafana have braces of their own, which Helm would take for its: so all of it is one raw string. */
function define(name: string, text: string): string {
  const raw = text.replaceAll("`", '`}}{{ "`" }}{{`');
  return `{{- define "${name}" -}}\n{{\`${raw}\`}}\n{{- end -}}`;
}
