import type { JsonSchema } from "../server/base/parsers.ts";
import { settings } from "../server/base/settings.ts";
import { ownedSettings } from "./owned-settings.ts";

type Properties = Readonly<Record<string, JsonSchema>>;

/** Nothing but what is named: a name that is written wrong must not pass for the default. */
const object = (properties: Properties): JsonSchema => ({
  type: "object",
  properties,
  additionalProperties: false,
});
const text: JsonSchema = { type: "string" };
const like = (pattern: string, description: string): JsonSchema => ({
  type: "string",
  pattern,
  description,
});
const flag: JsonSchema = { type: "boolean" };
const oneOf = (...values: readonly unknown[]): JsonSchema => ({ enum: values });
const count = (minimum: number, maximum: number): JsonSchema => ({
  type: "integer",
  minimum,
  maximum,
});
const listOf = (items: JsonSchema): JsonSchema => ({ type: "array", items });
/** As Kubernetes has it, which says itself what is wrong with it. */
const asIs: JsonSchema = { type: "object" };
const names: JsonSchema = { type: "object", additionalProperties: text };
const resources = object({ requests: asIs, limits: asIs, claims: listOf(asIs) });

const secretName = like(
  "^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)?$",
  "The name of a Secret, in small letters, digits, dashes and dots.",
);
const secretKey = like("^[A-Za-z0-9._-]+$", "A key of that Secret.");
const host = like(
  "^([A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)?$",
  "A host name, without https:// and without a port.",
);
const databaseUrl = like(
  "^(postgres(ql)?://[^/]+/.+)?$",
  "As postgres://user:password@host:5432/database.",
);
const redisUrl = like("^(rediss?://.+)?$", "As redis://user:password@host:6379.");
const storage = like("^([0-9.]+([EPTGMK]i?)?)?$", "As 8Gi; empty keeps nothing.");

/** `settings`, from the table of settings: what the server would refuse, Helm refuses before. */
function settingsSchema(): JsonSchema {
  const rows = Object.values(settings).map(({ name, parser, fallback, says }) => {
    const owner = ownedSettings[name];
    // The template refuses these, with the sentence that helps: a schema could only say no.
    if (owner !== undefined) return [name, { description: `Not here: ${owner}.` }] as const;
    const usual = fallback === undefined ? "" : ` Default: ${fallback}.`;
    return [name, { ...parser.schema, description: `${says}${usual}` }] as const;
  });
  return object(Object.fromEntries(rows));
}

const databaseSchema = object({
  mode: oneOf("bundled", "external", "dsql"),
  url: databaseUrl,
  existingSecret: secretName,
  urlKey: secretKey,
  passwordKey: secretKey,
  dsql: object({
    hosts: listOf(settings.dsqlHosts.parser.schema.items as JsonSchema),
    regions: listOf(like("^[a-z0-9-]+$", "As eu-central-1.")),
    user: settings.dsqlUser.parser.schema,
  }),
});

const migrateSchema = object({
  enabled: flag,
  roles: oneOf("auto", true, false),
  alone: flag,
  url: databaseUrl,
  existingSecret: secretName,
  urlKey: secretKey,
  dsqlUser: settings.dsqlUser.parser.schema,
  serviceAccount: object({ name: text, annotations: names }),
  timeoutSeconds: count(60, 86_400),
  resources,
});

const serverSchema = object({
  replicas: count(1, 1_000),
  autoscaling: object({
    enabled: flag,
    minReplicas: count(1, 1_000),
    maxReplicas: count(1, 1_000),
    targetCPUUtilizationPercentage: count(1, 100),
  }),
  drainSeconds: count(0, 60),
  resources,
  podAnnotations: names,
});

const bundledSchema = object(
  Object.fromEntries(
    ["postgres", "redis", "dynamodb"].map((name) => [
      name,
      object({
        image: like("^[^:@\\s]+[:@].+$", "With its tag."),
        user: count(1, 2 ** 31 - 1),
        storage,
        storageClass: text,
        resources,
      }),
    ]),
  ),
);

const doorsSchema: Properties = {
  service: object({
    type: oneOf("ClusterIP", "NodePort", "LoadBalancer"),
    port: count(1, 65_535),
    annotations: names,
  }),
  ingress: object({
    enabled: flag,
    className: text,
    controller: oneOf("nginx", "traefik", "alb", "other"),
    host,
    tlsSecret: secretName,
    annotations: names,
  }),
  gateway: object({ enabled: flag, host, parentRefs: listOf(asIs) }),
  networkPolicy: object({
    enabled: flag,
    from: listOf(asIs),
    metricsFrom: listOf(asIs),
    databasePort: count(1, 65_535),
    redisPort: count(1, 65_535),
    extraEgress: listOf(asIs),
  }),
};

const imageSchema = object({
  registry: like("^([A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?)?$", "As registry.internal:5000."),
  repository: like("^[a-z0-9]([a-z0-9._/:-]*[a-z0-9])?$", "Without a tag: that is image.tag."),
  tag: like("^[A-Za-z0-9._-]{0,128}$", "As 0.1.0; in quotes, so that it stays text."),
  digest: like("^(sha256:[0-9a-f]{64})?$", "sha256: and 64 digits."),
  pullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  pullSecrets: listOf(secretName),
});

const othersSchema: Properties = {
  redis: object({
    mode: oneOf("bundled", "external", "none"),
    url: redisUrl,
    existingSecret: secretName,
    urlKey: secretKey,
    passwordKey: secretKey,
  }),
  dynamodb: object({
    mode: oneOf("bundled", "aws", "external", "none"),
    region: like("^([a-z0-9-]{3,100})?$", "As eu-central-1."),
    endpoint: like("^(https?://.+)?$", "As http://host:8000."),
    table: settings.dynamodbTable.parser.schema,
  }),
};

/** `helm/values.schema.json`. */
export function valuesSchema(): JsonSchema {
  const { properties, ...rest } = object({
    image: imageSchema,
    fullnameOverride: like(
      "^([a-z]([a-z0-9-]{0,43}[a-z0-9])?)?$",
      "At most 45 small letters, digits, dashes.",
    ),
    labels: names,
    clusterDomain: host,
    publicUrl: like("^(https?://[^/?#@]+/?)?$", "https://host, without a path."),
    allowedHosts: listOf(settings.allowedHosts.parser.schema.items as JsonSchema),
    settings: settingsSchema(),
    database: databaseSchema,
    migrate: migrateSchema,
    ...othersSchema,
    sealingKey: object({ existingSecret: secretName, key: secretKey }),
    server: serverSchema,
    worker: object({ replicas: count(0, 1_000), resources, podAnnotations: names }),
    podDisruptionBudget: object({
      enabled: flag,
      maxUnavailable: { type: ["integer", "string"], pattern: "^[0-9]+%$", minimum: 0 },
    }),
    nodeSelector: names,
    tolerations: listOf(asIs),
    affinity: asIs,
    priorityClassName: text,
    extraEnv: listOf({ type: "object", required: ["name"], properties: { name: text } }),
    extraVolumes: listOf(asIs),
    extraVolumeMounts: listOf(asIs),
    serviceAccount: object({ create: flag, name: text, annotations: names }),
    ...doorsSchema,
    monitoring: object({
      serviceMonitor: object({
        enabled: flag,
        interval: like("^[0-9]+(ms|s|m)$", "As 15s."),
        labels: names,
      }),
      rules: object({ enabled: flag, labels: names }),
      dashboards: object({ enabled: flag, labels: names, annotations: names }),
    }),
    bundled: bundledSchema,
    // What Helm itself puts beside, when this is a part of another chart.
    global: asIs,
  });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the ZeroRace chart",
    ...rest,
    properties,
  };
}
