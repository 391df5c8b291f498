import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Config } from "../base/config.ts";
import type { Metrics } from "../base/metrics.ts";

/** The copies that lists and counters are read from: one table in DynamoDB. */
export interface Plane {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly metrics: Metrics;
  close(): void;
}

/** It does not answer, or has no room now. What is due stays due. */
export class PlaneAwayError extends Error {
  override readonly name = "PlaneAwayError";
}

type Settings = Pick<Config, "dynamodbEndpoint" | "dynamodbRegion" | "dynamodbTable">;

/** Undefined when no DynamoDB is named: then nothing is copied, and reads come from the truth. */
export function openPlane(config: Settings, metrics: Metrics): Plane | undefined {
  const { dynamodbEndpoint: endpoint, dynamodbRegion: region, dynamodbTable: table } = config;
  if (endpoint === undefined && region === undefined) return undefined;
  const client = new DynamoDBClient({
    region: region ?? "local",
    ...(endpoint !== undefined && { endpoint }),
    // A local one asks for credentials and looks at none. Elsewhere the usual chain finds them.
    ...(region === undefined && {
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    }),
    // Whoever writes tries again with what is left; the SDK's own patience can take 40 seconds.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 500,
      requestTimeout: 2_000,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: 32 },
      httpsAgent: { maxSockets: 32 },
    },
  });
  return { client, table, metrics, close: () => client.destroy() };
}

const ours = new Set(["ValidationException", "TransactionCanceledException"]);

/** Runs one request; whatever goes wrong that is not about what was asked means: away. */
export async function ask<T>({ metrics }: Plane, what: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    const { name = "Error", message = "" } = error as Partial<Error>;
    if (ours.has(name)) throw error;
    metrics.planeFaults.inc({ fault: faultOf(name) });
    throw new PlaneAwayError(`DynamoDB did not ${what}: ${name} ${message}`.trim(), {
      cause: error,
    });
  }
}

/** Few words, so that the metric has few labels. */
function faultOf(name: string): string {
  if (/Throttl|ProvisionedThroughput|RequestLimit/.test(name)) return "throttled";
  if (/Timeout/.test(name)) return "timeout";
  if (/ResourceNotFound/.test(name)) return "no_table";
  return "error";
}
