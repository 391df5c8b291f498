import { readFileSync } from "node:fs";
import { closest } from "./closest.ts";
import {
  databaseUrl,
  hostName,
  integer,
  key256,
  listOf,
  name,
  network,
  oneOf,
  path,
  redisUrl,
  webAddress,
  webUrl,
  type Parser,
} from "./parsers.ts";

/** Anything wrong with the settings: all of it at once, so that a start is corrected once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly complaints: readonly string[];

  constructor(complaints: readonly string[]) {
    super(`The settings are not right:\n${complaints.map((line) => `  - ${line}`).join("\n")}`);
    this.complaints = complaints;
  }
}

export type Env = Readonly<Record<string, string | undefined>>;

/** The one place that reads the process's environment; everyone else is given a Config. */
export function environment(): Env {
  return process.env;
}

interface Setting<T, Fallback extends string | undefined = string | undefined> {
  readonly name: string;
  readonly parser: Parser<T>;
  /** As one would write it; undefined when the setting may stay unset. */
  readonly fallback: Fallback;
  readonly says: string;
  /** Never shown, and may come from the file that `…_FILE` names. */
  readonly secret: boolean;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** Every setting there is. A row here is all that a new one needs. */
export const settings = {
  databaseUrl: secret(
    "ZERORACE_DATABASE_URL",
    databaseUrl(),
    "The PostgreSQL that holds the truth. Without it an embedded one is started on this machine.",
  ),
  redisUrl: secret(
    "ZERORACE_REDIS_URL",
    redisUrl(),
    "The Redis that rate limits are counted in, for all servers together. Without it `zerorace up` " +
      "starts one, and `zerorace serve` counts in its own memory.",
  ),
  redisTimeoutMs: setting(
    "ZERORACE_REDIS_TIMEOUT_MS",
    integer(5, 10_000),
    "50",
    "How long a request waits for its limits to be counted in Redis before it is counted here.",
  ),
  dynamodbEndpoint: optional(
    "ZERORACE_DYNAMODB_ENDPOINT",
    webUrl(),
    "A DynamoDB that is not the one of the region. Without it, and without a region, `zerorace up` " +
      "starts a local one, and `zerorace serve` and `zerorace worker` keep no copies.",
  ),
  dynamodbRegion: optional(
    "ZERORACE_DYNAMODB_REGION",
    name(),
    "The AWS region of the DynamoDB that copies are kept in; credentials come from where the AWS " +
      "SDK looks for them. Not set: the endpoint is a local one, which wants none.",
  ),
  dynamodbTable: setting(
    "ZERORACE_DYNAMODB_TABLE",
    name(),
    "zerorace",
    "The table that copies are kept in; it is made when it is not there.",
  ),
  queue: setting(
    "ZERORACE_QUEUE",
    oneOf(["on", "off"]),
    "on",
    "Whether workers share what is due over the Redis that is named; off: each does what it finds.",
  ),
  workerPort: setting(
    "ZERORACE_WORKER_METRICS_PORT",
    integer(0, 65_535),
    "9465",
    "The port of a worker's /metrics, /healthz and /readyz, on the same address; 0: a free one.",
  ),
  dataDir: setting(
    "ZERORACE_DATA_DIR",
    path(),
    ".data",
    "Where the embedded PostgreSQL keeps its data; what else is started keeps its own beside it.",
  ),
  logLevel: setting("ZERORACE_LOG_LEVEL", oneOf(logLevels), "info", "The least that is logged."),
  poolMax: setting(
    "ZERORACE_POOL_MAX",
    integer(1, 1000),
    "16",
    "Connections to the database that one process opens at most.",
  ),
  lanes: setting(
    "ZERORACE_LANES",
    integer(1, 64),
    "4",
    "Transactions of the kernel that one process runs at the same time.",
  ),
  batchMax: setting(
    "ZERORACE_BATCH_MAX",
    integer(1, 1000),
    "500",
    "Asks that one transaction answers at most.",
  ),
  queueMax: setting(
    "ZERORACE_QUEUE_MAX",
    integer(1, 1_000_000),
    "20000",
    "Asks that wait in memory at most; one more is refused at once.",
  ),
  askDeadlineMs: setting(
    "ZERORACE_ASK_DEADLINE_MS",
    integer(10, 600_000),
    "10000",
    "How long an ask may take, waiting and lost races included, before it is given up.",
  ),
  attemptTimeoutMs: setting(
    "ZERORACE_ATTEMPT_TIMEOUT_MS",
    integer(10, 600_000),
    "4000",
    "How long one attempt at a transaction may take before its connection is given up.",
  ),
  host: setting(
    "ZERORACE_HOST",
    hostName(),
    "127.0.0.1",
    "The address that the server listens on; 0.0.0.0 or :: for all of this machine's.",
  ),
  port: setting("ZERORACE_PORT", integer(0, 65_535), "8080", "The port of the API; 0: a free one."),
  metricsPort: setting(
    "ZERORACE_METRICS_PORT",
    integer(0, 65_535),
    "9464",
    "The port of /metrics, on the same address; 0: a free one.",
  ),
  drainDelayMs: setting(
    "ZERORACE_DRAIN_DELAY_MS",
    integer(0, 60_000),
    "500",
    "How long a server that was told to stop still takes requests, until nobody sends it any.",
  ),
  sandbox: setting(
    "ZERORACE_SANDBOX",
    oneOf(["auto", "on", "off"]),
    "auto",
    "The keyless sandbox; auto: on while the server listens on this machine only.",
  ),
  sandboxUnits: setting(
    "ZERORACE_SANDBOX_UNITS",
    integer(1, 1_000_000_000),
    "100000",
    "Units that a new sandbox has for sale, and that are added when it is sold out.",
  ),
  sandboxQuota: setting(
    "ZERORACE_SANDBOX_QUOTA",
    integer(1, 1_000_000_000),
    "1000000",
    "Asks that a sandbox keeps at most; then it takes no new ones until it is reset.",
  ),
  sandboxHours: setting(
    "ZERORACE_SANDBOX_HOURS",
    integer(0, 8_760),
    "24",
    "How long a sandbox in use lasts before a worker opens a new one in its place. 0: until it is reset by hand.",
  ),
  ratePerKey: setting(
    "ZERORACE_RATE_PER_KEY",
    integer(0, 1_000_000),
    "2000",
    "Requests a second of one API key or person; five seconds' worth may come at once. 0: no limit.",
  ),
  ratePerTenant: setting(
    "ZERORACE_RATE_PER_TENANT",
    integer(0, 1_000_000),
    "10000",
    "Requests a second of all keys of one tenant; five seconds' worth may come at once. 0: no limit.",
  ),
  ratePerIp: setting(
    "ZERORACE_RATE_PER_IP",
    integer(0, 1_000_000),
    "10",
    "Requests a second without a key, and as many with a wrong one, from one address; five seconds' " +
      "worth may come at once. 0: no limit.",
  ),
  signInsPerMinute: setting(
    "ZERORACE_SIGN_INS_PER_MINUTE",
    integer(1, 1_000_000),
    "10",
    "Attempts to sign in from one address.",
  ),
  newKeysPerMinute: setting(
    "ZERORACE_NEW_KEYS_PER_MINUTE",
    integer(1, 1_000_000),
    "60",
    "API keys that one tenant may ask for over HTTP.",
  ),
  replicas: setting(
    "ZERORACE_REPLICAS",
    integer(1, 1_000),
    "1",
    "Servers that share the limits: without Redis each admits its part.",
  ),
  trustedProxies: optional(
    "ZERORACE_TRUSTED_PROXIES",
    listOf(network()),
    "The proxies in front, whose X-Forwarded-For is believed. Not set: nobody's is.",
  ),
  allowedHosts: optional(
    "ZERORACE_ALLOWED_HOSTS",
    listOf(hostName()),
    "The names that requests may call this server by. Not set: any, but on a loopback address " +
      "only loopback names, so that no web page gets in by a name of its own.",
  ),
  publicUrl: optional(
    "ZERORACE_PUBLIC_URL",
    webAddress(),
    "The address under which people reach this server; links that are passed on begin with it.",
  ),
  signUp: setting(
    "ZERORACE_SIGN_UP",
    oneOf(["invitation", "open"]),
    "invitation",
    "Who may make an account: those who were invited, or everybody.",
  ),
  secureCookies: setting(
    "ZERORACE_SECURE_COOKIES",
    oneOf(["auto", "on", "off"]),
    "auto",
    "Whether browsers send the session over TLS only; auto: off while the server listens on this machine only.",
  ),
  sessionHours: setting(
    "ZERORACE_SESSION_HOURS",
    integer(1, 720),
    "12",
    "How long a session lasts, however much it is used.",
  ),
  sessionIdleMinutes: setting(
    "ZERORACE_SESSION_IDLE_MINUTES",
    integer(1, 43_200),
    "30",
    "How long a session lasts that nobody uses.",
  ),
  sealingKey: secret(
    "ZERORACE_SEALING_KEY",
    key256(),
    "Seals the secrets of webhooks in the database; the same for all servers and workers. Without it one " +
      "is drawn and kept beside the data directory.",
  ),
  webhookTargets: setting(
    "ZERORACE_WEBHOOK_TARGETS",
    oneOf(["public", "any"]),
    "public",
    "Where webhooks may go: to public addresses over HTTPS, or, for development, also to this network and over HTTP.",
  ),
  webhookPatienceDays: setting(
    "ZERORACE_WEBHOOK_PATIENCE_DAYS",
    integer(1, 30),
    "5",
    "How long a webhook's endpoint may fail without a success before it is disabled.",
  ),
  testDatabaseUrl: secret(
    "ZERORACE_TEST_DATABASE_URL",
    databaseUrl(),
    "For developers: the PostgreSQL that the tests use in place of an embedded one. " +
      "Its user must be allowed to create databases.",
  ),
};

type Settings = typeof settings;
type ValueOf<S> =
  S extends Setting<infer T, infer Fallback>
    ? Fallback extends string
      ? T
      : T | undefined
    : never;
export type Config = { readonly [Key in keyof Settings]: ValueOf<Settings[Key]> };

/** A shell in which somebody calls the API is also the one for commands: this is not ours to read. */
const namesOfClients: readonly string[] = ["ZERORACE_API_KEY"];

export function readConfig(env: Env): Config {
  const complaints: string[] = [];
  const known = new Set(namesOfClients);
  const config: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(settings) as [string, Setting<unknown>][]) {
    known.add(row.name);
    if (row.secret) known.add(`${row.name}_FILE`);
    try {
      const text = textOf(row, env) ?? row.fallback;
      config[key] = text === undefined ? undefined : row.parser.parse(text);
    } catch (error) {
      complaints.push(`${row.name} ${(error as Error).message}`);
    }
  }
  for (const name of Object.keys(env)) {
    if (!name.startsWith("ZERORACE_") || known.has(name)) continue;
    const meant = closest(name, [...known]);
    complaints.push(`${name} is not a setting${meant ? `: did you mean ${meant}?` : ""}`);
  }
  if (complaints.length > 0) throw new ConfigError(complaints);
  return config as Config;
}

/** An empty value counts as unset: that is what compose files and shells make of a missing one. */
function textOf(row: Setting<unknown>, env: Env): string | undefined {
  const text = env[row.name] || undefined;
  const file = row.secret ? env[`${row.name}_FILE`] || undefined : undefined;
  if (file === undefined) return text;
  if (text !== undefined) throw new Error(`and ${row.name}_FILE are both set: only one may be`);
  try {
    // An editor's last line break is not part of a secret.
    return readFileSync(file, "utf8").trimEnd();
  } catch (error) {
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new Error(`cannot be read from the file that ${row.name}_FILE names (${code})`, {
      cause: error,
    });
  }
}

/** For people: what this process runs with. A secret shows only that it is there. */
export function describeConfig(config: Config): { name: string; value: string; says: string }[] {
  return (Object.entries(settings) as [keyof Config, Setting<unknown>][]).map(([key, row]) => {
    const value = config[key];
    const shown = value === undefined ? "(not set)" : row.secret ? "********" : String(value);
    return { name: row.name, value: shown, says: row.says };
  });
}

function setting<T>(
  name: string,
  parser: Parser<T>,
  fallback: string,
  says: string,
): Setting<T, string> {
  return { name, parser, fallback, says, secret: false };
}

/** One that may stay unset. */
function optional<T>(name: string, parser: Parser<T>, says: string): Setting<T, undefined> {
  return { name, parser, fallback: undefined, says, secret: false };
}

function secret<T>(name: string, parser: Parser<T>, says: string): Setting<T, undefined> {
  return { name, parser, fallback: undefined, says, secret: true };
}
