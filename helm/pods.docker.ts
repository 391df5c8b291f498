import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { Balancer } from "./checks/balancer.ts";
import { docker, EngineNode } from "./checks/engine-node.ts";
import { chartDir, named, render } from "./checks/render.ts";

/** The default set of values, its containers run as the manifests say: what a cluster would do after scheduling them. */

const top = fileURLToPath(new URL("..", import.meta.url));
const name = `zerorace-chart-${process.pid}`;
let node: EngineNode;
/** What a stand-in for PostgreSQL's image must be told: it reads its password's file as root only. */
let standIn: Readonly<Record<string, string>> = {};

/** As whom the image's own program runs: of a stand-in that is another number than of the official image. */
async function userIn(image: string, user: string): Promise<number> {
  return Number(await docker("run", "--rm", "--entrypoint", "id", image, "-u", user));
}

async function commitAt(url: string): Promise<unknown> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": randomUUID() };
  const sent = { method: "POST", headers, body: "{}", signal: AbortSignal.timeout(15_000) };
  return (await fetch(`${url}/v1/sandbox/commit`, sent)).json();
}

beforeAll(async () => {
  await docker("build", "--quiet", "--tag", `zerorace:${name}`, top);
  const { bundled } = parse(await readFile(`${chartDir}/values.yaml`, "utf8")) as {
    bundled: Record<string, { image: string }>;
  };
  const users = { postgres: "postgres", redis: "redis", dynamodb: "dynamodblocal" };
  const asThere = await Promise.all(
    Object.entries(users).map(async ([part, user]) => {
      return [part, { user: await userIn(bundled[part]?.image ?? "", user) }] as const;
    }),
  );
  const { manifests } = await render({
    image: { tag: name },
    bundled: Object.fromEntries(asThere),
    // Here a Service is a name only: its port is the pod's.
    service: { port: 8080 },
    // Buyers of this test come from one address.
    settings: { ZERORACE_RATE_PER_IP: 0 },
  });
  const image = bundled.postgres?.image ?? "";
  // What was made on this machine has no digest that a registry gave it.
  const digests = await docker("image", "inspect", "--format", "{{len .RepoDigests}}", image);
  const { stringData = {} } = named(manifests, "Secret", "zerorace");
  if (digests === "0") standIn = { POSTGRES_PASSWORD: stringData["database-password"] ?? "" };
  node = await EngineNode.start(name, manifests);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await docker("image", "rm", "--force", `zerorace:${name}`);
});

const server = "Deployment zerorace-server";
const worker = "Deployment zerorace-worker";
const parts = ["postgres", "redis", "dynamodb"].map((part) => `StatefulSet zerorace-${part}`);

it("comes up: servers and workers wait for the schema, which waits for the database", async () => {
  // Before what they need: nobody orders pods.
  const waiting = Promise.all([node.start(server), node.start(worker)]);
  waiting.catch(() => undefined);
  for (const part of parts) await node.start(part, part.endsWith("postgres") ? standIn : {});
  await Promise.all(parts.map((part) => node.ready(part)));
  const job = await node.finish(node.nameOf("Job"));
  expect(job.log).toContain("steps taken");
  expect(job.code, job.log).toBe(0);
  await waiting;
  await Promise.all([node.ready(server), node.ready(worker)]);
});

it("helm test buys through the Service, and finds four zeros", async () => {
  const { code, log } = await node.finish("Pod zerorace-test");
  expect(code, log).toBe(0);
  expect(log).toContain("Every ask has one answer, and the books agree.");
  expect(log).toMatch(/sold +50 +of 50/);
});

it("the commands of the notes work in its pods", async () => {
  expect(await node.exec(server, "zerorace", "claim-link")).toMatch(/^http:\/\/localhost:8080\//);
  const proof = JSON.parse(await node.exec(worker, "zerorace", "prove", "--json")) as object;
  expect(proof).toMatchObject({ holds: true });
});

it("a server is replaced while people buy, and no request is lost", async () => {
  const twin = node.twin();
  const old = await node.addressOf(server);
  await using balancer = await Balancer.start(old);
  const failed: string[] = [];
  let [bought, buying] = [0, true];
  const buyer = async (): Promise<void> => {
    while (buying) {
      // Sent once: what is lost stays lost.
      const answer = await commitAt(balancer.url).catch((error: unknown) => error);
      if ((answer as { outcome?: string }).outcome === "COMMITTED") bought++;
      else failed.push(answer instanceof Error ? String(answer.cause) : JSON.stringify(answer));
    }
  };
  const buyers = Promise.all(Array.from({ length: 4 }, buyer));
  try {
    await twin.start(server);
    await twin.ready(server);
    const fresh = await twin.addressOf(server);
    balancer.rotate(old, fresh);
    await expect.poll(() => bought, { timeout: 60_000 }).toBeGreaterThan(20);
    const stopped = node.stop(server);
    // A cluster tells its nodes while the pod is being stopped already.
    await sleep(1_500);
    balancer.rotate(fresh);
    const { code, ms } = await stopped;
    expect(code).toBe(0);
    const before = bought;
    await expect.poll(() => bought, { timeout: 60_000 }).toBeGreaterThan(before + 20);
    process.stderr.write(`  ${bought} bought; the old server ended after ${Math.round(ms)} ms\n`);
  } finally {
    buying = false;
    await buyers;
  }
  expect(failed).toEqual([]);
  const proof = JSON.parse(await node.exec(worker, "zerorace", "prove", "--json")) as object;
  expect(proof).toMatchObject({ holds: true });
});

it("a worker that is told to stop ends by itself, within its grace", async () => {
  expect((await node.stop(worker)).code).toBe(0);
});
