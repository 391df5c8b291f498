import { expect, it } from "vitest";
import { settingsFor } from "./own-worker.ts";

it("the worker of an appliance finds what was started for it, and shares no queue", () => {
  const databaseUrl = "postgres://here/zerorace";
  const redisUrl = "redis://127.0.0.1:7000";
  const dynamodbEndpoint = "http://127.0.0.1:8000";
  const found = { databaseUrl, redisUrl, dynamodbEndpoint, metricsPort: 0 };
  expect(settingsFor(found)).toMatchObject({
    ZERORACE_DATABASE_URL: databaseUrl,
    ZERORACE_REDIS_URL: redisUrl,
    ZERORACE_DYNAMODB_ENDPOINT: dynamodbEndpoint,
    ZERORACE_QUEUE: "off",
    ZERORACE_WORKER_METRICS_PORT: "0",
  });
});
