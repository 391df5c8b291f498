import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, countRows, startApi, type TestApi } from "../testing/api.ts";
import { expectDocumented } from "../testing/documented.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

function open(): Socket {
  const socket = connect(api.port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}

/** What comes back for these bytes, until the server closes or, for an answer, its end is there. */
async function answerTo(bytes: string | Buffer): Promise<{ head: string; code: unknown }> {
  const socket = open();
  socket.write(bytes);
  let heard = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    heard += chunk;
    if (/"outcome":"\w+"[^}]*}/.test(heard)) socket.end();
  });
  await once(socket, "close");
  const [head = "", ...body] = heard.split("\r\n\r\n");
  const found = /\{.*\}/s.exec(body.join("\r\n\r\n"))?.[0] ?? "{}";
  const [, method = "GET", target = "/"] = /^([A-Za-z]+) (\/\S*)/.exec(bytes.toString()) ?? [];
  const contentType = /content-type: (\S+)/i.exec(head)?.[1] ?? "";
  const status = Number(head.slice(9, 12));
  expectDocumented({ method, url: `${api.url}${target}`, status, contentType, text: found });
  return { head, code: (JSON.parse(found) as { code?: string }).code };
}

const path = "POST /v1/sandbox/commit HTTP/1.1";
const host = "Host: localhost";
const typed = "Content-Type: application/json";
const request = (...lines: string[]): string => `${lines.join("\r\n")}\r\n\r\n`;

describe("bytes that are not a proper request", () => {
  it.each([
    [
      "two Content-Length",
      `${request(path, host, typed, "Content-Length: 2", "Content-Length: 3")}{}`,
      "400 MALFORMED_REQUEST",
    ],
    [
      "a length and chunks",
      `${request(path, host, typed, "Content-Length: 2", "Transfer-Encoding: chunked")}0\r\n\r\n`,
      "400 MALFORMED_REQUEST",
    ],
    ["no Host", `${request(path, typed, "Content-Length: 2")}{}`, "400 MALFORMED_REQUEST"],
    ["two Hosts", `${request(path, host, host, typed)}`, "400 DUPLICATE_HEADER"],
    ["bare line feeds", `${path}\n${host}\n\n`, "400 MALFORMED_REQUEST"],
    ["a NUL in a header", request(path, host, "X: a\0b"), "400 MALFORMED_REQUEST"],
    ["17 KB of headers", request(path, host, `X: ${"x".repeat(17_000)}`), "431 HEADERS_TOO_LARGE"],
    [
      "1,001 headers",
      request(path, host, ...Array.from({ length: 1_001 }, () => "a: b")),
      "431 HEADERS_TOO_LARGE",
    ],
    ["a method in small letters", request(path.toLowerCase(), host), "400 MALFORMED_REQUEST"],
    ["no HTTP at all", "hello\r\n\r\n", "400 MALFORMED_REQUEST"],
    ["TRACE", request("TRACE /livez HTTP/1.1", host), "405 METHOD_NOT_ALLOWED"],
    ["TRACE of nothing", request("TRACE /x HTTP/1.1", host), "405 METHOD_NOT_ALLOWED"],
    ["CONNECT", request("CONNECT evil:443 HTTP/1.1", host), "405 METHOD_NOT_ALLOWED"],
    [
      "two Authorization",
      request(path, host, "Authorization: Bearer a", "authorization: Bearer b"),
      "400 DUPLICATE_HEADER",
    ],
    [
      "two Idempotency-Key",
      request(path, host, "Idempotency-Key: a", "IDEMPOTENCY-KEY: b"),
      "400 DUPLICATE_HEADER",
    ],
    ["an unknown Expect", request(path, host, "Expect: miracles"), "417 EXPECTATION_FAILED"],
    [
      "an empty chunked body",
      `${request(path, host, typed, "Transfer-Encoding: chunked")}0\r\n\r\n`,
      "400 EMPTY_BODY",
    ],
    [
      "a body in another coding than chunks",
      `${request(path, host, typed, "Transfer-Encoding: gzip, chunked")}2\r\n{}\r\n0\r\n\r\n`,
      "415 UNSUPPORTED_MEDIA_TYPE",
    ],
    [
      "a chunked body that is too large",
      `${request(path, host, typed, "Transfer-Encoding: chunked")}10001\r\n${" ".repeat(65_537)}\r\n0\r\n\r\n`,
      "413 BODY_TOO_LARGE",
    ],
  ])("%s", async (_says, bytes, expected) => {
    const before = await countRows(api);
    const { head, code } = await answerTo(bytes);
    expect(`${head.slice(9, 12)} ${String(code)}`).toBe(expected);
    expect(head).toContain("application/problem+json");
    if (expected.startsWith("405")) expect(head).toMatch(/\r\nAllow: \w/);
    expect(await countRows(api)).toEqual(before);
  });

  it("are taken as a path when they name another host", async () => {
    const socket = open();
    socket.end(request("GET http://evil.example/livez HTTP/1.1", host, "Connection: close"));
    expect(await text(socket)).toContain("200 OK");
  });

  it("are cut off when they come too slowly, while others are served", async () => {
    const slow = Array.from({ length: 20 }, () => open());
    const closed = slow.map((socket) => once(socket, "close"));
    const heard = slow.map(async (socket) => text(socket).catch(() => ""));
    for (const socket of slow) socket.write(`${path}\r\n`);
    let cut = false;
    const dribble = (async () => {
      while (!cut) {
        for (const socket of slow) if (socket.writable) socket.write("X-A: b\r\n");
        await sleep(300);
      }
    })();
    const startedAt = performance.now();
    expect((await call(`${api.url}/livez`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await Promise.all(closed);
    cut = true;
    await dribble;
    for (const one of await Promise.all(heard)) expect(one).toContain("408 Request Timeout");
  }, 20_000);

  it("are not read on when the caller has no right to send them", async () => {
    const socket = open();
    const lines = ["Content-Length: 2", "Expect: 100-continue", "Connection: close"];
    socket.end(request("POST /v1/purchases/commit HTTP/1.1", host, typed, ...lines));
    const heard = await text(socket);
    expect(heard).toMatch(/^HTTP\/1.1 401 /);
    expect(heard).not.toContain("100 Continue");
  });

  it("are asked for when the headers are right", async () => {
    const socket = open();
    const lines = ["Content-Length: 1", "Expect: 100-continue", "Connection: close"];
    socket.write(request(path, host, typed, ...lines));
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toContain("100 Continue");
    socket.end("x");
    expect(await text(socket)).toContain("MALFORMED_BODY");
  });
});

describe("every path", () => {
  it.each([
    ["GET", "/livez", 200],
    ["HEAD", "/livez", 200],
    ["GET", "/readyz", 200],
    ["HEAD", "/problems", 200],
    ["GET", "/problems/NO_SUCH_CODE", 404],
    ["GET", "/nothing", 404],
    ["OPTIONS", "/v1/purchases/commit", 204],
    ["GET", "/v1/purchases/commit", 401],
  ])("answers %s %s with %i and its headers", async (method, target, status) => {
    const reply = await call(`${api.url}${target}`, { method, headers: { Origin: "http://a.b" } });
    expect(reply.status).toBe(status);
    expect(reply.headers.get("x-powered-by")).toBeNull();
    expect(reply.headers.get("access-control-allow-origin")).toBeNull();
    expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
    expect(reply.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(reply.headers.get("request-id")).toMatch(/^[0-9a-f-]{36}$/);
    if (method === "OPTIONS") expect(reply.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it("is counted under its template, never under what was asked for", async () => {
    await call(`${api.url}/nothing/at/all`);
    await call(`${api.url}/problems/RATE_LIMITED`);
    const scraped = await call(api.server.metricsUrl);
    const counts = scraped.text.split("\n").filter((line) => line.startsWith("http_server"));
    expect(counts.join("\n")).toContain('route="/problems/:code",status_class="2xx"');
    expect(counts.join("\n")).toContain('route="unmatched",status_class="4xx"');
    expect(scraped.text).not.toContain("nothing");
    expect(scraped.text).toContain("nodejs_eventloop_lag");
  });

  it("was never our fault", () => {
    expect(api.logged).toEqual([]);
  });
});
