import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readConfig } from "../../base/config.ts";

const top = fileURLToPath(new URL("../../..", import.meta.url));

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly logging?: object;
  readonly user?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly disable?: boolean };
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
}

/** A compose file as it stands in the repository, before anything is put in for its variables. */
function read<T>(path: string): T {
  return parse(readFileSync(`${top}/${path}`, "utf8"), { merge: true, logLevel: "silent" }) as T;
}

const { services, volumes } = read<ComposeFile>("docker-compose.yml");
const all = Object.entries(services);
/** They do one thing and end. */
const once = ["init", "migrate"];
const monitoring = all.filter(([, { profiles }]) => profiles?.includes("monitoring"));
/** What a mount begins with when nobody set its variable. */
const sourceOf = (volume: string): string =>
  volume.replace(/^\$\{\w+:-([^}]*)\}/, "$1").split(":")[0] ?? "";

describe("docker-compose.yml", () => {
  it.each(all)("%s is shut in: no root file system to write, no rights, limits", (name, it) => {
    expect(it).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(it.security_opt).toContain("no-new-privileges:true");
    expect(it.pids_limit).toBeGreaterThan(0);
    expect(it.logging).toMatchObject({ options: { "max-size": "10m" } });
    if (once.includes(name)) return;
    expect(it.mem_limit).toMatch(/^\d+[mg]$/);
    expect(it.restart).toBe("unless-stopped");
    // A server's is the image's own.
    if (name !== "server") expect(it.healthcheck?.disable ?? it.healthcheck).toBeTypeOf("object");
  });

  it("publishes to this machine only, but for TLS, which is there for the others", () => {
    const published = all.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    const toAll = published.filter(([, port]) => !port?.startsWith("${ZERORACE_BIND:-127.0.0.1}:"));
    expect(new Set(toAll.map(([name]) => name))).toEqual(new Set(["tls"]));
    expect(new Set(published.map(([name]) => name))).toEqual(new Set(["server", "tls", "grafana"]));
  });

  it("mounts only volumes that are declared and files that the repository has", () => {
    for (const [name, { volumes: mounts = [] }] of all) {
      for (const source of mounts.map(sourceOf)) {
        if (source.startsWith("./")) expect(existsSync(`${top}/${source}`), source).toBe(true);
        else expect(Object.keys(volumes), name).toContain(source);
      }
    }
  });

  it("pins every image by an exact tag, and the release's script gives each its digest", () => {
    const named = new Set(all.map(([, { image }]) => image.split("@")[0] ?? ""));
    const images = [...named].filter((image) => !image.startsWith("zerorace:"));
    for (const image of images) expect(image).toMatch(/:v?\d+(\.\d+)+(-[\w-]+)?$/);
    const script = readFileSync(`${top}/scripts/pin-images.sh`, "utf8");
    const [, pattern = ""] = /^pattern='(.*)'$/m.exec(script) ?? [];
    for (const image of images) expect(image).toMatch(new RegExp(`^${pattern}$`));
  });

  it("gives each secret to whoever needs it, and to nobody else", () => {
    const readers = (volume: string): string[] =>
      all
        .filter(([, it]) => it.volumes?.some((one) => one.startsWith(`${volume}:`)))
        .map(([name]) => name);
    expect(readers("db-secrets")).toEqual(["init", "db"]);
    expect(readers("redis-secrets")).toEqual(["init", "redis"]);
    expect(readers("grafana-secrets")).toEqual(["init", "grafana"]);
    expect(readers("app-secrets")).toEqual(["init", "migrate", "server", "worker"]);
  });
});

describe("the profile monitoring", () => {
  it("brings a Prometheus, an Alertmanager and a Grafana, none of them root", () => {
    expect(monitoring.map(([name]) => name)).toEqual(["prometheus", "alertmanager", "grafana"]);
    for (const [name, { user }] of monitoring) expect(user, name).toMatch(/^[1-9]\d*:/);
  });

  it("scrapes the ports that a server and a worker listen on, and reads files that are mounted", () => {
    const { metricsPort, workerPort } = readConfig({});
    const text = readFileSync(`${top}/grafana/prometheus/prometheus.yml`, "utf8");
    const config = parse(text) as {
      rule_files: string[];
      global: { external_labels: { zerorace_url: string } };
      scrape_configs: { static_configs: { targets: string[] }[] }[];
      alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
    };
    const targets = config.scrape_configs.flatMap((one) =>
      one.static_configs.flatMap((to) => to.targets),
    );
    expect(targets).toEqual([`server:${metricsPort}`, `worker:${workerPort}`]);
    const [alerts] = config.alerting.alertmanagers.flatMap((one) => one.static_configs);
    expect(alerts?.targets).toEqual(["alertmanager:9093"]);
    const { prometheus } = services;
    for (const file of config.rule_files) {
      expect(
        prometheus?.volumes?.some((one) => one.endsWith(`:${file}:ro`)),
        file,
      ).toBe(true);
    }
    const [, variable = ""] =
      /^\$\{(\w+)\}$/.exec(config.global.external_labels.zerorace_url) ?? [];
    expect(Object.keys(prometheus?.environment ?? {})).toContain(variable);
  });

  it("lets nobody look at Grafana who has not the password that was drawn", () => {
    const { grafana } = services;
    expect(grafana?.environment).toMatchObject({
      GF_SECURITY_ADMIN_PASSWORD__FILE: "/run/zerorace/grafana/password",
      GF_AUTH_ANONYMOUS_ENABLED: "false",
      GF_USERS_ALLOW_SIGN_UP: "false",
    });
    const [source] = read<{ datasources: { url: string }[] }>(
      "grafana/provisioning/datasources/prometheus.yml",
    ).datasources;
    expect(source?.url).toBe("http://prometheus:9090");
    const [provider] = read<{ providers: { options: { path: string } }[] }>(
      "grafana/provisioning/dashboards/zerorace.yml",
    ).providers;
    const dashboards = provider?.options.path ?? "";
    expect(grafana?.volumes).toContain(`./grafana/dashboards:${dashboards}:ro`);
    const home = grafana?.environment?.["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] ?? "";
    expect(existsSync(home.replace(dashboards, `${top}/grafana/dashboards`)), home).toBe(true);
  });
});
