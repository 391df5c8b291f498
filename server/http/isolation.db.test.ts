import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roles, scopesOfRole, type Role } from "../auth/roles.ts";
import { scopes, scopesOfPeople } from "../auth/scopes.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { makeMetrics } from "../base/metrics.ts";
import { transact } from "../db/transact.ts";
import { call, makeKey, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { openContext } from "../testing/context.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { commitAsk, granted, holdAsk, makeShop, type Shop } from "../testing/factories.ts";
import { examples, type Example, type Ids } from "../testing/route-examples.ts";
import { writeRows } from "../requests/store.ts";
import { makeImport } from "../testing/imports.ts";
import { makeWebhook } from "../testing/webhooks.ts";
import { makePerson, makeShopIn } from "../testing/people.ts";
import { askToStop, insertRun } from "../runs/store.ts";
import { routesOf } from "./app.ts";
import type { Route } from "./route.ts";

/**
 * Nobody reaches what is another tenant's: every route of the table, with each id that it takes.
 * A route that is added without an example here fails.
 */
let api: TestApi;
let routes: readonly Route[];
let close: () => Promise<unknown>;
let makeTenant: (own?: Shop) => Promise<Tenant>;
beforeAll(async () => {
  // A run that goes on in the background would change rows that are counted here.
  api = await startApi({ ZERORACE_RUNS: "off" });
  const { db } = api.database;
  const config = readConfig({ ZERORACE_PORT: "0" });
  const log = makeLog("test", { logLevel: "warn" }, { write: () => undefined });
  const { ctx, ...context } = await openContext({ config, log, metrics: makeMetrics(), db });
  const { kernel } = ctx;
  close = context.close;
  routes = routesOf(ctx);
  makeTenant = async (own) => {
    const shop = own ?? (await makeShop(db));
    const { tenantId, merchantId, item, mandate } = shop;
    const purchaseId = await granted(kernel.ask(commitAsk(shop, { key: "bought" })));
    const holdId = await granted(kernel.ask(holdAsk(shop)));
    const { itemId } = item;
    const { mandateId } = mandate;
    const [, , keyId = ""] = (await makeKey(api, shop, ["keys:write"])).split("_");
    const { webhookId, deliveryId, redeliveryId } = await makeWebhook(db, shop);
    const [runId, requestId] = [randomUUID(), randomUUID()];
    await writeRows(db, [loggedRequest(tenantId, requestId)]);
    const sizes = { agents: 10, units: 1, mandates: 1, concurrency: 1, duplicatePercent: 0 };
    await transact(db, "test", async (tx) => {
      const by = { startedBy: `key:${keyId}`, faults: null };
      await insertRun(tx, { runId, tenantId, seed: 1, ...by, ...sizes });
      // It is over: those that wait are counted, and there may be few.
      await askToStop(tx, runId);
    });
    const ids = { merchantId, itemId, mandateId, purchaseId, holdId, keyId, runId };
    const imports = {
      importId: await makeImport(db, shop, "uploading"),
      checkedImportId: await makeImport(db, shop, "checked"),
      doneImportId: await makeImport(db, shop, "done"),
    };
    return {
      tenantId,
      ids: { ...ids, ...imports, webhookId, deliveryId, redeliveryId, requestId },
    };
  };
});
afterAll(async () => {
  await close();
  await api.close();
});

const loggedRequest = (tenantId: string, requestId: string) => ({
  tenantId,
  requestId,
  atMs: Date.now(),
  method: "GET",
  route: "/v1/items",
  status: 200,
  code: null,
  ms: 1,
  caller: "key:test",
  idempotencyKey: null,
  replayed: null,
  subjectId: null,
  userAgent: null,
  standsFor: 1,
});

interface Tenant {
  readonly tenantId: string;
  readonly ids: Ids;
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const guarded = Object.keys(examples);

/** Who calls, as its headers say it. */
type As = Readonly<Record<string, string>>;

const withKey = (key: string): As => ({ Authorization: `Bearer ${key}` });

async function send(name: string, ids: Ids, as: As = {}): Promise<Reply> {
  const [method = "", path = ""] = name.split(" ");
  const { id, at, query = "", body, file } = exampleOf(name)(ids);
  const url = `${api.url}${path.replace(":id", id ? ids[id] : (at ?? ":id"))}${query}`;
  const headers = {
    // The asks of a list have keys of their own.
    ...(!(body && "asks" in body) && { "Idempotency-Key": randomUUID() }),
    ...as,
    ...(body && { "Content-Type": "application/json" }),
    ...(file !== undefined && { "Content-Type": "text/csv" }),
  };
  const init = { method: method.toUpperCase(), headers };
  const sent = file ?? (body && JSON.stringify(body));
  return call(url, sent === undefined ? init : { ...init, body: sent });
}

function exampleOf(name: string): (ids: Ids) => Example {
  const example = examples[name];
  if (!example) throw new Error(`${name} has no example`);
  return example;
}

const everyId = {
  merchantId: "1",
  itemId: "2",
  mandateId: "3",
  purchaseId: "4",
  holdId: "5",
  keyId: "7",
  webhookId: "8",
  deliveryId: "9",
  redeliveryId: "b",
  requestId: "c",
  runId: "a",
  importId: "d",
  checkedImportId: "e",
  doneImportId: "f",
};

/** The ids that a route takes: those that make a difference in what is sent. */
function idsIn(name: string): (keyof Ids)[] {
  const ids = everyId;
  const text = (some: Ids): string => {
    const { id, query, body } = exampleOf(name)(some);
    const written = JSON.stringify([id && some[id], query, body]);
    return written.replace(/"idempotencyKey":"[^"]+"/, "");
  };
  return (Object.keys(ids) as (keyof Ids)[]).filter(
    (one) => text({ ...ids, [one]: "6" }) !== text(ids),
  );
}

/** Many asks in one request have an answer each: the one is looked at here. */
function verdictOf({ status, body }: Reply): string {
  const [first] = (body.answers ?? []) as { status: number; body: { code?: string } }[];
  const answer = first ?? { status, body };
  return `${answer.status} ${String(answer.body.code)}`;
}

it("knows every route, and who may call it", () => {
  const known: readonly string[] = [...scopes, ...scopesOfPeople];
  for (const { needs, ...route } of routes) {
    const declared = needs === "nothing" || known.includes(needs);
    expect(declared, `${route.method} ${route.path} does not say who may call it`).toBe(true);
  }
  const open = routes.filter(({ needs }) => needs === "nothing").map(nameOf);
  expect(open).toEqual([
    "get /livez",
    "get /readyz",
    "get /sandbox",
    "get /v1/sandbox",
    "post /v1/sandbox/commit",
    "get /v1/entrance",
    "post /v1/links/look",
    "post /v1/claim",
    "post /v1/sign-up",
    "post /v1/recoveries/use",
    "post /v1/session",
    "get /problems",
    "get /problems.md",
    "get /problems/:code.md",
    "get /problems/:code",
    "get /docs/assets/:name.css",
    "get /docs/assets/:name.js",
    "get /docs",
    "get /docs/search",
    "get /docs/search.json",
    "get /docs/:page.md",
    "get /docs/:page",
    "get /docs/:section/:page.md",
    "get /docs/:section/:page",
    "get /llms.txt",
    "get /llms-full.txt",
    "get /openapi.json",
    "get /reference",
  ]);
  // What is for people only has a test of its own: people.db.test.ts in server/people.
  const forKeys = ({ needs }: Route): boolean => (scopes as readonly string[]).includes(needs);
  const closed = routes.filter(forKeys).map(nameOf);
  expect(closed.sort()).toEqual(guarded.toSorted());
});

/** What is refused leaves everything as it was, so all refusals are looked at on the same few. */
const shared = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};
const theVictim = shared(() => makeTenant());
const theThief = shared(async () => {
  const thief = await makeTenant();
  return { ...thief, key: await makeKey(api, thief, [...scopes]) };
});
const makeOwner = async () => {
  const person = await makePerson(api.database.db);
  const tenant = await makeTenant(await makeShopIn(api.database.db, person.testTenantId));
  return { ...person, ...tenant };
};
const theVictimsOwner = shared(makeOwner);
const theThievingOwner = shared(makeOwner);
const makeStaff = async (role: Role) => {
  const person = await makePerson(api.database.db, { role });
  const { ids } = await makeTenant(await makeShopIn(api.database.db, person.liveTenantId));
  return { ...person, ids };
};
const theStaff = shared(async () => {
  const people = roles.map(async (role) => [role, await makeStaff(role)] as const);
  return Object.fromEntries(await Promise.all(people)) as Record<
    Role,
    Awaited<ReturnType<typeof makeStaff>>
  >;
});

/** They narrow the tenant's own log: what names another's thing finds nothing there. */
const ofOwnLog = new Set([
  "get /v1/audit/entries actorId",
  "get /v1/audit/entries objectId",
  "get /v1/requests keyId",
  // Names that buyers give themselves: no tenant has them.
  "get /v1/purchases agentId",
]);

it("every id that a query may have is in an example", () => {
  const forgotten = routes.flatMap((route) => {
    const name = nameOf(route);
    const sent = name in examples ? (exampleOf(name)(everyId).query ?? "") : "";
    return Object.keys(route.about.query?.shape ?? {})
      .filter((field) => field.endsWith("Id") && name in examples)
      .filter((field) => !sent.includes(`${field}=`) && !ofOwnLog.has(`${name} ${field}`))
      .map((field) => `${name} ${field}`);
  });
  expect(forgotten).toEqual([]);
});

describe.each(guarded)("%s", (name) => {
  const needs = (): string => routes.find((route) => nameOf(route) === name)?.needs ?? "";

  it("answers 401 without a key and 403 without its scope, and does nothing", async () => {
    const { tenantId, ids } = await theVictim();
    const others = scopes.filter((scope) => scope !== needs());
    const key = await makeKey(api, { tenantId }, others);
    const before = await countEveryRow(api.database.db);
    expect(verdictOf(await send(name, ids))).toBe("401 AUTHENTICATION_REQUIRED");
    expect(verdictOf(await send(name, ids, withKey(key)))).toBe("403 INSUFFICIENT_SCOPE");
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("answers its owner with this scope alone", async () => {
    const { tenantId, ids } = await makeTenant();
    const { status, body } = await send(
      name,
      ids,
      withKey(await makeKey(api, { tenantId }, [needs()])),
    );
    expect([200, 201], JSON.stringify(body)).toContain(status);
  });

  it.each(idsIn(name).map((id) => [id]))("refuses another tenant's %s with 403", async (id) => {
    const victim = await theVictim();
    const { key, ...thief } = await theThief();
    const before = [await countEveryRow(api.database.db), await stateOf(victim)];
    const ids = { ...thief.ids, [id]: victim.ids[id] };
    const by = withKey(key);
    expect(verdictOf(await send(name, ids, by))).toBe("403 FORBIDDEN");
    expect(verdictOf(await send(name, victim.ids, by))).toBe("403 FORBIDDEN");
    expect([await countEveryRow(api.database.db), await stateOf(victim)]).toEqual(before);
  });
});

describe.each(guarded)("%s in a session", (name) => {
  const needs = (): string => routes.find((route) => nameOf(route) === name)?.needs ?? "";
  const may = (role: (typeof roles)[number]): boolean =>
    (scopesOfRole[role] as readonly string[]).includes(needs());

  it("answers 403 to a role without its scope, and the others as it answers a key", async () => {
    const { db } = api.database;
    const staff = await theStaff();
    for (const role of roles) {
      const changes = may(role) && !name.startsWith("get ");
      const { cookie, liveTenantId, ids } = changes ? await makeStaff(role) : staff[role];
      const as = { Cookie: cookie, "ZeroRace-Tenant": liveTenantId };
      const before = await countEveryRow(db);
      const reply = await send(name, ids, as);
      if (may(role)) expect([200, 201], `${role}: ${reply.text}`).toContain(reply.status);
      else expect(`${role}: ${verdictOf(reply)}`).toBe(`${role}: 403 INSUFFICIENT_SCOPE`);
      if (!may(role)) expect(await countEveryRow(db)).toEqual(before);
    }
  });

  it.each(idsIn(name).map((id) => [id]))(
    "refuses an owner of another organisation that names %s with 403",
    async (id) => {
      const { db } = api.database;
      const victim = await theVictimsOwner();
      const thief = await theThievingOwner();
      const before = [await countEveryRow(db), await stateOf(victim)];
      const ids = { ...thief.ids, [id]: victim.ids[id] };
      const as = { Cookie: thief.cookie };
      expect(verdictOf(await send(name, ids, as))).toBe("403 FORBIDDEN");
      expect(verdictOf(await send(name, victim.ids, as))).toBe("403 FORBIDDEN");
      // The other tenant of one's own organisation is another tenant, too.
      const live = { ...as, "ZeroRace-Tenant": thief.liveTenantId };
      expect(verdictOf(await send(name, thief.ids, live))).toBe("403 FORBIDDEN");
      const theirs = { ...as, "ZeroRace-Tenant": victim.tenantId };
      expect(verdictOf(await send(name, victim.ids, theirs))).toBe("403 FORBIDDEN");
      expect([await countEveryRow(db), await stateOf(victim)]).toEqual(before);
    },
  );
});

it.each(["merchants", "items", "mandates"])("lists none of another tenant's %s", async (noun) => {
  const victim = await makeTenant();
  const thief = await makeTenant();
  const list = async ({ tenantId }: Tenant, query = "") => {
    const key = await makeKey(api, { tenantId }, [`${noun}:read`]);
    const url = `${api.url}/v1/${noun}${query}`;
    return call(url, { headers: { Authorization: `Bearer ${key}` } });
  };
  const own = await list(thief);
  // One of the items came by an import.
  expect(own.body.data).toHaveLength(noun === "items" ? 2 : 1);
  expect(own.text).not.toContain(victim.ids.merchantId);
  expect((await list(thief, `?tenantId=${victim.tenantId}`)).status).toBe(422);
});

it.each(["merchantId", "mandateId", "itemId"] as const)(
  "refuses a list of purchases by another tenant's %s with 403",
  async (id) => {
    const victim = await makeTenant();
    const key = await makeKey(api, await makeTenant(), ["purchases:read"]);
    const url = `${api.url}/v1/purchases?${id}=${victim.ids[id]}`;
    const reply = await call(url, { headers: { Authorization: `Bearer ${key}` } });
    expect(verdictOf(reply)).toBe("403 FORBIDDEN");
  },
);

const tables = ["merchants", "items", "pools", "stock_buckets", "stock_moves", "mandates"];
const more = ["mandate_buckets", "asks", "purchases", "ledger_entries", "outbox", "request_keys"];
const hooks = ["endpoints", "deliveries", "attempts", "marks", "redeliveries"];
const told = hooks.map((name) => `webhook_${name}`);
const texts = [...tables, ...more, ...told, "audit_entries", "runs"].map(
  (table) => `(select string_agg(t::text, ',' order by t::text) from ${table} t
    where tenant_id = $1) as ${table}`,
);
const keys = `(select string_agg(row(key_id, expires_at, revoked_at, replaced_by)::text, ','
  order by key_id) from api_keys where tenant_id = $1) as keys`;

/** All that the tables say of a tenant, but for when its keys were used. Planned once a connection. */
async function stateOf({ tenantId }: Tenant): Promise<string> {
  const text = `select ${[...texts, keys].join()}`;
  const { rows } = await api.database.db.pool.query<object>({
    name: "state of a tenant",
    text,
    values: [tenantId],
  });
  expect(rows).toHaveLength(1);
  return JSON.stringify(rows);
}

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
