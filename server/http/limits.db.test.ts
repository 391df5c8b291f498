import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { mintApiKey } from "../auth/api-key.ts";
import { readConfig, type Env } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { openLimits } from "../limits/limits.ts";
import { startServer } from "../main.ts";
import { call, commitBodyOf, makeKey, makeStore, post, startApi } from "../testing/api.ts";
import type { Reply, Store, TestApi } from "../testing/api.ts";
import { openDoor, type Door } from "../testing/door.ts";
import { openTest } from "../testing/database.ts";
import { makeShop } from "../testing/factories.ts";
import { startTestRedis } from "../testing/redis-servers.ts";
import { lastWord } from "./last-word.ts";
import { limitCalls } from "./limit-calls.ts";
import { sendJson } from "./send.ts";
import { enter } from "./visit.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(env: Env): Promise<TestApi> {
  const api = await startApi(env);
  closing.push(() => api.close());
  return api;
}

async function redisBehindDoor(): Promise<Door> {
  const redis = await startTestRedis();
  closing.push(() => redis.close());
  const door = await openDoor(redis.url);
  closing.push(() => door.close());
  return door;
}

let asked = 0;
const commit = (api: Pick<TestApi, "url">, { shop, key }: Store): Promise<Reply> =>
  post(api as TestApi, "/v1/purchases/commit", commitBodyOf(shop), {
    key,
    idempotencyKey: `k${asked++}`,
  });

const rateOf = ({ headers }: Reply) => [
  headers.get("ratelimit-policy"),
  headers.get("ratelimit"),
  headers.get("retry-after"),
];

async function metric({ server }: TestApi, name: string): Promise<string | undefined> {
  const text = await (await fetch(server.metricsUrl)).text();
  return new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1];
}

const gauge = (api: TestApi) => metric(api, "zerorace_limiter_degraded");
const lookUps = async (api: TestApi) =>
  Number(await metric(api, "zerorace_api_key_look_ups_total"));

describe("an answer says what is left", () => {
  it("of the key and the tenant to a caller with a key, and how long to wait when it is too much", async () => {
    const api = await start({ ZERORACE_RATE_PER_KEY: "1", ZERORACE_RATE_PER_TENANT: "2" });
    const store = await makeStore(api);
    const both = '"key";q=5;w=5, "tenant";q=10;w=5';
    const first = await commit(api, store);
    expect(first.status).toBe(201);
    expect(rateOf(first)).toEqual([both, '"key";r=4;t=1', null]);
    const more = await Promise.all(Array.from({ length: 8 }, () => commit(api, store)));
    const refused = more.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: "RATE_LIMITED", retryable: true, outcome: "none" });
    expect(refused && rateOf(refused)).toEqual([both, '"key";r=0;t=5', "1"]);
    const { rowCount } = await api.database.db.pool.query("select from asks");
    expect(rowCount).toBe(1 + more.filter(({ status }) => status === 201).length);
  });

  it("of the address to one without, and nothing to probes", async () => {
    const api = await start({ ZERORACE_RATE_PER_IP: "1" });
    const page = `${api.url}/problems/RATE_LIMITED`;
    expect(rateOf(await call(page))).toEqual(['"ip";q=5;w=5', '"ip";r=4;t=1', null]);
    const pages = await Promise.all(Array.from({ length: 8 }, () => call(page)));
    expect(pages.some(({ status }) => status === 429)).toBe(true);
    for (let probe = 0; probe < 10; probe++) {
      const live = await call(`${api.url}/livez`);
      expect([live.status, ...rateOf(live)]).toEqual([200, null, null, null]);
    }
  });

  it("and says nothing where limits are switched off", async () => {
    const api = await start({ ZERORACE_RATE_PER_KEY: "0", ZERORACE_RATE_PER_TENANT: "0" });
    expect(rateOf(await commit(api, await makeStore(api)))).toEqual([null, null, null]);
  });
});

describe("wrong keys", () => {
  it("are refused from an address that sent too many, while a key in use goes on", async () => {
    const api = await start({ ZERORACE_RATE_PER_IP: "1" });
    const store = await makeStore(api);
    expect((await commit(api, store)).status).toBe(201);
    const guess = () => commit(api, { ...store, key: mintApiKey("live").apiKey });
    const begunAt = performance.now();
    const told = await Promise.all(Array.from({ length: 200 }, guess));
    const regained = Math.ceil((performance.now() - begunAt) / 1_000);
    const statuses = told.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5 + regained);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    const refused = told.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: "RATE_LIMITED" });
    expect(refused?.headers.get("retry-after")).toBe("1");
    expect((await commit(api, store)).status).toBe(201);
    // What is refused now is not looked up: a flood of guesses is no load on the database.
    const before = await lookUps(api);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 200 }, guess));
    const seconds = (performance.now() - startedAt) / 1_000;
    expect((await lookUps(api)) - before).toBeLessThanOrEqual(1 + Math.ceil(seconds));
    // A little waiting, and a good key that was not met yet is let in.
    const other = await makeStore(api);
    await expect.poll(async () => (await commit(api, other)).status).toBe(201);
  });
});

describe("several servers", () => {
  it("share a limit through Redis", async () => {
    const door = await redisBehindDoor();
    const env = {
      ZERORACE_REDIS_URL: door.url,
      // A busy machine is late: what is counted elsewhere then is another test's matter.
      ZERORACE_REDIS_TIMEOUT_MS: "5000",
      ZERORACE_RATE_PER_KEY: "1",
    };
    const api = await start(env);
    const store = await makeStore(api);
    const db = openTest(api.database.url);
    const config = readConfig({ ZERORACE_PORT: "0", ZERORACE_METRICS_PORT: "0", ...env });
    const other = await startServer(config, db, makeLog("other", { logLevel: "silent" }));
    closing.push(async () => {
      await other.drain();
      await db.close();
    });
    expect(await gauge(api)).toBe("0");
    const startedAt = performance.now();
    const told = await Promise.all(
      Array.from({ length: 30 }, (_, index) => commit(index % 2 === 0 ? api : other, store)),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    const admitted = told.filter(({ status }) => status === 201).length;
    expect(admitted).toBeGreaterThanOrEqual(5);
    expect(admitted).toBeLessThanOrEqual(5 + Math.ceil(seconds));
  });
});

describe("while Redis is away", () => {
  it.each(["shut", "silent"] as const)(
    "purchases go on without waiting for it, and are counted in it when it is back (%s)",
    async (state) => {
      const door = await redisBehindDoor();
      const api = await start({ ZERORACE_REDIS_URL: door.url });
      const shop = await makeShop(api.database.db, { item: { stock: 1_000n } });
      const store = { shop, key: await makeKey(api, shop) };
      for (let warm = 0; warm < 20; warm++) expect((await commit(api, store)).status).toBe(201);
      expect(await gauge(api)).toBe("0");
      const before = await timesOf(60, () => commit(api, store));
      door.set(state);
      const during = await timesOf(150, () => commit(api, store));
      expect(await gauge(api)).toBe("1");
      expect(new Set([...before.statuses, ...during.statuses])).toEqual(new Set([201]));
      // A few that were on their way waited for the time limit. All would, without the breaker.
      const waited = during.ms.filter((ms) => ms > before.slowest + 40);
      expect(waited.length).toBeLessThanOrEqual(30);
      door.set("open");
      await expect.poll(() => gauge(api), { timeout: 10_000 }).toBe("0");
      expect((await commit(api, store)).status).toBe(201);
    },
  );

  it("still keeps to the limits, each server to its part", async () => {
    const env = { ZERORACE_REDIS_URL: "redis://127.0.0.1:1", ZERORACE_REPLICAS: "2" };
    const api = await start({ ...env, ZERORACE_RATE_PER_KEY: "4" });
    const store = await makeStore(api);
    expect(await gauge(api)).toBe("1");
    const told = await Promise.all(Array.from({ length: 30 }, () => commit(api, store)));
    const admitted = told.filter(({ status }) => status === 201).length;
    expect(admitted).toBeGreaterThanOrEqual(10);
    expect(admitted).toBeLessThanOrEqual(14);
  });
});

/** Calls one after the other. */
async function timesOf(times: number, ask: () => Promise<Reply>) {
  const ms: number[] = [];
  const statuses: number[] = [];
  for (let count = 0; count < times; count++) {
    const startedAt = performance.now();
    statuses.push((await ask()).status);
    ms.push(performance.now() - startedAt);
  }
  return { ms, statuses, slowest: Math.max(...ms) };
}

describe("a route that must be counted", () => {
  /** A route of its own, because what it guards is somebody else's matter. */
  async function signInAt(env: Env): Promise<string> {
    const config = readConfig({ ZERORACE_SIGN_INS_PER_MINUTE: "3", ...env });
    const log = makeLog("test", { logLevel: "silent" });
    const metrics = makeMetrics();
    const limits = await openLimits(config, metrics, log);
    const app = express();
    app.use(enter({ metrics, log, config }));
    const keyring = { knows: () => false } as never;
    const handlers = limitCalls(
      { limits, keyring },
      {
        method: "post",
        path: "/in",
        needs: "nothing",
        limit: "sign-in",
        about: { summary: "Sign in", answers: {} },
        handle: () => undefined,
      },
    );
    app.post("/in", ...handlers, (_req, res) => sendJson(res, 200, "{}"));
    app.use(lastWord(log));
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      limits.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
  }
  const signIn = (url: string): Promise<Reply> => call(url, { method: "POST" });

  it("is refused while Redis is away, and served again when it is back", async () => {
    const door = await redisBehindDoor();
    const url = await signInAt({ ZERORACE_REDIS_URL: door.url });
    const first = await signIn(url);
    expect([first.status, ...rateOf(first)]).toEqual([
      200,
      '"sign-in";q=3;w=60',
      '"sign-in";r=2;t=20',
      null,
    ]);
    door.set("shut");
    await expect.poll(async () => (await signIn(url)).body.code).toBe("LIMITER_AWAY");
    const refused = await signIn(url);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    door.set("open");
    await expect.poll(async () => (await signIn(url)).status, { timeout: 10_000 }).toBe(200);
  });

  it("is counted in the process where no Redis was ever to be had", async () => {
    const url = await signInAt({});
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await signIn(url)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect((await signIn(url)).headers.get("retry-after")).toBe("20");
  });
});

it("an address is that of the client behind a trusted proxy, and of the proxy otherwise", async () => {
  const from = async (api: TestApi, client: string): Promise<string | null> => {
    const headers = { "X-Forwarded-For": client };
    return (await call(`${api.url}/problems/NOT_FOUND`, { headers })).headers.get("ratelimit");
  };
  const trusting = await start({
    ZERORACE_RATE_PER_IP: "1",
    ZERORACE_TRUSTED_PROXIES: "10.0.0.0/8, 127.0.0.1",
  });
  expect(await from(trusting, "203.0.113.1")).toContain("r=4");
  expect(await from(trusting, "203.0.113.2")).toContain("r=4");
  expect(await from(trusting, "2001:db8::1")).toContain("r=4");
  // The same network, another of its 2^64 addresses.
  expect(await from(trusting, "2001:db8::2")).toContain("r=3");
  const plain = await start({ ZERORACE_RATE_PER_IP: "1" });
  expect(await from(plain, "203.0.113.1")).toContain("r=4");
  expect(await from(plain, "203.0.113.2")).toContain("r=3");
});

it("a server is not called by names that are not its own", async () => {
  const api = await start({ ZERORACE_ALLOWED_HOSTS: "shop.example" });
  const by = async (host: string) => {
    const sent = request(`${api.url}/problems/NOT_FOUND`, { headers: { host } }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  expect([await by("shop.example"), await by("localhost:1"), await by("evil.example")]).toEqual([
    200, 200, 421,
  ]);
});
