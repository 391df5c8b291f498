import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { alerts } from "../grafana/alerts.ts";
import { dashboards } from "../grafana/dashboards.ts";
import { findProgram } from "../grafana/prometheus.ts";
import { readConfig } from "../server/base/config.ts";
import { settings } from "../server/base/settings.ts";
import { looseEnds } from "./checks/loose-ends.ts";
import { complaintsOfOperators } from "./checks/operator-kinds.ts";
import { containersOf, podsOf, type Pod } from "./checks/pods.ts";
import {
  canRender,
  chartDir,
  named,
  ofKind,
  render,
  strictDecoder,
  strictlyDecoded,
  type Manifest,
  type Rendered,
  type Values,
} from "./checks/render.ts";
import { complaintsAbout } from "./checks/restricted.ts";

if (!canRender) {
  process.stderr.write(
    "SKIPPED: the chart was not rendered, there is no helm here. See npm run check:chart.\n",
  );
}

const examples: Readonly<Record<string, Values>> = Object.fromEntries(
  await Promise.all(
    (await readdir(join(chartDir, "examples"))).map(async (name) => {
      const text = await readFile(join(chartDir, "examples", name), "utf8");
      return [name, parse(text, { version: "1.1" }) as Values] as const;
    }),
  ),
);
const plain = "postgres://shop:pw@db.example:5432/shop";
const sets: Readonly<Record<string, Values>> = {
  default: {},
  ...examples,
  "addresses in plain": {
    database: { mode: "external", url: plain },
    migrate: { url: "postgres://owner:pw@db.example:5432/shop" },
    redis: { mode: "external", url: "redis://:pw@cache.example:6379" },
    dynamodb: { mode: "none" },
  },
  "everything there is": {
    image: { registry: "r.example/x/", digest: `sha256:${"0".repeat(64)}`, pullSecrets: ["p"] },
    labels: { team: "shop" },
    fullnameOverride: "checkout",
    server: { autoscaling: { enabled: true }, drainSeconds: 30, podAnnotations: { a: "b" } },
    worker: { replicas: 2, podAnnotations: { a: "b" } },
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    tolerations: [{ operator: "Exists" }],
    affinity: { nodeAffinity: {} },
    priorityClassName: "high",
    extraEnv: [{ name: "HTTPS_PROXY", value: "http://proxy:3128" }],
    extraVolumes: [{ name: "ca", secret: { secretName: "ca" } }],
    extraVolumeMounts: [{ name: "ca", mountPath: "/etc/ca", readOnly: true }],
    service: { type: "LoadBalancer", annotations: { a: "b" } },
    publicUrl: "https://shop.example.com:8443",
    bundled: { postgres: { storage: "" }, redis: { storage: "" }, dynamodb: { storage: "" } },
    monitoring: {
      serviceMonitor: { enabled: true },
      rules: { enabled: true },
      dashboards: { enabled: true, annotations: { folder: "Shop" } },
    },
  },
  "without migrating, accounts and policies": {
    migrate: { enabled: false },
    serviceAccount: { create: false, name: "mine" },
    networkPolicy: { enabled: false },
    podDisruptionBudget: { enabled: false },
  },
};
/** What those sets say was made before. */
const given = new Set([
  "zerorace-database",
  "zerorace-owner",
  "zerorace-redis",
  "zerorace-sealing",
  "zerorace-own",
  "mine",
]);
const podOf = (manifests: readonly Manifest[], of: string): Pod => {
  const found = podsOf(manifests).find((pod) => pod.of === of);
  if (!found) throw new Error(`There is no ${of}.`);
  return found;
};
const envOf = ({ spec }: Pod): Record<string, string> =>
  Object.fromEntries((spec.containers[0]?.env ?? []).map(({ name, value = "" }) => [name, value]));

describe.runIf(canRender)("rendered with", () => {
  const known = new Set(
    Object.values(settings).flatMap(({ name, secret }) =>
      secret ? [name, `${name}_FILE`] : [name],
    ),
  );
  describe.each(Object.entries(sets))("%s", (_, values) => {
    let rendered: Rendered;
    beforeAll(async () => {
      rendered = await render(values);
    });

    it("every manifest is one that Kubernetes knows, and nothing hangs loose", async () => {
      if (strictDecoder) expect(await strictlyDecoded(rendered)).toEqual([]);
      expect(complaintsOfOperators(rendered.manifests)).toEqual([]);
      expect(looseEnds(rendered.manifests, given)).toEqual([]);
      const kinds = new Set(rendered.manifests.map(({ kind }) => kind));
      for (const kind of ["Deployment", "Service", "Pod"]) expect(kinds).toContain(kind);
    });

    it("every pod keeps to the restricted standard", () => {
      const pods = podsOf(rendered.manifests);
      expect(pods.length).toBeGreaterThanOrEqual(3);
      expect(pods.flatMap(complaintsAbout)).toEqual([]);
    });

    it("every setting of a pod is one that there is, with a value that it takes", () => {
      for (const { of, spec } of podsOf(rendered.manifests)) {
        for (const { name, env = [] } of containersOf(spec)) {
          const ours = env.filter((one) => one.name.startsWith("ZERORACE_"));
          const strange = ours.filter((one) => !known.has(one.name));
          expect(strange, `${of}, ${name}`).toEqual([]);
          const plainly = ours.filter((one) => !one.name.endsWith("_FILE"));
          const read = Object.fromEntries(plainly.map((one) => [one.name, one.value]));
          expect(() => readConfig(read), `${of}, ${name}`).not.toThrow();
          expect(new Set(env.map((one) => one.name)).size, `${of}, ${name}`).toBe(env.length);
        }
      }
    });
  });
});

const refusals: readonly (readonly [what: string, values: Values, says: string])[] = [
  [
    "an external database that nobody names",
    { database: { mode: "external" } },
    "name your Secret in database.existingSecret",
  ],
  [
    "two ways to one database",
    { database: { mode: "external", url: plain, existingSecret: "x" } },
    "keep the one that is meant",
  ],
  [
    "an address of a database that comes along",
    { database: { url: plain } },
    "set database.mode to external",
  ],
  ["Aurora DSQL without a cluster", { database: { mode: "dsql" } }, "name the cluster's endpoint"],
  [
    "an endpoint whose region nobody tells",
    { database: { mode: "dsql", dsql: { hosts: ["dsql.example.com"] } } },
    "database.dsql.regions",
  ],
  [
    "a password for Aurora DSQL",
    {
      database: {
        mode: "dsql",
        existingSecret: "x",
        dsql: { hosts: ["a.dsql.eu-west-1.on.aws"] },
      },
    },
    "give the service accounts their IAM roles",
  ],
  [
    "several servers without a Redis",
    { redis: { mode: "none" }, server: { replicas: 2 } },
    "Several servers need a Redis",
  ],
  [
    "an external Redis that nobody names",
    { redis: { mode: "external" } },
    "name your Secret in redis.existingSecret",
  ],
  [
    "DynamoDB in no region",
    { dynamodb: { mode: "aws" } },
    "name the region that the table is kept in",
  ],
  ["DynamoDB at no endpoint", { dynamodb: { mode: "external" } }, "say where it is"],
  [
    "an ingress without TLS",
    { ingress: { enabled: true, host: "shop.example.com" } },
    "without TLS nobody can sign in",
  ],
  ["an ingress without a host", { ingress: { enabled: true } }, "name the host that people call"],
  ["a gateway without a parent", { gateway: { enabled: true, host: "a.b" } }, "gateway.parentRefs"],
  [
    "two ways in",
    {
      ingress: { enabled: true, host: "a.b", tlsSecret: "x" },
      gateway: { enabled: true, host: "a.b", parentRefs: [{ name: "x" }] },
    },
    "keep the one that your cluster has",
  ],
  [
    "a load balancer of no name",
    { service: { type: "LoadBalancer" } },
    "set publicUrl, as in https://shop.example.com, or allowedHosts",
  ],
  [
    "fewer at most than at least",
    { server: { autoscaling: { enabled: true, minReplicas: 9, maxReplicas: 3 } } },
    "turn them round",
  ],
  [
    "a setting beside the table",
    { extraEnv: [{ name: "ZERORACE_LANES", value: "4" }] },
    "belong under settings",
  ],
  [
    "a setting that is for tests",
    { settings: { ZERORACE_CRASH_AT: "commit.after@batch#3" } },
    "settings.ZERORACE_CRASH_AT is not set here: it is for tests of a crash",
  ],
  [
    "a setting that the chart makes",
    { settings: { ZERORACE_DATABASE_URL: plain } },
    "name your Secret in database.existingSecret",
  ],
];

describe.runIf(canRender)("is refused with a sentence that helps:", () => {
  it.each(refusals)("%s", async (_, values, says) => {
    await expect(render(values)).rejects.toThrow(says);
  });
});

describe.runIf(canRender)("the chart", () => {
  it("draws secrets at the install, keeps those that are there, and refuses to lose them", async () => {
    const file = "templates/secret.yaml";
    const drawn = named((await render()).manifests, "Secret", "zerorace").stringData ?? {};
    expect(Buffer.from(drawn["sealing-key"] ?? "", "base64")).toHaveLength(32);
    expect(drawn["database-password"]).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(drawn["database-url"]).toContain(`:${drawn["database-password"]}@zerorace-postgres:`);
    const again = named((await render()).manifests, "Secret", "zerorace").stringData;
    expect(again?.["database-password"]).not.toBe(drawn["database-password"]);

    const lookup = '(lookup "v1" "Secret" .Release.Namespace $name)';
    const inCluster = Object.entries(drawn).map(
      ([key, value]) => `"${key}" "${Buffer.from(value).toString("base64")}"`,
    );
    const finds = (text: string): string => {
      expect(text).toContain(lookup);
      return text.replace(lookup, `(dict "data" (dict ${inCluster.join(" ")}))`);
    };
    const upgrades = (text: string): string => text.replaceAll(".Release.IsUpgrade", "true");
    const kept = await render({}, { edit: { [file]: (text) => upgrades(finds(text)) } });
    expect(named(kept.manifests, "Secret", "zerorace").stringData).toEqual(drawn);
    await expect(render({}, { edit: { [file]: upgrades } })).rejects.toThrow(
      "another password would not open the database",
    );
  });

  it("migrates by a hook before everything else, or by a Job where the database comes along", async () => {
    const bundled = ofKind((await render()).manifests, "Job");
    expect(bundled.map(({ metadata }) => metadata.annotations)).toEqual([undefined]);
    const other = ofKind((await render({ image: { tag: "9.9.9" } })).manifests, "Job");
    expect(other[0]?.metadata.name).not.toBe(bundled[0]?.metadata.name);
    const external = await render(examples["external.yaml"]);
    const job = named(external.manifests, "Job", "zerorace-migrate");
    expect(job.metadata.annotations).toMatchObject({
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-delete-policy": "before-hook-creation",
    });
  });

  it("gives each service account its own IAM role on Aurora DSQL, and no pod a password", async () => {
    const { manifests } = await render(examples["aurora-dsql.yaml"]);
    const server = podOf(manifests, "Deployment zerorace-server");
    const migrate = podOf(manifests, "Job zerorace-migrate");
    const roleOf = ({ spec }: Pod): string | undefined =>
      named(manifests, "ServiceAccount", spec.serviceAccountName ?? "").metadata.annotations?.[
        "eks.amazonaws.com/role-arn"
      ];
    expect(roleOf(server)).toMatch(/zerorace-server$/);
    expect(roleOf(migrate)).toMatch(/zerorace-migrate$/);
    expect(envOf(server)).toMatchObject({ ZERORACE_DSQL_USER: "zerorace_server" });
    expect(envOf(migrate)).toMatchObject({ ZERORACE_DSQL_USER: "admin" });
    expect(JSON.stringify(manifests)).not.toContain("database-url");
  });

  it("tells settings as the server reads them, whatever YAML made of them", async () => {
    const { manifests } = await render(examples["high-availability.yaml"]);
    expect(envOf(podOf(manifests, "Deployment zerorace-server"))).toMatchObject({
      ZERORACE_QUEUE_MAX: "1000000",
      ZERORACE_RUNS: "off",
      ZERORACE_REPLICAS: "12",
      ZERORACE_SANDBOX: "off",
    });
  });

  it("waits longer for a server to end than the server takes", async () => {
    for (const drainSeconds of [0, 10, 60]) {
      const { manifests } = await render({ server: { drainSeconds } });
      const server = podOf(manifests, "Deployment zerorace-server");
      // The server's own patience with what is inside is 15 s.
      expect(server.spec.terminationGracePeriodSeconds).toBeGreaterThan(drainSeconds + 15);
      expect(Number(envOf(server).ZERORACE_DRAIN_DELAY_MS)).toBe(drainSeconds * 1_000);
    }
  });

  it("takes every image from the registry that is named", async () => {
    const { manifests } = await render(examples["air-gapped.yaml"]);
    const images = podsOf(manifests).flatMap(({ spec }) => containersOf(spec));
    for (const { image } of images) expect(image).toMatch(/^registry\.internal:5000\//);
  });

  it("has notes with three commands and what one should know", async () => {
    const notes = async (values: Values): Promise<string> => {
      const template =
        '{{ dict "kind" "Notes" "says" (include (print $.Template.BasePath "/NOTES.txt") .) | toYaml }}';
      const { texts } = await render(values, {
        edit: { "templates/said.yaml": () => template },
      });
      const said = texts.map((text) => parse(text) as { kind: string; says: string });
      return said.find(({ kind }) => kind === "Notes")?.says ?? "";
    };
    const usual = await notes({});
    expect(usual.match(/^\d\. .*\n {3}\S.*$/gm)).toHaveLength(3);
    for (const command of ["port-forward", "zerorace claim-link", "helm -n default test zerorace"])
      expect(usual).toContain(command);
    expect(usual).toContain("one pod without copies or backups");
    const behind = await notes(examples["air-gapped.yaml"] ?? {});
    expect(behind).toContain("settings.ZERORACE_TRUSTED_PROXIES");
    expect(behind).not.toContain("port-forward");
  });
});

describe.runIf(canRender)("monitoring", () => {
  const values = sets["everything there is"] ?? {};
  it("has every alert, with this instance's runbooks, and Prometheus understands the rules", async () => {
    const { manifests } = await render(values);
    const rules = named(manifests, "PrometheusRule", "checkout");
    const text = stringify(rules.spec);
    for (const { name } of alerts) expect(text).toContain(`alert: ${name}\n`);
    expect(text).toContain("https://shop.example.com:8443/docs/runbooks/invariants");
    expect(text).toContain("{{ $labels.check }}");
    expect(text).not.toContain("externalLabels");
    const promtool = findProgram("promtool");
    if (promtool === undefined) return;
    const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-rules-"));
    await writeFile(join(dir, "rules.yml"), text);
    const checked = await promisify(execFile)(promtool, ["check", "rules", "rules.yml"], {
      cwd: dir,
    });
    await rm(dir, { recursive: true });
    expect(checked.stdout).toContain(`SUCCESS: ${alerts.length} rules found`);
  });

  it("has every dashboard whole, and scrapes what has a port for it", async () => {
    const { manifests } = await render(values);
    const boards = ofKind(manifests, "ConfigMap").flatMap(({ data = {} }) => Object.values(data));
    const shown = boards.map((text) => (JSON.parse(text) as { uid: string }).uid);
    expect(shown.toSorted()).toEqual(dashboards.map(({ uid }) => uid).toSorted());
    expect(boards.join()).toContain("{{outcome}}");
    const { spec } = named(manifests, "ServiceMonitor", "checkout");
    const { selector } = spec as { selector: { matchLabels: Record<string, string> } };
    const { labels } = named(manifests, "Service", "checkout-metrics").metadata;
    expect(labels).toMatchObject(selector.matchLabels);
  });
});
