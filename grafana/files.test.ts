import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { alerts } from "./alerts.ts";
import { dashboards } from "./dashboards.ts";
import { monitoringFiles } from "./files.ts";

const top = fileURLToPath(new URL("..", import.meta.url));

it("is what the repository shows (else: npm run generate)", () => {
  for (const [path, text] of monitoringFiles()) {
    expect(readFileSync(`${top}/${path}`, "utf8"), path).toBe(text);
  }
  const dashboardFiles = monitoringFiles().filter(([path]) => path.endsWith(".json"));
  expect(globSync("grafana/dashboards/*", { cwd: top })).toHaveLength(dashboardFiles.length);
});

it("every panel says what it tells, and its lines are named", () => {
  for (const { panels } of dashboards) {
    for (const { title, says, queries } of panels) {
      expect(says, title).toMatch(/^[A-Z].*\.$/);
      expect(queries.length, title).toBeGreaterThan(0);
      for (const [, legend] of queries) expect(legend, title).not.toBe("");
    }
  }
  const uids = dashboards.map(({ uid }) => uid);
  expect(new Set(uids).size).toBe(uids.length);
});

it("every alert has a runbook, and a name and words of its own", () => {
  for (const { name, runbook, summary, description } of alerts) {
    const page = readFileSync(`${top}/docs/runbooks/${runbook}.md`, "utf8");
    expect(page, name).toMatch(/^# /);
    // Whoever is woken by it searches for its name.
    expect(page, `${runbook} names ${name}`).toContain(name);
    expect(summary).not.toMatch(/\.$/);
    expect(description).toMatch(/\.$/);
  }
  expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
});
