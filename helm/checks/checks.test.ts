import { describe, expect, it } from "vitest";
import { looseEnds } from "./loose-ends.ts";
import { complaintsOfOperators } from "./operator-kinds.ts";
import { podsOf } from "./pods.ts";
import type { Manifest } from "./render.ts";
import { complaintsAbout } from "./restricted.ts";

/** What looks at rendered manifests sees what is wrong with them: each fault is planted alone. */

type Tree = Record<string, unknown>;

function shop(): Manifest[] {
  const labels = { app: "shop" };
  const container = {
    name: "shop",
    image: "shop:1.0.0",
    env: [{ name: "SHOP_PORT", value: "8080" }],
    ports: [{ name: "http", containerPort: 8080 }],
    resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "secret", mountPath: "/run/secret" }],
  };
  const pod = {
    automountServiceAccountToken: false,
    serviceAccountName: "shop",
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1_000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container],
    volumes: [{ name: "secret", secret: { secretName: "shop", items: [{ key: "k", path: "k" }] } }],
  };
  const named = { metadata: { name: "shop", labels } };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", ...named },
    { apiVersion: "v1", kind: "Secret", ...named, stringData: { k: "v" } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      ...named,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      ...named,
      spec: { selector: labels, ports: [{ targetPort: "http" }] },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      ...named,
      spec: { scaleTargetRef: { kind: "Deployment", name: "shop" } },
    },
  ];
}

/** Sets what a path of keys leads to; undefined takes it away. */
function changed(manifests: Manifest[], kind: string, path: string, value: unknown): Manifest[] {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let at = manifests.find((one) => one.kind === kind) as unknown as Tree;
  for (const key of keys) at = at[key] as Tree;
  at[last] = value;
  return manifests;
}

const pod = "spec.template.spec";
const container = `${pod}.containers.0`;

describe("a pod that does not keep to the restricted standard", () => {
  const about = (manifests: readonly Manifest[]) => podsOf(manifests).flatMap(complaintsAbout);

  it("is not this one", () => expect(about(shop())).toEqual([]));

  it.each<[path: string, value: unknown]>([
    [`${pod}.hostNetwork`, true],
    [`${pod}.hostPID`, true],
    [`${pod}.hostIPC`, true],
    [`${pod}.automountServiceAccountToken`, undefined],
    [`${pod}.volumes`, [{ name: "host", hostPath: { path: "/" } }]],
    [`${pod}.securityContext.seccompProfile`, undefined],
    [`${pod}.securityContext.seccompProfile`, { type: "Unconfined" }],
    [`${pod}.securityContext.runAsNonRoot`, undefined],
    [`${pod}.securityContext.runAsUser`, 0],
    [`${pod}.securityContext.runAsUser`, undefined],
    [`${pod}.securityContext.sysctls`, [{ name: "kernel.msgmax", value: "1" }]],
    [`${pod}.securityContext.seLinuxOptions`, { type: "x" }],
    [`${pod}.securityContext.windowsOptions`, { hostProcess: true }],
    [`${pod}.securityContext.appArmorProfile`, { type: "Unconfined" }],
    [`${pod}.initContainers`, [{ name: "init", image: "shop:1.0.0" }]],
    [`${container}.securityContext`, undefined],
    [`${container}.securityContext.privileged`, true],
    [`${container}.securityContext.allowPrivilegeEscalation`, undefined],
    [`${container}.securityContext.capabilities`, { drop: ["NET_RAW"] }],
    [`${container}.securityContext.capabilities`, { drop: ["ALL"], add: ["CHOWN"] }],
    [`${container}.securityContext.procMount`, "Unmasked"],
    [`${container}.securityContext.runAsNonRoot`, false],
    [`${container}.securityContext.runAsUser`, 0],
    [`${container}.securityContext.readOnlyRootFilesystem`, undefined],
    [`${container}.securityContext.seccompProfile`, { type: "Unconfined" }],
    [`${container}.ports`, [{ name: "http", containerPort: 80, hostPort: 80 }]],
    [`${container}.resources`, { requests: { cpu: "1", memory: "1Gi" } }],
    [`${container}.resources`, { limits: { memory: "1Gi" } }],
    [`${container}.image`, "shop"],
    [`${container}.image`, "shop:latest"],
    [`${container}.image`, "registry:5000/shop"],
    [`${container}.env`, [{ name: "URL", value: "postgres://shop:hunter2@db/shop" }]],
    [`${container}.env`, [{ name: "DB_PASSWORD", value: "hunter2" }]],
  ])("is seen: %s = %j", (path, value) => {
    expect(about(changed(shop(), "Deployment", path, value))).not.toEqual([]);
  });
});

describe("what names something that is not there", () => {
  it("is nothing here", () => expect(looseEnds(shop(), new Set())).toEqual([]));

  it.each<[kind: string, path: string, value: unknown]>([
    ["Secret", "stringData", {}],
    ["Secret", "metadata.name", "other"],
    ["ServiceAccount", "metadata.name", "other"],
    ["ServiceAccount", "kind", "Secret"],
    ["Service", "spec.selector", { app: "other" }],
    ["Service", "spec.ports", [{ targetPort: "https" }]],
    ["Deployment", "spec.selector", { matchLabels: { app: "other" } }],
    ["Deployment", `${container}.volumeMounts`, []],
    ["Deployment", `${container}.volumeMounts`, [{ name: "data", mountPath: "/data" }]],
    ["HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "other"],
    // Before the release there is nothing of the release.
    ["Deployment", "metadata.annotations", { "helm.sh/hook": "pre-install" }],
  ])("is seen: %s with %s = %j", (kind, path, value) => {
    expect(looseEnds(changed(shop(), kind, path, value), new Set())).not.toEqual([]);
  });
});

it("a word of an operator's kind that is written wrong is seen", () => {
  const monitor = (endpoint: object): Manifest => ({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: "shop" },
    spec: { jobLabel: "app", selector: { matchLabels: { app: "shop" } }, endpoints: [endpoint] },
  });
  const right = { port: "metrics", path: "/metrics", interval: "15s" };
  expect(complaintsOfOperators([monitor(right)])).toEqual([]);
  expect(complaintsOfOperators([monitor({ ...right, intervall: "15s" })])).toHaveLength(1);
  expect(complaintsOfOperators([monitor({ ...right, interval: "often" })])).toHaveLength(1);
});
