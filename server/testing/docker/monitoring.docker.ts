import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { inSandbox, keepBuying } from "./buyers.ts";
import { cleanClone, type Installation } from "./engine.ts";
import { isStandIn, makeStandIns } from "./stand-ins.ts";

/** There is no stand-in for Grafana: compose.test.ts looks at what it is given. */
const services = ["prometheus", "alertmanager", ...(isStandIn ? [] : ["grafana"])];

let here: Installation;
let standIns: string[] = [];
beforeAll(async () => {
  here = await cleanClone();
  standIns = await makeStandIns(here, [
    { service: "prometheus", from: "prometheus", args: { PROGRAM: "prometheus" } },
    { service: "alertmanager", from: "prometheus", args: { PROGRAM: "prometheus-alertmanager" } },
  ]);
  await here.compose("build", "--quiet");
  await here.compose("--profile", "monitoring", "up", "--wait", "server", "worker", ...services);
});
// Nothing that has an official name and is not the official one is left for others to find.
afterAll(() => here.remove(...standIns));

/** From inside: nobody else reaches them. */
async function ask<T>(service: string, url: string): Promise<T> {
  const fetched = await here.compose("exec", "-T", service, "wget", "-q", "-O", "-", url);
  return JSON.parse(fetched) as T;
}

const query = async (expr: string): Promise<number | undefined> => {
  const path = `/api/v1/query?query=${encodeURIComponent(expr)}`;
  const url = `http://127.0.0.1:9090${path}`;
  const { data } = await ask<{ data: { result: { value: [number, string] }[] } }>(
    "prometheus",
    url,
  );
  const [found] = data.result;
  return found ? Number(found.value[1]) : undefined;
};

describe("docker compose --profile monitoring up --wait", () => {
  it("has a Prometheus that reaches the server and the worker", async () => {
    await expect.poll(() => query('sum(up{job=~"zerorace.*"})'), { timeout: 90_000 }).toBe(2);
  });

  it("counts what is sold", async () => {
    const traffic = keepBuying(inSandbox(here.url));
    await expect
      .poll(() => query("sum(zerorace_purchases_total)"), { timeout: 90_000, interval: 1_000 })
      .toBeGreaterThan(0);
    await traffic.stop();
  });

  it("has loaded every rule, and can tell what each asks", async () => {
    const { data } = await ask<{
      data: { groups: { rules: { name: string; health: string; state: string }[] }[] };
    }>("prometheus", "http://127.0.0.1:9090/api/v1/rules");
    const rules = data.groups.flatMap((group) => group.rules);
    const written = parse(
      await readFile(join(here.dir, "grafana/prometheus/rules.yml"), "utf8"),
    ) as { groups: { rules: { alert: string }[] }[] };
    const names = written.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    expect(rules.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
    expect(rules.filter(({ health }) => health === "err")).toEqual([]);
  });

  it("tells the Alertmanager, with a link to the runbook that this instance serves", async () => {
    interface Alert {
      readonly labels: { readonly alertname: string };
      readonly annotations: { readonly runbook_url: string };
    }
    const alerts = (): Promise<Alert[]> =>
      ask<Alert[]>("alertmanager", "http://127.0.0.1:9093/api/v2/alerts");
    const watchdog = async (): Promise<Alert | undefined> =>
      (await alerts()).find(({ labels }) => labels.alertname === "ZeroRaceWatchdog");
    await expect.poll(watchdog, { timeout: 90_000, interval: 500 }).toBeDefined();
    const url = (await watchdog())?.annotations.runbook_url ?? "";
    expect(url).toContain(`${here.url}/docs/runbooks/`);
    const page = await fetch(url, { headers: { Accept: "text/html" } });
    expect(page.status).toBe(200);
  });

  it.skipIf(isStandIn)("has a Grafana that asks who comes, and knows its dashboards", async () => {
    const url = here.grafanaUrl;
    expect((await fetch(`${url}/api/search`)).status).toBe(401);
    const file = "/run/zerorace/grafana/password";
    const password = (await here.compose("exec", "-T", "grafana", "cat", file)).trim();
    const headers = { Authorization: `Basic ${btoa(`admin:${password}`)}` };
    const found = (await (await fetch(`${url}/api/search?type=dash-db`, { headers })).json()) as {
      uid: string;
    }[];
    expect(found.map(({ uid }) => uid).toSorted()).toEqual(
      ["zerorace-kernel", "zerorace-money", "zerorace-pipeline", "zerorace-runtime"].toSorted(),
    );
  });
});
