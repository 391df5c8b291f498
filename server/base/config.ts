import { readFileSync } from "node:fs";
import { closest } from "./closest.ts";
import { databaseUrl, endpoint, listOf, roleName, several } from "./place-parsers.ts";

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

export interface Parser<T> {
  /** For the reference page: what a value looks like. */
  readonly form: string;
  /** Throws an Error that completes the sentence "NAME …". */
  parse(text: string): T;
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
  database: setting(
    "ZERORACE_DATABASE",
    oneOf(["postgres", "dsql"]),
    "postgres",
    "The engine that holds the truth: PostgreSQL, or Aurora DSQL.",
  ),
  databaseUrl: secret(
    "ZERORACE_DATABASE_URL",
    several(databaseUrl()),
    "The PostgreSQL that holds the truth. Without it an embedded one is started on this machine. " +
      "Several, with spaces between, are ways to the same database: the first one that answers is used.",
  ),
  dsqlHosts: optional(
    "ZERORACE_DSQL_HOSTS",
    listOf(endpoint()),
    "The endpoint of the Aurora DSQL cluster; of peered clusters both, the home one first.",
  ),
  dsqlRegions: optional(
    "ZERORACE_DSQL_REGIONS",
    listOf(hostName()),
    "The AWS region of each of these, where its name does not tell.",
  ),
  dsqlUser: setting(
    "ZERORACE_DSQL_USER",
    roleName(),
    "admin",
    "The database role to connect to Aurora DSQL as: admin to migrate, zerorace_server to serve.",
  ),
  dsqlCa: optional(
    "ZERORACE_DSQL_CA",
    path(),
    "A file with the certificate authority to trust in place of the usual ones: for a local server.",
  ),
  dsqlConnectRate: setting(
    "ZERORACE_DSQL_CONNECT_RATE",
    integer(1, 100),
    "25",
    "Connections a second that one process opens at most, and ten times as many at once. A cluster " +
      "takes 100 a second from all of them.",
  ),
  dataDir: setting(
    "ZERORACE_DATA_DIR",
    path(),
    ".data",
    "Where the embedded PostgreSQL keeps its data.",
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

export function readConfig(env: Env): Config {
  const complaints: string[] = [];
  const known = new Set<string>();
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

function optional<T>(name: string, parser: Parser<T>, says: string): Setting<T, undefined> {
  return { name, parser, fallback: undefined, says, secret: false };
}

function secret<T>(name: string, parser: Parser<T>, says: string): Setting<T, undefined> {
  return { name, parser, fallback: undefined, says, secret: true };
}

function integer(min: number, max: number): Parser<number> {
  const form = `a whole number from ${min} to ${max}`;
  return {
    form,
    parse(text) {
      const value = Number(text);
      // Number() alone would admit "1e3", "0x10" and " 7 ".
      if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
        throw new Error(`must be ${form}, not ${JSON.stringify(text)}`);
      }
      return value;
    },
  };
}

function oneOf<const T extends string>(allowed: readonly T[]): Parser<T> {
  const form = `one of ${allowed.join(", ")}`;
  return {
    form,
    parse(text) {
      const found = allowed.find((value) => value === text);
      if (found === undefined) throw new Error(`must be ${form}, not ${JSON.stringify(text)}`);
      return found;
    },
  };
}

function path(): Parser<string> {
  return {
    form: "a path",
    parse(text) {
      if (text.includes("\0")) throw new Error("must be a path");
      return text;
    },
  };
}

function hostName(): Parser<string> {
  const form = "a host name or an IP address";
  return {
    form,
    parse(text) {
      if (!/^[A-Za-z0-9.:-]{1,253}$/.test(text)) throw new Error(`must be ${form}`);
      return text;
    },
  };
}
