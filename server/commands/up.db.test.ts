import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { faultBy, schemaAt } from "../testing/documented.ts";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

let dir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(await realpath(tmpdir()), "zerorace-up-"));
  // PostgreSQL under root steps down to a user who must get there.
  await chmod(dir, 0o711);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: dir,
    env: {
      ZERORACE_DATA_DIR: join(dir, "data"),
      ZERORACE_METRICS_PORT: "0",
      ZERORACE_PORT: "0",
      ZERORACE_DRAIN_DELAY_MS: "0",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  return { child, said, ended };
}

/** Starts everything and waits for what it prints; that its child is alive says that it is ours. */
async function up() {
  const started = start(["up"]);
  const { said, child } = started;
  const url = (): string | undefined => /^ {2}API +(http:\S+)$/m.exec(said.out)?.[1];
  await expect.poll(url, { timeout: 60_000, interval: 50 }).toBeDefined();
  expect(child.exitCode).toBeNull();
  return { ...started, url: url() ?? "" };
}

/** What runs on the data of this test: PostgreSQL, Redis, DynamoDB and those who keep them. */
async function running(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(join(dir, "data")));
}

async function commit(url: string, key: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/v1/sandbox/commit`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: "{}",
  });
  expect(response.status).toBe(201);
  const answer = (await response.json()) as Record<string, unknown>;
  expect(faultBy(schemaAt("components", "schemas", "Committed"), answer)).toBeUndefined();
  return answer;
}

/** By the curl that it prints, but for the password, which is there to be replaced. */
async function claim({ said }: { said: { out: string } }): Promise<string> {
  await expect.poll(() => said.out).toContain("Claim this instance");
  const [, at = "", body = ""] =
    /curl -c session.txt (\S+) -H "Content-Type: application\/json" -d '([^']+)'/.exec(said.out) ??
    [];
  const headers = { "Content-Type": "application/json" };
  expect((await fetch(at, { method: "POST", headers, body })).status).toBe(422);
  const chosen = body.replace("CHOOSE ONE", "correct horse battery");
  const claimed = await fetch(at, { method: "POST", headers, body: chosen });
  expect(claimed.status).toBe(201);
  return claimed.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
}

it("one command starts everything, Ctrl-C ends it, and the data is there at the next start", async () => {
  const first = await up();
  expect(first.said.out).toContain(`curl -X POST ${first.url}/v1/sandbox/commit`);
  expect(first.said.out).toContain(join(dir, "data"));
  expect(first.said.out).toMatch(
    /^ {2}Redis +(\S+\/(redis|valkey)-server \d|js-redis-server, in )/m,
  );
  expect(first.said.out).toMatch(/^ {2}DynamoDB +(http:\/\/127\.0\.0\.1:\d+ |none here)/m);
  const cookie = await claim(first);
  const bought = await commit(first.url, "k");
  expect(bought).toMatchObject({ outcome: "COMMITTED", replayed: false });

  const health = start(["healthcheck"], { ZERORACE_PORT: new URL(first.url).port });
  expect(await health.ended).toEqual([0, null]);
  const taken = start(["up"], { ZERORACE_PORT: new URL(first.url).port });
  expect(await taken.ended).toEqual([1, null]);
  expect(taken.said.err).toMatch(/Port \d+ on 127.0.0.1 is taken: .* set ZERORACE_PORT/);

  first.child.kill("SIGINT");
  // Under npm the terminal's Ctrl-C comes twice: that is no reason to leave in a hurry.
  first.child.kill("SIGINT");
  expect(await first.ended).toEqual([0, null]);
  await expect(fetch(`${first.url}/livez`)).rejects.toThrow();

  const second = await up();
  expect(second.said.out).not.toContain("Claim this instance");
  const whoAmI = await fetch(`${second.url}/v1/session`, { headers: { Cookie: cookie } });
  expect(await whoAmI.json()).toMatchObject({ person: { isInstanceOperator: true } });
  expect(await commit(second.url, "k")).toEqual({ ...bought, replayed: true });
  second.child.kill("SIGTERM");
  expect(await second.ended).toEqual([0, null]);
  const shown = start(["sandbox", "--json"]);
  expect(await shown.ended).toEqual([0, null]);
  const world: unknown = JSON.parse(shown.said.out);
  expect(world).toMatchObject({ currency: "USD", priceMinor: 2500 });
  const reset = start(["sandbox", "reset", "--json"]);
  expect(await reset.ended).toEqual([0, null]);
  const fresh: unknown = JSON.parse(reset.said.out);
  expect(fresh).toMatchObject({ currency: "USD", priceMinor: 2500 });
  expect(fresh).not.toEqual(world);
}, 120_000);

it("other commands work beside an appliance that is up: a key made there opens its door", async () => {
  const { url } = await up();
  const made = start(["tenants", "create", "--name", "Acme", "--json"]);
  expect(await made.ended).toEqual([0, null]);
  const { testTenantId } = JSON.parse(made.said.out) as { testTenantId: string };
  const key = start(["keys", "create", "--tenant", testTenantId, "--name", "first"]);
  expect(await key.ended).toEqual([0, null]);
  const at = `${url}/v1/purchases/00000000-0000-4000-8000-000000000000`;
  const headers = { Authorization: `Bearer ${key.said.out.trim()}` };
  expect((await fetch(at)).status).toBe(401);
  expect((await fetch(at, { headers })).status).toBe(404);
  const proof = start(["prove", "--json"]);
  expect(await proof.ended).toEqual([0, null]);
  expect(await commit(url, "still-up")).toMatchObject({ outcome: "COMMITTED" });
}, 120_000);

it.runIf(process.platform === "linux")(
  "killed without a warning it leaves nobody behind, and the next start has all that was sold",
  async () => {
    const first = await up();
    const bought = await commit(first.url, "k");
    expect((await running()).length).toBeGreaterThanOrEqual(3);
    first.child.kill("SIGKILL");
    await expect.poll(running, { timeout: 20_000 }).toEqual([]);
    const second = await up();
    expect(await commit(second.url, "k")).toEqual({ ...bought, replayed: true });
    second.child.kill("SIGINT");
    expect(await second.ended).toEqual([0, null]);
    expect(await running()).toEqual([]);
  },
  120_000,
);

it("healthcheck ends with 1 where nobody answers", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const { ended } = start(["healthcheck"], { ZERORACE_PORT: String(port) });
  expect(await ended).toEqual([1, null]);
});

it("serve asks for a database instead of making one", async () => {
  const { ended, said } = start(["serve"]);
  expect(await ended).toEqual([2, null]);
  expect(said.err).toContain("needs ZERORACE_DATABASE_URL; `zerorace up` brings a database along");
});
