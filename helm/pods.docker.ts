import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
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
    server: { drainSeconds: 2 },
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

it("a pod that is told to stop ends by itself, within its grace", async () => {
  expect((await node.stop(server)).code).toBe(0);
  expect((await node.stop(worker)).code).toBe(0);
});
