import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { scopes, scopesOfPeople } from "../auth/scopes.ts";
import { readConfig, type Env } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { openDb } from "../db/open.ts";
import { makeClaimLink } from "../entrance/claim.ts";
import { transact } from "../db/transact.ts";
import { startServer, type RunningServer } from "../main.ts";
import { insertRun } from "../runs/store.ts";
import { openContext } from "../testing/context.ts";
import { commitBodyOf, makeKey, sealingKeyOfTests, type TestApi } from "../testing/api.ts";
import { everything, found, makeCanaries, withOwnRole, type Canary } from "../testing/canaries.ts";
import { freshDatabase, type TestDatabase } from "../testing/database.ts";
import { commitAsk, granted, holdAsk, makeShop, type Shop } from "../testing/factories.ts";
import { makePerson } from "../testing/people.ts";
import { makeImport } from "../testing/imports.ts";
import { makeWebhook } from "../testing/webhooks.ts";
import { routesOf } from "./app.ts";
import type { Route } from "./route.ts";

/**
 * A secret that is put anywhere into a request to any route shows in no answer, no log line, no metric
 * and no row: also when the route fails for want of its tables, or of its database. A password that
 * somebody types in as a name has no form, and is kept like any other name.
 */
let database: TestDatabase;
let server: RunningServer;
let routes: readonly Route[];
let shop: Shop;
let key: string;
/** What a path's id names, by the noun before it. */
let ids: Readonly<Record<string, string>>;
/** Who has signed in, by route: some routes end sessions. */
const cookies = new Map<string, string>();
let role: string;
let canaries: readonly Canary[];
let close: () => Promise<void>;
const logged: string[] = [];
/** The same page a thousand times is looked at once. */
const answered = new Set<string>();
const heads: string[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  const own = await withOwnRole(database.url, database.db);
  ({ role } = own);
  const config = readConfig({
    ZERORACE_DATABASE_URL: own.url,
    ZERORACE_PORT: "0",
    ZERORACE_METRICS_PORT: "0",
    ZERORACE_DRAIN_DELAY_MS: "0",
    ZERORACE_LOG_LEVEL: "trace",
    ZERORACE_SEALING_KEY: sealingKeyOfTests,
    ZERORACE_RUNS: "off",
    // What is refused for its number is not looked at.
    ...(Object.fromEntries(rates) as Env),
  });
  const metrics = makeMetrics();
  const db = openDb({ url: own.url, connectTimeoutMs: 500 }, metrics);
  const log = makeLog("test", config, { write: (line: string) => logged.push(line) });
  server = await startServer(config, db, log);
  const { ctx, ...context } = await openContext({ config, log, metrics, db });
  const { kernel } = ctx;
  routes = routesOf(ctx);
  shop = await makeShop(database.db);
  const newKey = () => makeKey({ database } as TestApi, shop, scopes);
  key = await newKey();
  canaries = makeCanaries({
    ...(await signInAll()),
    apiKey: await newKey(),
    databasePassword: own.password,
  });
  ids = {
    items: shop.item.itemId,
    mandates: shop.mandate.mandateId,
    merchants: shop.merchantId,
    purchases: await granted(kernel.ask(commitAsk(shop))),
    holds: await granted(kernel.ask(holdAsk(shop))),
    keys: (await newKey()).split("_")[2] ?? "",
    people: await someoneElse(),
    ...(await lesserThings()),
    problems: "NOT_FOUND",
  };
  await context.close();
  close = async () => {
    await server.drain();
    await db.close();
    await database.db.pool.query(`drop role ${role}`);
    await database.close();
  };
}, 60_000);
afterAll(() => close());

const names = ["RATE_PER_KEY", "RATE_PER_TENANT", "RATE_PER_IP"];
const perMinute = ["SIGN_INS_PER_MINUTE", "NEW_KEYS_PER_MINUTE"];
const rates = [...names, ...perMinute].map((name) => [`ZERORACE_${name}`, "1000000"]);

/** Secrets as people get them: by claiming the instance, and by inviting somebody. */
async function signInAll(): Promise<{ session: string; link: string; password: string }> {
  const actor = { kind: "command", id: "test" } as const;
  const claim = await makeClaimLink(database.db, { actor });
  if (claim.kind !== "made") throw new Error("nobody has claimed it");
  const password = randomBytes(18).toString("hex");
  const email = "ann@example.com";
  const post = (path: string, body: object, headers = {}) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const named = { organisation: "Acme", name: "Ann", email, password };
  const claimed = await post("/v1/claim", { token: claim.token, ...named });
  expect(claimed.status, await claimed.text()).toBe(201);
  const entered = await post("/v1/session", { email, password });
  const [cookie = ""] = entered.headers.getSetCookie()[0]?.split(";") ?? [];
  const body = { email: "bo@example.com", role: "viewer" };
  const invited = await post("/v1/invitations", body, { Cookie: cookie });
  const { token } = (await invited.json()) as { token: string };
  for (const route of routes.filter(isForPeople)) {
    const person = await makePerson(database.db, { isInstanceOperator: true });
    cookies.set(nameOf(route), person.cookie);
  }
  return { session: cookie.replace(/^.*=/, ""), link: token, password };
}

/** Whom a person may do something about. */
async function someoneElse(): Promise<string> {
  return (await makePerson(database.db)).personId;
}

/** What hangs on a tenant beside what is sold. */
async function lesserThings(): Promise<Record<string, string>> {
  const { db } = database;
  const { webhookId, deliveryId, redeliveryId } = await makeWebhook(db, shop);
  const runId = db.dialect.newId();
  const sizes = { agents: 10, units: 1, mandates: 1, concurrency: 1, duplicatePercent: 0 };
  const run = {
    runId,
    tenantId: shop.tenantId,
    seed: 1,
    faults: null,
    startedBy: "command:test",
    ...sizes,
  };
  await transact(db, "test", (tx) => insertRun(tx, run));
  const importId = await makeImport(db, shop, "uploading");
  return {
    webhooks: webhookId,
    deliveries: deliveryId,
    redeliveries: redeliveryId,
    runs: runId,
    imports: importId,
  };
}

const isForPeople = ({ needs }: Route): boolean =>
  (scopesOfPeople as readonly string[]).includes(needs);

type Fields = Readonly<Record<string, unknown>>;

/** A body with which a route comes far enough to keep something: its example, where that names nothing. */
function bodyOf({ path, about }: Route): Fields {
  const buying = commitBodyOf(shop);
  const { merchantId } = shop;
  const selling = { currency: "USD", priceMinor: 1, stock: 1 };
  const rules = { agentId: "agent", timeZone: "UTC", allowedItems: [shop.item.itemId] };
  const known: Readonly<Record<string, Fields>> = {
    "/v1/sandbox/commit": { quantity: 1 },
    "/v1/purchases/commit": { ...buying, idempotencyKey: "a key" },
    "/v1/purchases/commit-many": { asks: [{ ...buying, idempotencyKey: "a-key" }] },
    "/v1/purchases/quote": buying,
    "/v1/holds": { ...buying, holdSeconds: 60 },
    "/v1/merchants": { name: "a merchant" },
    "/v1/items": { merchantId, sku: "a sku", name: "an item", ...selling },
    "/v1/items/:id/adjust": { quantity: 1, reason: "found" },
    "/v1/mandates": { name: "a mandate", currency: "USD", capMinor: 1, ...rules },
    "/v1/mandates/:id/rules": rules,
    "/v1/purchases/:id/refunds": { merchantId, amountMinor: 1, reason: "it broke" },
    "/v1/holds/:id/capture": { merchantId },
    "/v1/holds/:id/extend": { merchantId, holdSeconds: 900 },
    "/v1/holds/:id/release": { merchantId },
    "/v1/keys": { name: "a key", scopes: ["items:read"], agentIds: ["agent"], reason: "a job" },
    "/v1/recoveries": { personId: ids.people ?? "" },
  };
  const examples = about.body?.meta()?.examples as readonly Fields[] | undefined;
  return known[path] ?? examples?.[0] ?? {};
}

/** The body once for each text in it, with the canary in that text's place. */
function bodiesWith(canary: string, value: unknown): unknown[] {
  if (typeof value === "string") return [canary, `my key is ${canary}`];
  if (typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, part]) =>
    bodiesWith(canary, part).map((changed) =>
      isList
        ? Object.assign([...(value as unknown[])], { [name]: changed })
        : { ...value, [name]: changed },
    ),
  );
}

function headersWith({ text: canary, hasForm }: Canary): Record<string, string>[] {
  const basic = Buffer.from(`user:${canary}`).toString("base64");
  const schemes = ["Bearer", "bearer  ", "Basic", "Token", ""];
  return [
    ...schemes.map((scheme) => ({ Authorization: `${scheme} ${canary}`.trim() })),
    { Authorization: `Bearer ${canary}x` },
    { Authorization: `Basic ${basic}` },
    {
      Cookie: `session=${canary}; __Host-zerorace-session=${canary}; ${canary}`,
      "X-Api-Key": canary,
      // It is kept with a session.
      ...(hasForm && { "User-Agent": canary }),
      Referer: `http://example.com/?token=${canary}`,
      "X-Forwarded-For": canary,
      "X-Request-Id": canary,
      Origin: `http://${canary}`,
      Accept: canary,
    },
    { "Content-Type": `application/json; charset=${canary}` },
    { "Content-Encoding": canary },
  ];
}

async function send(url: string, init: RequestInit): Promise<void> {
  const response = await fetch(url, init);
  const text = await response.text();
  answered.add(`${response.status} ${text}`);
  heads.push(JSON.stringify([...response.headers]));
}

/** Every place of a request to this route that can hold a text. */
function attempts(route: Route, canary: Canary): [url: string, init: RequestInit][] {
  const { text, hasForm } = canary;
  const method = route.method.toUpperCase();
  const [, noun = ""] = /([a-z]+)\/:/.exec(route.path) ?? [];
  const id = ids[noun] ?? shop.item.itemId;
  const url = `${server.url}${route.path.replace(/:\w+/, id)}`;
  const cookie = cookies.get(nameOf(route));
  const by = cookie === undefined ? { Authorization: `Bearer ${key}` } : { Cookie: cookie };
  const plain = { ...by, "Content-Type": "application/json" };
  const isRead = route.method === "get";
  const init = (headers: Record<string, string>, body: unknown = bodyOf(route)): RequestInit => ({
    method,
    headers: { ...plain, "Idempotency-Key": `${heads.length}-${Math.random()}`, ...headers },
    ...(!isRead && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const all: [string, RequestInit][] = headersWith(canary).map((headers) => [url, init(headers)]);
  const queries = [`?key=${text}`, `?limit=${text}`, `?cursor=${text}`];
  // A name that is not known is told to who sent it.
  if (hasForm) queries.push(`?a=1&${text}=1`);
  for (const query of queries) all.push([`${url}${query}`, init({})]);
  for (const named of [`${url}/${text}`, url.replace(id, text), `${url}%2F${text}`]) {
    // An agent is told by the name that was sent, if it is one.
    const [, agent = ""] = /\/v1\/agents\/([^/]*)/.exec(named) ?? [];
    if (hasForm || !agent.includes(text)) all.push([named, init({})]);
  }
  // What has no form is kept as the text that it was sent as.
  if (hasForm) all.push([url, init({ "Idempotency-Key": text })]);
  if (isRead) return all;
  const bodies = [{ ...bodyOf(route), [hasForm ? text : "unknown"]: text }, text, `{"a":${text}}`];
  if (hasForm) bodies.push(...(bodiesWith(text, bodyOf(route)) as Fields[]));
  for (const name of Object.keys(bodyOf(route)).filter((one) => /token|password/i.test(one))) {
    bodies.push({ ...bodyOf(route), [name]: text });
  }
  for (const body of bodies) all.push([url, init({}, body)]);
  return all;
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/**
 * Each place of each route has its share of the secrets, and the next place or route others: whatever
 * leaks leaks at many places. All of them everywhere: npm run test:long.
 */
async function sendAll(some = canaries): Promise<number> {
  const share = inject("testCanaryShare");
  const all = routes.flatMap((route, row) =>
    some.flatMap((canary, kind) =>
      attempts(route, canary).filter((_, place) => (row + kind + place) % share === 0),
    ),
  );
  const waiting = [...all];
  const senders = Array.from({ length: 32 }, async () => {
    for (let one = waiting.shift(); one; one = waiting.shift()) await send(...one);
  });
  await Promise.all(senders);
  return all.length;
}

async function expectNowhere(): Promise<void> {
  const metrics = await (await fetch(server.metricsUrl)).text();
  expect(found(canaries, [...answered, ...heads].join("\n")), "in an answer").toEqual([]);
  expect(found(canaries, logged.join("\n")), "in the log").toEqual([]);
  expect(found(canaries, metrics), "in the metrics").toEqual([]);
}

describe("a secret in the wrong place", () => {
  it("shows in no answer, log line, metric or row, whatever the route", async () => {
    expect(await sendAll()).toBeGreaterThan((20 * routes.length) / inject("testCanaryShare"));
    for (const route of routes) {
      // It came as far as it can: somebody was answered as its own handler answers.
      expect(
        logged.some((line) => line.includes(`"route":"${route.path}"`)),
        nameOf(route),
      ).toBe(true);
    }
    expect([...answered].some((text) => text.startsWith("201"))).toBe(true);
    expect([...answered].filter((text) => text.startsWith("500"))).toEqual([]);
    await expectNowhere();
    expect(found(canaries, await everything(database.db)), "in a row").toEqual([]);
  }, 240_000);

  it("shows in no answer to bytes that are no request, and in no log line", async () => {
    for (const { text } of canaries) {
      for (const bytes of [
        `${text}\r\n\r\n`,
        `GET /${text} HTTP/1.1\r\nHost: a\r\nHost: ${text}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: a\r\n${text} : b\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: a\r\nX-Key: ${text}\0\r\n\r\n`,
        `${text} / HTTP/1.1\r\nHost: a\r\n\r\n`,
        `CONNECT ${text}:1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${text}\r\n\r\n`,
        `POST /v1/items HTTP/1.1\r\nHost: a\r\nContent-Length: ${text}\r\n\r\n`,
        `GET /v1/items HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${text}\r\nAuthorization: ${text}\r\nConnection: close\r\n\r\n`,
      ]) {
        answered.add(await answerTo(bytes));
      }
    }
    await expectNowhere();
  });

  it("is seen where it does show", async () => {
    for (const { text } of canaries) {
      expect(found(canaries, `a line with ${text} in it`)).not.toEqual([]);
      expect(found(canaries, `and eight of them: ${text.slice(-10, -2)}`)).not.toEqual([]);
    }
    expect(found(canaries, `${key} is none of them`)).toEqual([]);
  });
});

async function answerTo(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.setEncoding("utf8");
  socket.on("error", () => undefined);
  socket.on("data", (text: string) => (heard += text));
  socket.end(bytes);
  await once(socket, "close");
  return heard;
}

describe("when things break", () => {
  it("a secret shows in no error about tables that are not there", async () => {
    await database.db.pool.query("alter schema public rename to gone");
    const before = logged.length;
    const one = (part: string) => canaries.filter(({ name }) => name === part);
    try {
      await sendAll(["a valid key", "a session", "a person's password"].flatMap(one));
    } finally {
      await database.db.pool.query("alter schema gone rename to public");
    }
    expect(logged.slice(before).some((line) => line.includes('"failed"'))).toBe(true);
    await expectNowhere();
  }, 240_000);

  it("a secret shows in no error about a database that lets nobody in", async () => {
    const before = logged.length;
    await database.db.pool.query(`alter role ${role} password 'another'`);
    await database.db.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1",
      [role],
    );
    const [first] = canaries;
    if (!first) throw new Error("there are canaries");
    await Promise.all(
      routes.map((route) => send(...(attempts(route, first)[0] as [string, RequestInit]))),
    );
    await send(`${server.url}/readyz`, {});
    expect(logged.slice(before).some((line) => line.includes("not ready"))).toBe(true);
    await expectNowhere();
  }, 240_000);
});
