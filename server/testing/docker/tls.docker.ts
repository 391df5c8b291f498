import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:http2";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../base/free-port.ts";
import { cleanClone, type Installation } from "./engine.ts";
import { makeStandIns } from "./stand-ins.ts";

let here: Installation;
let standIns: string[] = [];
let [http, https]: number[] = [];
beforeAll(async () => {
  [http, https] = [await freePort(), await freePort()];
  here = await cleanClone({
    COMPOSE_FILE: "docker-compose.yml:ports.yml",
    ZERORACE_PUBLIC_URL: `https://localhost:${https}`,
    ZERORACE_TRUSTED_PROXIES: "172.16.0.0/12",
  });
  // Others may have 80 and 443 on this machine.
  const ports = `["127.0.0.1:${http}:80", "127.0.0.1:${https}:443"]`;
  await writeFile(
    join(here.dir, "ports.yml"),
    `services: { tls: { ports: !override ${ports} } }\n`,
  );
  standIns = await makeStandIns(here, [{ service: "tls", from: "caddy" }]);
  await here.compose("build", "--quiet");
  await here.compose("--profile", "tls", "up", "--wait");
});
// Nothing that has an official name and is not the official one is left for others to find.
afterAll(() => here.remove(...standIns));

it("sells over HTTP/2 and TLS, with a certificate that it made itself for localhost", async () => {
  // Nobody trusts that one but who was told to.
  const session = connect(`https://localhost:${https}`, { rejectUnauthorized: false });
  await once(session, "connect");
  expect(session.alpnProtocol).toBe("h2");
  const request = session.request({
    ":method": "POST",
    ":path": "/v1/sandbox/commit",
    "content-type": "application/json",
    "idempotency-key": "over-tls",
  });
  request.end("{}");
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  session.close();
  const text = Buffer.concat(parts).toString();
  expect(JSON.parse(text)).toMatchObject({ outcome: "COMMITTED" });
});

it("leads whoever comes without TLS to it", async () => {
  const plain = await fetch(`http://localhost:${http}/`, { redirect: "manual" });
  expect(plain.status).toBe(308);
  expect(plain.headers.get("location")).toMatch(/^https:\/\/localhost/);
});

it("shows the claim link at the address that people have", async () => {
  const said = await here.compose("logs", "--no-log-prefix", "server");
  expect(said).toContain(`https://localhost:${https}/claim#`);
});
