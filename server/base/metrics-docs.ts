import { makeMetrics } from "./metrics.ts";

/** `docs/reference/metrics.md`. */
export async function metricsReference(): Promise<string> {
  const { registry } = makeMetrics();
  const rows = await registry.getMetricsAsJSON();
  const labels = new Map(
    registry.getMetricsAsArray().map((metric) => {
      const { name, labelNames = [] } = metric as { name: string; labelNames?: readonly string[] };
      return [name, labelNames.map((label) => `\`${label}\``).join(", ")] as const;
    }),
  );
  const table = rows
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help }) => {
      return `| \`${name}\` | ${String(type)} | ${labels.get(name) ?? ""} | ${help} |`;
    });
  return [
    "# Metrics",
    "",
    "Written by `npm run generate` from `server/base/metrics.ts`.",
    "",
    "A server shows them at `ZERORACE_METRICS_PORT`, a worker at `ZERORACE_WORKER_METRICS_PORT`, both",
    "under `/metrics`, with those of Node.js itself (`process_…` and `nodejs_…`). A process shows all",
    "names; those of what it does not do stay at zero.",
    "",
    "| Name | Type | Labels | What it is |",
    "| --- | --- | --- | --- |",
    ...table,
    "",
  ].join("\n");
}
