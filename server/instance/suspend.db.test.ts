import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { instanceChain } from "../audit/instance-chain.ts";
import { verifyChain } from "../audit/verify-chain.ts";
import { scopes } from "../auth/scopes.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { startServer } from "../main.ts";
import { commitBodyOf, makeKey, post, startApi, type TestApi } from "../testing/api.ts";
import { send, verdict } from "../testing/browser.ts";
import { openTest } from "../testing/database.ts";
import type { Shop } from "../testing/factories.ts";
import { listen } from "../testing/listener.ts";
import { look, query } from "../testing/look.ts";
import { makePerson, makeShopIn, type SignedIn } from "../testing/people.ts";

const reason = "Three invoices are unpaid: call 555 0100.";

let api: TestApi;
let operator: SignedIn;
let owner: SignedIn;
let shop: Shop;
let key: string;
beforeAll(async () => {
  api = await startApi();
  operator = await makePerson(api.database.db, { isInstanceOperator: true });
});
beforeEach(async () => {
  const { db } = api.database;
  owner = await makePerson(db);
  shop = await makeShopIn(db, owner.liveTenantId);
  key = await makeKey(api, shop, scopes);
});
afterAll(() => api.close());

const act = (verb: "suspend" | "reopen", organisationId = owner.organisationId, body?: object) =>
  send(api, `/v1/instance/organisations/${organisationId}/${verb}`, {
    cookie: operator.cookie,
    body: body ?? (verb === "suspend" ? { reason } : {}),
  });
const buy = async (
  at: { readonly url: string } = api,
  idempotencyKey: string = crypto.randomUUID(),
) => post({ ...api, ...at }, "/v1/purchases/commit", commitBodyOf(shop), { key, idempotencyKey });
const as = ({ cookie }: SignedIn, path: string, body?: object) =>
  send(api, path, { cookie, ...(body && { body }) });

describe("a suspended organisation", () => {
  it("sells nothing: its keys are told why with the next call, and nothing is recorded", async () => {
    expect((await buy()).status).toBe(201);
    const before = await look(api.database.db, shop);
    expect((await act("suspend")).body).toMatchObject({ suspension: { reason } });
    const refused = await buy();
    expect(verdict(refused)).toBe("403 ORGANISATION_SUSPENDED");
    expect(refused.body.detail).toContain(reason);
    expect(refused.body.retryable).toBe(false);
    expect(refused.headers.get("www-authenticate")).toBeNull();
    for (const path of ["/v1/items", "/v1/purchases", "/v1/ledger/entries"]) {
      const reply = await send(api, path, { headers: { Authorization: `Bearer ${key}` } });
      expect(verdict(reply)).toBe("403 ORGANISATION_SUSPENDED");
    }
    expect(await look(api.database.db, shop)).toEqual(before);
  });

  it("keeps its test tenant's keys out as well, and nobody else's", async () => {
    const testKey = await makeKey(api, { tenantId: owner.testTenantId }, ["items:read"]);
    const stranger = await makePerson(api.database.db);
    const other = await makeKey(api, { tenantId: stranger.liveTenantId }, ["items:read"]);
    await act("suspend");
    const items = (one: string) =>
      send(api, "/v1/items", { headers: { Authorization: `Bearer ${one}` } });
    expect(verdict(await items(testKey))).toBe("403 ORGANISATION_SUSPENDED");
    expect((await items(other)).status).toBe(200);
    expect((await as(stranger, "/v1/items")).status).toBe(200);
  });

  it("lets its people read why and sign out, and do nothing else", async () => {
    await act("suspend");
    const session = await as(owner, "/v1/session");
    expect(session.body).toMatchObject({ organisation: { suspension: { reason } } });
    for (const path of ["/v1/items", "/v1/people", "/v1/keys", "/v1/audit/entries"]) {
      expect(verdict(await as(owner, path))).toBe("403 ORGANISATION_SUSPENDED");
    }
    const invited = await as(owner, "/v1/invitations", { email: "a@b.c", role: "owner" });
    expect(verdict(invited)).toBe("403 ORGANISATION_SUSPENDED");
    const out = await send(api, "/v1/session", { method: "DELETE", cookie: owner.cookie });
    expect(out.status).toBe(200);
  });

  it("ends the streams that it listens on, with the reason", async () => {
    const stream = await listen(`${api.url}/v1/stream?topics=purchases`, {
      Authorization: `Bearer ${key}`,
    });
    await stream.next("open");
    await act("suspend");
    const { data } = await stream.next("end");
    expect(data).toEqual({ reason: "ORGANISATION_SUSPENDED" });
  });

  it("is refused by another server within the second that it may remember a key", async () => {
    const config = readConfig({
      ZERORACE_PORT: "0",
      ZERORACE_METRICS_PORT: "0",
      ZERORACE_DRAIN_DELAY_MS: "0",
    });
    const db = openTest(api.database.url);
    const other = await startServer(config, db, makeLog("test", { logLevel: "silent" }));
    try {
      expect((await buy(other)).status).toBe(201);
      await act("suspend");
      const patience = { timeout: 10_000, interval: 200 };
      await expect.poll(async () => verdict(await buy(other)), patience).toContain("SUSPENDED");
      expect(verdict(await buy(other))).toBe("403 ORGANISATION_SUSPENDED");
    } finally {
      await other.drain();
      await db.close();
    }
  });

  it("sells again when it is reopened, and an answer of before is the same under its key", async () => {
    const first = await buy(api, "before");
    await act("suspend");
    expect(verdict(await buy(api, "before"))).toBe("403 ORGANISATION_SUSPENDED");
    expect((await act("reopen")).body).toMatchObject({ suspension: null });
    const again = await buy(api, "before");
    expect(again.body).toMatchObject({ intentId: first.body.intentId, replayed: true });
    expect((await buy()).status).toBe(201);
    expect((await as(owner, "/v1/items")).status).toBe(200);
    const session = await as(owner, "/v1/session");
    expect(session.body).toMatchObject({ organisation: { suspension: null } });
  });

  it("has both acts on record, in its own log and in that of the instance, once each", async () => {
    for (const verb of ["suspend", "suspend", "reopen", "reopen"] as const) {
      expect((await act(verb)).status).toBe(200);
    }
    for (const chain of [owner.liveTenantId, instanceChain]) {
      const said = await query(
        api.database.db,
        `select action, reason, actor_id as by from audit_entries
          where tenant_id = $1 and object_id = $2 and action <> 'organisation.create' order by seq`,
        [chain, owner.organisationId],
      );
      expect(said).toEqual([
        { action: "organisation.suspend", reason, by: operator.personId },
        { action: "organisation.reopen", reason: null, by: operator.personId },
      ]);
      expect((await verifyChain(api.database.db, chain)).brokenAt).toBeUndefined();
    }
  });
});

describe("who suspends", () => {
  it("sees in the list which are suspended, since when and why; another reason keeps the day", async () => {
    const first = await act("suspend");
    const again = await act("suspend", owner.organisationId, { reason: "Still unpaid." });
    const { since } = first.body.suspension as { since: string };
    expect(again.body.suspension).toEqual({ since, reason: "Still unpaid." });
    const { body } = await as(operator, "/v1/instance/organisations");
    const data = body.data as { id: string; suspension: unknown }[];
    expect(data.find(({ id }) => id === owner.organisationId)?.suspension).toEqual({
      since,
      reason: "Still unpaid.",
    });
    expect(data.find(({ id }) => id === operator.organisationId)?.suspension).toBeNull();
  });

  it("cannot shut out itself, nor an organisation that there is not, nor without a reason", async () => {
    expect(verdict(await act("suspend", operator.organisationId))).toBe("409 OWN_ORGANISATION");
    const nobody = "00000000-0000-4000-8000-000000000000";
    for (const id of [nobody, "x"]) {
      expect(verdict(await act("suspend", id))).toBe("404 UNKNOWN_ORGANISATION");
      expect(verdict(await act("reopen", id))).toBe("404 UNKNOWN_ORGANISATION");
    }
    for (const body of [{}, { reason: " " }, { reason: "x".repeat(501) }, { reason, why: 1 }]) {
      expect((await act("suspend", owner.organisationId, body)).status).toBe(422);
    }
    expect((await buy()).status).toBe(201);
  });
});
