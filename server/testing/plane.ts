import { randomBytes } from "node:crypto";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeMetrics, type Metrics } from "../base/metrics.ts";
import { startEmbeddedDynamo } from "../readplane/embedded.ts";
import { openPlane, type Plane } from "../readplane/open.ts";
import { ensureTable } from "../readplane/table.ts";

export interface TestPlane {
  readonly plane: Plane;
  readonly endpoint: string;
  /** The same table by another way, such as through something that breaks it. */
  at(endpoint: string): Plane;
  close(): Promise<void>;
}

/** A local DynamoDB with an empty table; every optional package must be there for these tests. */
export async function startTestPlane(metrics: Metrics = makeMetrics()): Promise<TestPlane> {
  const dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-plane-"));
  const dynamo = await startEmbeddedDynamo(dir);
  if (!dynamo) throw new Error("No @dynoxide package fits this machine.");
  const dynamodbTable = `test-${randomBytes(4).toString("hex")}`;
  const at = (dynamodbEndpoint: string): Plane => {
    const plane = openPlane(
      { dynamodbEndpoint, dynamodbTable, dynamodbRegion: undefined },
      metrics,
    );
    if (!plane) throw new Error("an endpoint is a plane");
    return plane;
  };
  const plane = at(dynamo.endpoint);
  await ensureTable(plane);
  return {
    plane,
    endpoint: dynamo.endpoint,
    at,
    async close() {
      plane.close();
      await dynamo.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
