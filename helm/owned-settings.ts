/** Settings that the chart makes itself, and how it is told what they should be. */
export const ownedSettings: Readonly<Record<string, string>> = {
  ZERORACE_DATABASE: "database.mode says it",
  ZERORACE_DATABASE_URL:
    "it holds a password, so name your Secret in database.existingSecret; or, to try it, set database.url",
  ZERORACE_DSQL_HOSTS: "database.dsql.hosts says it",
  ZERORACE_DSQL_REGIONS: "database.dsql.regions says it",
  ZERORACE_DSQL_USER: "database.dsql.user and migrate.dsqlUser say it",
  ZERORACE_REDIS_URL:
    "it holds a password, so name your Secret in redis.existingSecret; or, to try it, set redis.url",
  ZERORACE_DYNAMODB_ENDPOINT: "dynamodb.mode and dynamodb.endpoint say it",
  ZERORACE_DYNAMODB_REGION: "dynamodb.mode and dynamodb.region say it",
  ZERORACE_DYNAMODB_TABLE: "dynamodb.table says it",
  ZERORACE_SEALING_KEY: "it is a secret, so name your Secret in sealingKey.existingSecret",
  ZERORACE_PORT: "in its pod the server has 8080, and service.port is the Service's",
  ZERORACE_METRICS_PORT: "in its pod it is 9464",
  ZERORACE_WORKER_METRICS_PORT: "in its pod it is 9465",
  ZERORACE_PUBLIC_URL: "publicUrl says it",
  ZERORACE_ALLOWED_HOSTS: "allowedHosts says it",
  ZERORACE_REPLICAS: "it follows from server.replicas and server.autoscaling",
  ZERORACE_DRAIN_DELAY_MS: "server.drainSeconds says it, and the pod's patience follows",
  ZERORACE_DATA_DIR:
    "it is of `zerorace up`, which brings databases along; in a cluster they are pods",
  ZERORACE_BACKUP_DIR:
    "the pods of servers keep no files; set it where you run `zerorace backup create`",
  ZERORACE_CRASH_AT: "it is for tests of a crash, where all is on one machine",
  ZERORACE_TEST_DATABASE_URL: "it is for who develops ZeroRace",
};
