import { onTestFinished } from "vitest";
import { makeMetrics, type Metrics } from "../base/metrics.ts";
import { openDb } from "../db/open.ts";
import { openKernel, type Kernel, type KernelSettings } from "../kernel/gather.ts";
import { testPlace } from "./database.ts";
import { unreliable, type Policy, type Unreliable } from "../proof/unreliable.ts";

export interface BehindNetwork {
  readonly kernel: Kernel;
  readonly network: Unreliable;
  readonly metrics: Metrics;
}

interface Given extends Partial<KernelSettings> {
  readonly connectTimeoutMs?: number;
}

/** A kernel whose way to the database goes through a bad network. */
export async function kernelBehind(
  url: string,
  policy: Policy,
  given: Given = {},
): Promise<BehindNetwork> {
  const { connectTimeoutMs = 1_000, ...settings } = given;
  const network = await unreliable(url, policy);
  const metrics = makeMetrics();
  const place = testPlace(network.url);
  const db = openDb({ place, connectTimeoutMs }, metrics);
  const kernel = openKernel(db, settings);
  onTestFinished(async () => {
    network.blackHole(false);
    await kernel.close();
    await db.close();
    await network.close();
  });
  return { kernel, network, metrics };
}
