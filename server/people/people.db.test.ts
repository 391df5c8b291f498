import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import { verifyChain } from "../audit/verify-chain.ts";
import { roles, scopesOfRole, type Role } from "../auth/roles.ts";
import { scopes, scopesOfPeople } from "../auth/scopes.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { transact } from "../db/transact.ts";
import { routesOf } from "../http/app.ts";
import type { Route } from "../http/route.ts";
import { makeKey, startApi, type TestApi } from "../testing/api.ts";
import { send, verdict } from "../testing/browser.ts";
import { openContext } from "../testing/context.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { query } from "../testing/look.ts";
import { makePerson, makeSession, type SignedIn } from "../testing/people.ts";

/** What is for people only, route by route; what keys may call is in http/isolation.db.test.ts. */
let api: TestApi;
let routes: readonly Route[];
let close: () => Promise<unknown>;
let stranger: SignedIn;
beforeAll(async () => {
  api = await startApi();
  const { db } = api.database;
  stranger = await makePerson(db);
  const config = readConfig({});
  const log = makeLog("test", { logLevel: "silent" });
  const { ctx, ...context } = await openContext({ config, log, metrics: db.metrics, db });
  close = context.close;
  // An entry of the instance's chain, for what looks at one.
  const entry = { action: "test", object: { kind: "test", id: "test" } };
  const actor = { kind: "command", id: "test" } as const;
  await transact(db, "test", (tx) => record(tx, { tenantId: instanceChain, actor, ...entry }));
  const all = routesOf(ctx);
  routes = all.filter(({ needs }) => (scopesOfPeople as readonly string[]).includes(needs));
});
afterAll(async () => {
  await close();
  await api.close();
});

interface Ids {
  readonly personId: string;
  readonly invitationId: string;
  readonly sessionId: string;
}
interface Example {
  readonly id?: keyof Ids;
  /** What is the instance's, and of no organisation's people. */
  readonly at?: string;
  readonly body?: object;
}

/** What somebody with the scope would send with success. `session/password` is in server/sessions. */
const examples: Readonly<Record<string, (ids: Ids) => Example>> = {
  "get /v1/session": () => ({}),
  "delete /v1/session": () => ({}),
  "get /v1/sessions": () => ({}),
  "delete /v1/sessions": () => ({}),
  "delete /v1/sessions/:id": () => ({ id: "sessionId" }),
  "get /v1/tenant/first-steps": () => ({}),
  "post /v1/session/name": () => ({ body: { name: "Ann Lee" } }),
  "get /v1/roles": () => ({}),
  "get /v1/organisation": () => ({}),
  "post /v1/organisation/name": () => ({ body: { name: "Acme & Daughters" } }),
  "get /v1/people": () => ({}),
  "get /v1/people/:id": () => ({ id: "personId" }),
  "post /v1/people/:id/sign-out": () => ({ id: "personId", body: {} }),
  "post /v1/people/:id/role": () => ({ id: "personId", body: { role: "finance" } }),
  "post /v1/people/:id/remove": () => ({ id: "personId", body: {} }),
  "post /v1/invitations": () => ({ body: { email: "new@example.com", role: "viewer" } }),
  "get /v1/invitations": () => ({}),
  "post /v1/invitations/:id/revoke": () => ({ id: "invitationId", body: {} }),
  "post /v1/recoveries": ({ personId }) => ({ body: { personId } }),
  "post /v1/instance/invitations": () => ({ body: { email: "new@example.com" } }),
  "get /v1/instance": () => ({}),
  "get /v1/instance/organisations": () => ({}),
  "post /v1/instance/organisations/:id/suspend": () => ({
    at: stranger.organisationId,
    body: { reason: "Three invoices are unpaid." },
  }),
  "post /v1/instance/organisations/:id/reopen": () => ({
    at: stranger.organisationId,
    body: {},
  }),
  "get /v1/instance/health": () => ({}),
  "get /v1/instance/settings": () => ({}),
  "get /v1/instance/parked-events": () => ({}),
  "post /v1/instance/parked-events/replay": () => ({ body: {} }),
  "get /v1/instance/audit/entries": () => ({}),
  "get /v1/instance/audit/entries/:id": () => ({ at: "1" }),
  "get /v1/instance/audit/export": () => ({}),
  "get /v1/instance/audit/verify": () => ({}),
};
const names = Object.keys(examples);
const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const needsOf = (name: string): string => routes.find((one) => nameOf(one) === name)?.needs ?? "";

/** An organisation with somebody in it, and what can be named there; `sessionId` is of `who`. */
async function household(who: Role = "owner", isInstanceOperator = false) {
  const { db } = api.database;
  const owner = await makePerson(db);
  const caller = await makePerson(db, { home: owner, role: who, isInstanceOperator });
  const other = await makePerson(db, { home: owner, role: "viewer" });
  const email = "invited@example.com";
  const invited = await as(owner, "/v1/invitations", { email, role: "viewer" });
  const { sessionId } = await makeSession(db, caller.personId);
  const ids = { personId: other.personId, invitationId: String(invited.body.id), sessionId };
  return { owner, caller, other, ids };
}

const as = ({ cookie }: Pick<SignedIn, "cookie">, path: string, body?: object) =>
  send(api, path, { cookie, ...(body && { body }) });

async function ask(name: string, ids: Ids, headers: Record<string, string>) {
  const [method = "", path = ""] = name.split(" ");
  const { id, at, body } = examples[name]?.(ids) ?? {};
  const named = path.replace(":id", id ? ids[id] : (at ?? ""));
  return send(api, named, { method: method.toUpperCase(), headers, ...(body && { body }) });
}

it("every route for people only has its example", () => {
  expect(routes.map(nameOf).sort()).toEqual([...names, "post /v1/session/password"].sort());
});

describe.each(names)("%s", (name) => {
  it("answers 401 to nobody and to a made-up session, and 403 to every key", async () => {
    const { owner, ids } = await household();
    const key = await makeKey(api, { tenantId: owner.liveTenantId }, scopes);
    const before = await countEveryRow(api.database.db);
    expect(verdict(await ask(name, ids, {}))).toBe("401 AUTHENTICATION_REQUIRED");
    const planted = { Cookie: `zerorace-session=zrs_${"A".repeat(43)}` };
    expect(verdict(await ask(name, ids, planted))).toBe("401 SESSION_OVER");
    const byKey = { Authorization: `Bearer ${key}`, Cookie: owner.cookie };
    expect(verdict(await ask(name, ids, byKey))).toBe("403 INSUFFICIENT_SCOPE");
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it.each(roles)("obeys the role %s", async (role) => {
    const { caller, ids } = await household(role);
    const before = await countEveryRow(api.database.db);
    const reply = await ask(name, ids, { Cookie: caller.cookie });
    if ((scopesOfRole[role] as readonly string[]).includes(needsOf(name))) {
      expect([200, 201], reply.text).toContain(reply.status);
    } else {
      expect(verdict(reply)).toBe("403 INSUFFICIENT_SCOPE");
      expect(await countEveryRow(api.database.db)).toEqual(before);
    }
  });

  it("refuses an owner of another organisation who names something here with 403", async () => {
    const victim = await household();
    const thief = await household();
    const { id, body } = examples[name]?.(victim.ids) ?? {};
    const takesIds = id !== undefined || (body && "personId" in body);
    if (!takesIds) return;
    const before = await countEveryRow(api.database.db);
    const reply = await ask(name, victim.ids, { Cookie: thief.owner.cookie });
    expect(verdict(reply)).toBe("403 FORBIDDEN");
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("answers the instance operator, if it is about the instance", async () => {
    const { caller, ids } = await household("viewer", true);
    const reply = await ask(name, ids, { Cookie: caller.cookie });
    if (/^instance:|^session:/.test(needsOf(name))) expect(reply.status).toBeLessThan(300);
    else expect(verdict(reply)).toBe("403 INSUFFICIENT_SCOPE");
  });
});

describe("the people of an organisation", () => {
  it("are listed with their roles, and none of another's", async () => {
    const { owner, other } = await household("finance");
    await household();
    const { body } = await as(owner, "/v1/people");
    const data = body.data as { id: string; role: string }[];
    expect(data.map(({ role }) => role)).toEqual(["owner", "finance", "viewer"]);
    expect(data.map(({ id }) => id)).toContain(other.personId);
    const invitations = (await as(owner, "/v1/invitations")).body.data;
    expect(invitations).toMatchObject([{ email: "invited@example.com", role: "viewer" }]);
  });

  it("are shown with when they were last seen, how often they are signed in, and who cannot go", async () => {
    const { owner, other } = await household("finance");
    const { db } = api.database;
    const person = async () => (await as(owner, `/v1/people/${other.personId}`)).body;
    expect(await person()).toMatchObject({ sessions: 1, isLastOwner: false });
    await makeSession(db, other.personId);
    await query(
      db,
      "update sessions set seen_at = now() - interval '1 day' where session_id = $1",
      [other.sessionId],
    );
    expect(await person()).toMatchObject({ sessions: 1 });
    const all = (await as(owner, "/v1/people")).body.data as Record<string, unknown>[];
    expect(all.map(({ isLastOwner }) => isLastOwner)).toEqual([true, false, false]);
    const ended = await as(owner, `/v1/people/${other.personId}/sign-out`, {});
    expect(ended.body).toEqual({ ended: 2 });
    expect(await person()).toMatchObject({ sessions: 0, lastSeenAt: null });
    expect(verdict(await as(other, "/v1/session"))).toBe("401 SESSION_OVER");
    await query(
      db,
      "update people set last_seen_at = '2026-01-02T03:04:05Z' where person_id = $1",
      [other.personId],
    );
    expect(await person()).toMatchObject({ lastSeenAt: "2026-01-02T03:04:05.000Z" });
    await as(owner, `/v1/people/${other.personId}/role`, { role: "owner" });
    const [first] = (await as(owner, "/v1/people")).body.data as Record<string, unknown>[];
    expect(first?.isLastOwner).toBe(false);
  });

  it("read what each role may do, as requests are held against it", async () => {
    const { caller } = await household("viewer");
    const { body } = await as(caller, "/v1/roles");
    const told = body.roles as { role: Role; scopes: string[] }[];
    expect(Object.fromEntries(told.map((one) => [one.role, one.scopes]))).toEqual(scopesOfRole);
    expect(body.instanceOperator).toEqual({ scopes: ["instance:read", "instance:write"] });
  });

  it("change their own names, and the log says what they were", async () => {
    const { caller } = await household("viewer");
    const changed = await as(caller, "/v1/session/name", { name: "Ann of Oz" });
    expect(changed.body).toMatchObject({ person: { name: "Ann of Oz" } });
    const now = await as(caller, "/v1/session");
    expect(now.body).toMatchObject({ person: { name: "Ann of Oz" } });
    const said = await query(
      api.database.db,
      "select after from audit_entries where action = 'person.name' and object_id = $1",
      [caller.personId],
    );
    expect(JSON.stringify(said)).toContain("Ann of Oz");
  });

  it("see what their organisation has here, and owners rename it, on record", async () => {
    const { owner, other } = await household();
    const { body } = await as(other, "/v1/organisation");
    expect(body).toMatchObject({
      name: "Acme",
      tenants: { live: owner.liveTenantId, test: owner.testTenantId },
      limits: { perKey: 2_000 },
      keptDays: { declines: null, worlds: 7 },
    });
    await as(owner, "/v1/organisation/name", { name: "Acme & Daughters" });
    const session = await as(other, "/v1/session");
    expect(session.body).toMatchObject({ organisation: { name: "Acme & Daughters" } });
    const said = await query(
      api.database.db,
      "select before, after from audit_entries where action = 'organisation.rename' and tenant_id = $1",
      [owner.liveTenantId],
    );
    expect(said).toEqual([{ before: '{"name":"Acme"}', after: '{"name":"Acme & Daughters"}' }]);
    expect(verdict(await as(owner, "/v1/organisation/name", { name: " " }))).toBe(
      "422 VALIDATION_FAILED",
    );
  });

  it("are invited for as long as it says, a week otherwise", async () => {
    const { owner } = await household();
    const invited = async (more: object) => {
      const body = { email: "long@example.com", role: "viewer", ...more };
      const reply = await as(owner, "/v1/invitations", body);
      const { createdAt, expiresAt } = reply.body as Record<string, string>;
      return (Date.parse(expiresAt ?? "") - Date.parse(createdAt ?? "")) / 3_600_000;
    };
    expect(await invited({})).toBe(168);
    expect(await invited({ expiresInHours: 5 })).toBe(5);
    const body = { email: "long@example.com", role: "viewer", expiresInHours: 721 };
    expect(verdict(await as(owner, "/v1/invitations", body))).toBe("422 VALIDATION_FAILED");
  });

  it("feel a change of role and a removal with the next request", async () => {
    const { owner, other } = await household();
    const path = `/v1/people/${other.personId}`;
    expect((await as(other, "/v1/people")).status).toBe(403);
    const raised = await as(owner, `${path}/role`, { role: "owner" });
    expect(raised.body).toMatchObject({ id: other.personId, role: "owner" });
    expect((await as(other, "/v1/people")).status).toBe(200);
    expect((await as(owner, `${path}/remove`, {})).status).toBe(200);
    expect(verdict(await as(other, "/v1/people"))).toBe("401 SESSION_OVER");
    expect(verdict(await as(owner, `${path}/remove`, {}))).toBe("404 UNKNOWN_PERSON");
    expect((await verifyChain(api.database.db, owner.liveTenantId)).brokenAt).toBeUndefined();
    const said = await query(
      api.database.db,
      "select action from audit_entries where tenant_id = $1 and object_id = $2 order by seq",
      [owner.liveTenantId, other.personId],
    );
    expect(said).toEqual([{ action: "person.role" }, { action: "person.remove" }]);
  });

  it("lose the links that they passed on when they lose the right to", async () => {
    const { owner, caller } = await household("owner");
    const invited = await as(caller, "/v1/invitations", { email: "x@y.z", role: "owner" });
    await as(owner, `/v1/people/${caller.personId}/role`, { role: "viewer" });
    const body = { token: invited.body.token, name: "X", password: "correct horse battery" };
    expect(verdict(await send(api, "/v1/sign-up", { body }))).toBe("404 LINK_NOT_VALID");
  });

  it("always have an owner: the last cannot go or step down", async () => {
    const { owner } = await household("operator");
    const path = `/v1/people/${owner.personId}`;
    expect(verdict(await as(owner, `${path}/remove`, {}))).toBe("409 LAST_OWNER");
    expect(verdict(await as(owner, `${path}/role`, { role: "viewer" }))).toBe("409 LAST_OWNER");
    expect((await as(owner, `${path}/role`, { role: "owner" })).status).toBe(200);
  });

  it("have one also when two owners put each other out at the same moment", async () => {
    for (let round = 0; round < 8; round++) {
      const { db } = api.database;
      const one = await makePerson(db);
      const two = await makePerson(db, { home: one });
      const out = round % 2 === 0 ? ["remove", {}] : ["role", { role: "viewer" }];
      const [verb, body] = out as [string, object];
      await Promise.all([
        as(one, `/v1/people/${two.personId}/${verb}`, body),
        as(two, `/v1/people/${one.personId}/${verb}`, body),
      ]);
      const owners = await query(
        db,
        "select 1 from memberships where organisation_id = $1 and role = 'owner'",
        [one.organisationId],
      );
      expect(owners).toHaveLength(1);
    }
  });

  it("who run the server are not put out, nor let in anew, by an owner", async () => {
    const { owner, caller } = await household("operator", true);
    const { personId } = caller;
    const before = await countEveryRow(api.database.db);
    for (const reply of [
      await as(owner, `/v1/people/${personId}/remove`, {}),
      await as(owner, "/v1/recoveries", { personId }),
    ]) {
      expect(verdict(reply)).toBe("403 FORBIDDEN");
      expect(reply.body.detail).toContain("command line");
    }
    expect(await countEveryRow(api.database.db)).toEqual(before);
  });

  it("are invited once: a newer invitation of an address ends the older, a revoked one is gone", async () => {
    const { owner } = await household();
    const body = { email: "Twice@Example.com", role: "viewer" };
    const [first, second] = [
      await as(owner, "/v1/invitations", body),
      await as(owner, "/v1/invitations", body),
    ];
    const use = (token: unknown) =>
      send(api, "/v1/sign-up", { body: { token, name: "T", password: "correct horse battery" } });
    expect(verdict(await use(first.body.token))).toBe("404 LINK_NOT_VALID");
    expect(second.body.link).toBe(`/join#${String(second.body.token)}`);
    await as(owner, `/v1/invitations/${String(second.body.id)}/revoke`, {});
    expect(verdict(await use(second.body.token))).toBe("404 LINK_NOT_VALID");
    const again = await as(owner, "/v1/invitations", { ...body, email: owner.email });
    expect(verdict(again)).toBe("409 EMAIL_TAKEN");
  });
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
