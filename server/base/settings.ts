import { crashPointName } from "./crash-points.ts";
import { doorSettings } from "./door-settings.ts";
import { endpoint, roleName, several } from "./place-parsers.ts";
import {
  databaseUrl,
  hostName,
  integer,
  key256,
  listOf,
  name,
  oneOf,
  path,
  redisUrl,
  webUrl,
} from "./parsers.ts";
import { optional, secret, setting } from "./setting.ts";

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
  backupDir: setting(
    "ZERORACE_BACKUP_DIR",
    path(),
    ".data.backups",
    "The folder that `zerorace backup` keeps its files in.",
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
  worldDays: setting(
    "ZERORACE_WORLD_DAYS",
    integer(0, 3_650),
    "7",
    "How many days a worker keeps the worlds of runs, and of sandboxes that were replaced, before it deletes them. 0: until `zerorace purge`.",
  ),
  declineDays: setting(
    "ZERORACE_DECLINE_DAYS",
    integer(0, 3_650),
    "0",
    "How many days a decline is remembered, with its key: sent again later it is a new ask. 0: for ever, as all that was granted.",
  ),
  ...doorSettings,
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
  webhookTimeoutMs: setting(
    "ZERORACE_WEBHOOK_TIMEOUT_MS",
    integer(100, 30_000),
    "15000",
    "How long a webhook's receiver may take for its answer, from the look-up of its name on, before the attempt is a failure.",
  ),
  webhookPatienceDays: setting(
    "ZERORACE_WEBHOOK_PATIENCE_DAYS",
    integer(1, 30),
    "5",
    "How long a webhook's endpoint may fail without a success before it is disabled.",
  ),
  durability: setting(
    "ZERORACE_DURABILITY",
    oneOf(["required", "warn"]),
    "required",
    "What to do about a PostgreSQL whose settings (fsync, full_page_writes, synchronous_commit) let it lose " +
      "acknowledged purchases in a crash: refuse to start, or only say it.",
  ),
  crashAt: optional(
    "ZERORACE_CRASH_AT",
    crashPointName(),
    "For tests of a crash: where this process is to kill itself, such as commit.after@batch#3. Refused " +
      "where anything is not on this machine.",
  ),
  testDatabaseUrl: secret(
    "ZERORACE_TEST_DATABASE_URL",
    databaseUrl(),
    "For developers: the PostgreSQL that the tests use in place of an embedded one. " +
      "Its user must be allowed to create databases.",
  ),
};
