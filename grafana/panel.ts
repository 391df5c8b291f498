/** Units as Grafana names them. */
type Unit = "short" | "s" | "reqps" | "ops" | "percentunit" | "bytes" | "dateTimeFromNow";

/** What one panel shows. */
export interface Panel {
  readonly title: string;
  /** What it tells, and what is good. Grafana shows it beside the title. */
  readonly says: string;
  readonly unit: Unit;
  /** Each with what its lines are called: {{label}} stands for a label's value. */
  readonly queries: readonly (readonly [expr: string, legend: string])[];
  /** One large number instead of lines over time. */
  readonly isNumber?: true;
  /** From here on it is red. */
  readonly redFrom?: number;
  /** Of the 24 columns. */
  readonly width?: number;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly says: string;
  readonly panels: readonly Panel[];
}

const columns = 24;
const source = { type: "prometheus", uid: "${datasource}" };

/** A dashboard as Grafana reads it from a file. */
export function dashboardJson({ uid, title, says, panels }: Dashboard): object {
  return {
    uid,
    title,
    description: says,
    tags: ["zerorace"],
    editable: false,
    schemaVersion: 39,
    refresh: "10s",
    time: { from: "now-1h", to: "now" },
    timezone: "browser",
    templating: {
      list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" }],
    },
    links: [{ type: "dashboards", tags: ["zerorace"], title: "ZeroRace", asDropdown: true }],
    panels: inRows(panels),
  };
}

/** From left to right, and on to the next row where the width ends. */
function inRows(panels: readonly Panel[]): object[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map((panel, index) => {
    const [w, h] = [panel.width ?? (panel.isNumber ? 6 : 12), panel.isNumber ? 5 : 8];
    if (x + w > columns) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const placed = panelJson(panel, index + 1, { x, y, w, h });
    [x, rowHeight] = [x + w, Math.max(rowHeight, h)];
    return placed;
  });
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { title, says, unit, queries, isNumber, redFrom } = panel;
  const steps = [
    { color: redFrom === undefined ? "text" : "green", value: null },
    ...(redFrom === undefined ? [] : [{ color: "red", value: redFrom }]),
  ];
  return {
    id,
    title,
    description: says,
    type: isNumber ? "stat" : "timeseries",
    datasource: source,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: "absolute", steps },
        ...(isNumber
          ? { noValue: "not known" }
          : {
              custom: {
                fillOpacity: 8,
                lineWidth: 2,
                showPoints: "never",
                thresholdsStyle: { mode: redFrom === undefined ? "off" : "line" },
              },
            }),
      },
      overrides: [],
    },
    options: isNumber
      ? { colorMode: "value", graphMode: "area", reduceOptions: { calcs: ["lastNotNull"] } }
      : { legend: { displayMode: "table", placement: "bottom", calcs: ["lastNotNull", "max"] } },
    targets: queries.map(([expr, legend], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: source,
      expr,
      legendFormat: legend,
    })),
  };
}
