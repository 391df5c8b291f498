import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buy, keepBuying } from "./buyers.ts";
import { cleanClone, type Installation } from "./engine.ts";

let here: Installation;
let startedMs: number;
beforeAll(async () => {
  here = await cleanClone();
  const from = performance.now();
  await here.compose("build", "--quiet");
  const built = performance.now();
  await here.compose("up", "--wait");
  startedMs = performance.now() - built;
  tell(`built in ${seconds(built - from)}, up and healthy in ${seconds(startedMs)}`);
});
afterAll(() => here.remove());

const tell = (says: string): void => void process.stderr.write(`  ${says}\n`);
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const first = randomUUID();

interface Inspected {
  readonly Name: string;
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
    readonly Memory: number;
    readonly PidsLimit: number;
  };
  readonly State: { readonly ExitCode: number; readonly Health?: { readonly Status: string } };
  readonly NetworkSettings: {
    readonly Ports: Readonly<Record<string, readonly { HostIp: string }[] | null>>;
  };
}

async function inspect(...services: readonly string[]): Promise<Inspected[]> {
  const ids = (await here.compose("ps", "--all", "--quiet", ...services)).trim().split(/\s+/);
  return JSON.parse(await here.docker("inspect", ...ids)) as Inspected[];
}

async function expectProven(): Promise<void> {
  const proof = JSON.parse(await here.zerorace("prove", "--json")) as Record<string, unknown>;
  expect(proof).toMatchObject({ holds: true });
}

it("comes up from a clean clone without an edit, and all of it is healthy", async () => {
  const all = await inspect();
  expect(all.length).toBe(7);
  for (const { Name, State } of all) {
    if (State.Health) expect(State.Health.Status, Name).toBe("healthy");
    else expect(State.ExitCode, Name).toBe(0);
  }
});

it("lets nobody in but through the front door, and only from this machine", async () => {
  for (const { Name, HostConfig, Config, NetworkSettings } of await inspect()) {
    const published = Object.entries(NetworkSettings.Ports).filter(([, to]) => to?.length);
    const isServer = Config.Labels["com.docker.compose.service"] === "server";
    expect(
      published.map(([port]) => port),
      Name,
    ).toEqual(isServer ? ["8080/tcp"] : []);
    for (const [, to] of published) expect(to?.map(({ HostIp }) => HostIp)).toEqual(["127.0.0.1"]);
    expect(HostConfig, Name).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"] });
    expect(HostConfig.SecurityOpt, Name).toContain("no-new-privileges:true");
    expect(HostConfig.PidsLimit, Name).toBeGreaterThan(0);
  }
  for (const { Name, Config, HostConfig } of await inspect("server", "worker")) {
    expect(Config.User, Name).toBe("65532:65532");
    expect(HostConfig.Memory, Name).toBeGreaterThan(0);
  }
});

it("says at the end of the log how to claim it, where it is and what to try", async () => {
  const said = await here.compose("logs", "--no-log-prefix", "server");
  expect(said).toContain(`${here.url}/claim#`);
  expect(said).toContain(`${here.url}/v1`);
  const last = said.trimEnd().split("\n").slice(-5).join("\n");
  expect(last).toContain(`${here.url}/v1/sandbox/commit`);
});

it("has the console, the reference and the documentation in it", async () => {
  for (const path of ["/", "/reference", "/docs", "/docs/architecture", "/docs/how-to/backup"]) {
    const page = await fetch(`${here.url}${path}`, { headers: { Accept: "text/html" } });
    expect(page.status, path).toBe(200);
    expect(await page.text(), path).toContain("<html");
  }
});

it("sells, once for a key", async () => {
  const bought = await buy(here.url, first);
  expect(bought).toMatchObject({ status: 201, body: { outcome: "COMMITTED", replayed: false } });
  const again = await buy(here.url, first);
  expect(again.body).toEqual({ ...bought.body, replayed: true });
});

it("takes 10,000 agents for 100 units inside, and the books hold", async () => {
  const said = await here.zerorace("swarm", "--agents", "10000", "--units", "100", "--json");
  const report = JSON.parse(said) as Record<string, unknown>;
  expect(report).toMatchObject({ ok: true, sold: 100 });
  await expectProven();
});

it.each(["db", "server"])("loses nothing when %s is killed while people buy", async (service) => {
  const traffic = keepBuying(here.url);
  await expect.poll(() => traffic.answers.size, { timeout: 30_000 }).toBeGreaterThan(20);
  await here.compose("kill", "--signal", "KILL", service);
  await here.compose("start", service);
  const before = traffic.answers.size;
  await expect.poll(() => traffic.answers.size, { timeout: 60_000 }).toBeGreaterThan(before + 20);
  await traffic.stop();
  tell(
    `${service} killed: longest gap ${seconds(traffic.longestGapMs())}, ${traffic.answers.size} keys`,
  );
  for (const [key, intentId] of [...traffic.answers].slice(-30)) {
    const { body } = await buy(here.url, key);
    expect(body).toMatchObject({ intentId, replayed: true });
  }
  await expectProven();
});

it("backs up while people buy, and what was written can be trusted", async () => {
  const traffic = keepBuying(here.url);
  const made = JSON.parse(await here.zerorace("backup", "create", "--json")) as { rows: number };
  await traffic.stop();
  const checked = JSON.parse(
    await here.zerorace("backup", "verify", "--latest", "--json"),
  ) as object;
  expect(checked).toMatchObject({ rows: made.rows });
});

it("told to stop while people buy, answers what is inside and ends by itself", async () => {
  const traffic = keepBuying(here.url);
  await expect.poll(() => traffic.answers.size, { timeout: 30_000 }).toBeGreaterThan(20);
  const from = performance.now();
  await here.compose("stop", "server", "worker");
  const stoppedMs = performance.now() - from;
  for (const { Name, State } of await inspect("server", "worker")) {
    expect(State.ExitCode, Name).toBe(0);
  }
  const logs = await here.compose("logs", "--no-log-prefix", "--tail", "3", "server", "worker");
  expect(logs.match(/"msg":"stopped"/g)).toHaveLength(2);
  await here.compose("start", "server", "worker");
  await traffic.stop();
  tell(`server and worker stopped in ${seconds(stoppedMs)}`);
});

it("keeps everything from down to up", async () => {
  const { body } = await buy(here.url, first);
  await here.compose("down");
  await here.compose("up", "--wait");
  expect((await buy(here.url, first)).body).toEqual(body);
  await expectProven();
});
