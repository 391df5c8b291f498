import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { findDifferent, inSandbox, insist, keepBuying } from "./buyers.ts";
import { cleanClone, type Installation } from "./engine.ts";
import { outagesOf, suffer } from "./outages.ts";

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

it("is a file that Compose takes with every profile, and with Aurora DSQL", async () => {
  const profiles = (await here.compose("config", "--profiles")).trim().split("\n");
  expect(profiles.toSorted()).toEqual(["monitoring", "tls"]);
  for (const profile of ["*", ...profiles]) {
    await here.compose("--profile", profile, "config", "--quiet");
  }
  const files = ["-f", "docker-compose.yml", "-f", "docker-compose.dsql.yml"];
  await expect(here.compose(...files, "config")).rejects.toThrow("the endpoint of the cluster");
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
  const bought = await inSandbox(here.url)(first);
  expect(bought).toMatchObject({ outcome: "COMMITTED", replayed: false });
  expect(await inSandbox(here.url)(first)).toEqual({ ...bought, replayed: true });
});

it("takes 10,000 agents for 100 units inside, and the books hold", async () => {
  const said = await here.zerorace("swarm", "--agents", "10000", "--units", "100", "--json");
  const report = JSON.parse(said) as Record<string, unknown>;
  expect(report).toMatchObject({ ok: true, sold: 100 });
  await expectProven();
});

it.each(outagesOf(inject("outages")))(
  "loses nothing and sells nothing twice: $how of $service while people buy",
  async (outage) => {
    const { different, ...figures } = await suffer(here, outage);
    expect(different).toEqual([]);
    if (outage.sellsOn) expect(figures.soldMeanwhile).toBeGreaterThan(0);
    await expectProven();
    const gap = `longest gap ${seconds(figures.longestGapMs)}`;
    const again = outage.sellsOn
      ? `${figures.soldMeanwhile} sold while it was away`
      : `sells ${seconds(figures.sellsAgainMs)} after its return`;
    tell(
      `${outage.how} ${outage.service}: ${figures.sold} purchases, ${gap}, ${again}, ` +
        `all in the copies ${seconds(figures.toldMs)} after it`,
    );
  },
);

it("backs up while people buy, and what was written can be trusted", async () => {
  const traffic = keepBuying(inSandbox(here.url));
  const made = JSON.parse(await here.zerorace("backup", "create", "--json")) as { rows: number };
  await traffic.stop();
  const checked = JSON.parse(
    await here.zerorace("backup", "verify", "--latest", "--json"),
  ) as object;
  expect(checked).toMatchObject({ rows: made.rows });
});

it("told to stop while people buy, answers what is inside and ends by itself", async () => {
  const traffic = keepBuying(inSandbox(here.url));
  await expect.poll(() => traffic.answers.size, { timeout: 30_000 }).toBeGreaterThan(20);
  const from = performance.now();
  // A machine that is busy with other things may need longer than a service is given by itself.
  await here.compose("stop", "--timeout", "150", "server", "worker");
  const stoppedMs = performance.now() - from;
  for (const { Name, State } of await inspect("server", "worker")) {
    expect(State.ExitCode, Name).toBe(0);
  }
  const logs = await here.compose("logs", "--no-log-prefix", "--tail", "3", "server", "worker");
  expect(logs.match(/"msg":"stopped"/g)).toHaveLength(2);
  await here.compose("start", "server", "worker");
  await traffic.stop();
  expect(await findDifferent(inSandbox(here.url), traffic.answers)).toEqual([]);
  tell(`server and worker stopped in ${seconds(stoppedMs)}`);
});

it("keeps everything from down to up", async () => {
  const bought = await insist(inSandbox(here.url), first);
  await here.compose("down");
  await here.compose("up", "--wait");
  expect(await insist(inSandbox(here.url), first)).toEqual(bought);
  await expectProven();
});
