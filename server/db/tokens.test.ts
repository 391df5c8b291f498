import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CredentialsError, faultOf } from "./faults.ts";
import { identityFromChain, tokensFor } from "./tokens.ts";

const region = "eu-central-1";
const host = "abc.dsql.eu-central-1.on.aws";
let dir: string;
let sts: Server;
let asked: URLSearchParams[];
let answersWith: { status: number; lastsMs: number };

/** What STS answers to a web identity, as Kubernetes hands them out. */
function answer(lastsMs: number): string {
  return `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Credentials>
      <AccessKeyId>ASIA${asked.length}</AccessKeyId>
      <SecretAccessKey>a secret</SecretAccessKey>
      <SessionToken>a session</SessionToken>
      <Expiration>${new Date(Date.now() + lastsMs).toISOString()}</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;
}

beforeEach(async () => {
  asked = [];
  answersWith = { status: 200, lastsMs: 3_600_000 };
  sts = createServer((req, res) => {
    let body = "";
    req.on("data", (part: Buffer) => (body += part.toString()));
    req.on("end", () => {
      asked.push(new URLSearchParams(body));
      const { status, lastsMs } = answersWith;
      res.writeHead(status, { "Content-Type": "text/xml" }).end(answer(lastsMs));
    });
  });
  await new Promise<void>((resolve) => sts.listen(0, "127.0.0.1", resolve));
  dir = await mkdtemp(join(tmpdir(), "zerorace-oidc-"));
  await writeFile(join(dir, "token"), "a web identity");
  const { port } = sts.address() as AddressInfo;
  for (const [name, value] of Object.entries({
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: join(dir, "none"),
    AWS_SHARED_CREDENTIALS_FILE: join(dir, "none"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/zerorace",
    AWS_WEB_IDENTITY_TOKEN_FILE: join(dir, "token"),
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
  }))
    vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  await new Promise((resolve) => sts.close(resolve));
  await rm(dir, { recursive: true });
});

const partsOf = (token: string): URLSearchParams => new URL(`https://${token}`).searchParams;

it("256 first connections to each of two endpoints are one call for credentials", async () => {
  const identity = identityFromChain(region);
  const hosts = [host, "def.dsql.eu-west-1.on.aws"];
  const endpoints = hosts.map((name) => tokensFor({ host: name, region, user: "web" }, identity));
  const all = await Promise.all(
    endpoints.flatMap((tokens) => Array.from({ length: 256 }, () => tokens.get())),
  );
  expect(asked.map((call) => call.get("Action"))).toEqual(["AssumeRoleWithWebIdentity"]);
  expect(asked[0]?.get("WebIdentityToken")).toBe("a web identity");
  expect(new Set(all).size).toBe(2);
  expect(all[0]).toMatch(/^abc\.dsql\.eu-central-1\.on\.aws/);
  expect(partsOf(all[0] ?? "").get("X-Amz-Security-Token")).toBe("a session");
});

it("admin signs for another action than everybody else", async () => {
  const identity = identityFromChain(region);
  const actions = ["admin", "zerorace_server"].map(async (user) =>
    partsOf(await tokensFor({ host, region, user }, identity).get()).get("Action"),
  );
  expect(await Promise.all(actions)).toEqual(["DbConnectAdmin", "DbConnect"]);
});

it("credentials are asked for again before they end, and nobody waits for them", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const tokens = tokensFor({ host, region, user: "web" }, identityFromChain(region));
  const first = await tokens.get();
  expect(partsOf(first).get("X-Amz-Expires")).toBe("900");
  vi.advanceTimersByTime(9 * 60_000);
  expect(await tokens.get()).toBe(first);
  vi.advanceTimersByTime(60_000);
  expect(await tokens.get()).toBe(first);
  await vi.waitFor(async () => expect(await tokens.get()).not.toBe(first), 5_000);
  expect(asked.length).toBe(1);
  for (let minute = 10; minute < 58; minute++) {
    vi.advanceTimersByTime(60_000);
    await tokens.get();
  }
  expect(asked.length).toBeLessThanOrEqual(2);
  await vi.waitFor(() => expect(asked.length).toBe(2), 5_000);
});

it("a token is not used beyond the credentials that signed it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  answersWith.lastsMs = 120_000;
  const tokens = tokensFor({ host, region, user: "web" }, identityFromChain(region));
  await tokens.get();
  vi.advanceTimersByTime(91_000);
  expect(partsOf(await tokens.get()).get("X-Amz-Credential")).toMatch(/^ASIA2\//);
});

it("without credentials no connection is tried, and it may be different in a moment", async () => {
  answersWith.status = 403;
  const tokens = tokensFor({ host, region, user: "web" }, identityFromChain(region));
  const refused = await tokens.get().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CredentialsError);
  expect(faultOf(refused, false)).toBe("unavailable");
  answersWith.status = 200;
  expect(await tokens.get()).toContain("Action=DbConnect");
});
