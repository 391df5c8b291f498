import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword } from "../auth/password.ts";
import { readConfig } from "../base/config.ts";
import { makeLog } from "../base/log.ts";
import { startServer } from "../main.ts";
import { makeKey, startApi, type Reply, type TestApi } from "../testing/api.ts";
import { cookieIn, send, verdict } from "../testing/browser.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { query } from "../testing/look.ts";
import { makePerson, makeSession, type SignedIn } from "../testing/people.ts";

const password = "correct horse battery";

let api: TestApi;
let phc: string;
beforeAll(async () => {
  api = await startApi();
  phc = await hashPassword(password);
});
afterAll(() => api.close());

/** Somebody whose password is known, and whose attempts so far are forgotten. */
async function somebody(): Promise<SignedIn> {
  const { db } = api.database;
  const person = await makePerson(db);
  const set = "update people set password_hash = $2 where person_id = $1";
  await query(db, set, [person.personId, phc]);
  await query(db, "delete from sign_in_failures");
  return person;
}

const signIn = (email: string, given = password, headers?: Record<string, string>) =>
  send(api, "/v1/session", { body: { email, password: given }, ...(headers && { headers }) });
const me = (cookie: string, headers: Record<string, string> = {}) =>
  send(api, "/v1/session", { cookie, headers });
const withoutIds = ({ body }: Reply) => ({ ...body, requestId: "" });

describe("signing in", () => {
  it("begins a session under a new token and ends the one before", async () => {
    const { email, personId, cookie: before } = await somebody();
    const reply = await send(api, "/v1/session", {
      body: { email: email.toUpperCase(), password },
      cookie: before,
    });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ person: { id: personId }, role: "owner" });
    expect(reply.headers.get("cache-control")).toBe("no-store");
    const cookie = cookieIn(reply) ?? "";
    expect(cookie).toMatch(/^zerorace-session=zrs_[\w-]{43}$/);
    expect(cookie).not.toBe(before);
    expect((await me(cookie)).body).toEqual(reply.body);
    expect(verdict(await me(before))).toBe("401 SESSION_OVER");
  });

  it("does not take over a token that somebody else made up", async () => {
    const { email } = await somebody();
    const planted = `zerorace-session=zrs_${"A".repeat(43)}`;
    const body = { email, password };
    const reply = await send(api, "/v1/session", { body, cookie: planted });
    expect(cookieIn(reply)).not.toBe(planted);
    expect((await me(planted)).status).toBe(401);
  });

  it("tells an unknown address from a wrong password in no way", async () => {
    const { email } = await somebody();
    const [wrong, unknown] = [await signIn(email, "wrong"), await signIn("nobody@x.y", "wrong")];
    expect(verdict(wrong)).toBe("401 WRONG_CREDENTIALS");
    expect(withoutIds(wrong)).toEqual(withoutIds(unknown));
    const names = (reply: Reply) => [...reply.headers.keys()].sort();
    expect(names(wrong)).toEqual(names(unknown));
    expect(cookieIn(wrong)).toBeUndefined();
    for (let n = 0; n < 4; n++) {
      await signIn(email, "wrong");
      await signIn("nobody@x.y", "wrong");
    }
    const [blocked, other] = [await signIn(email), await signIn("nobody@x.y")];
    expect([verdict(blocked), verdict(other)]).toEqual(["429 RATE_LIMITED", "429 RATE_LIMITED"]);
    expect(Number(blocked.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("does as much work for an unknown address as for a wrong password", async () => {
    const { email } = await somebody();
    const timed = async (address: string): Promise<number> => {
      await query(api.database.db, "delete from sign_in_failures");
      const startedAt = performance.now();
      await signIn(address, "wrong");
      return performance.now() - startedAt;
    };
    const times: { known: number; unknown: number }[] = [];
    for (let n = 0; n < 15; n++) {
      times.push({ known: await timed(email), unknown: await timed("nobody@x.y") });
    }
    const median = (some: number[]): number => some.sort((a, b) => a - b)[7] ?? 0;
    const known = median(times.map((one) => one.known));
    const unknown = median(times.map((one) => one.unknown));
    // A hash is most of it: without one for the unknown it would be a tenth.
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it("after failures waits on other servers and after a restart, too; success starts anew", async () => {
    const { email } = await somebody();
    const config = readConfig({ ZERORACE_PORT: "0", ZERORACE_METRICS_PORT: "0" });
    const log = makeLog("test", { logLevel: "silent" });
    const other = await startServer(config, api.database.db, log);
    try {
      for (let n = 0; n < 5; n++) await signIn(email, "wrong");
      const body = { email, password };
      expect(verdict(await send(other, "/v1/session", { body }))).toBe("429 RATE_LIMITED");
      await query(api.database.db, "update sign_in_failures set blocked_until = now()");
      const reply = await send(other, "/v1/session", { body });
      expect(reply.status).toBe(200);
      // A session of one server is a session of the other.
      expect((await me(cookieIn(reply) ?? "")).status).toBe(200);
      for (let n = 0; n < 4; n++) expect((await signIn(email, "wrong")).status).toBe(401);
      expect((await signIn(email)).status).toBe(200);
    } finally {
      await other.drain();
    }
  });

  it("leaves an entry in the log whether it went well or not", async () => {
    const { email, liveTenantId, personId } = await somebody();
    await signIn(email, "wrong");
    await signIn(email);
    const entries = await query(
      api.database.db,
      "select action, actor_kind, actor_id, ip from audit_entries where tenant_id = $1 order by seq desc limit 2",
      [liveTenantId],
    );
    expect(entries).toEqual([
      { action: "session.start", actor_kind: "person", actor_id: personId, ip: "127.0.0.1" },
      { action: "session.refuse", actor_kind: "system", actor_id: "sign-in", ip: "127.0.0.1" },
    ]);
  });
});

describe("another site", () => {
  it.each([
    [{ "Sec-Fetch-Site": "cross-site" }],
    [{ "Sec-Fetch-Site": "same-site" }],
    [{ Origin: "https://evil.example" }],
    [{ Origin: "null" }],
  ])("with %j changes nothing in a session, and signs nobody in", async (headers) => {
    const { email, cookie } = await somebody();
    const before = await countEveryRow(api.database.db);
    const all = [
      await send(api, "/v1/session", { method: "DELETE", cookie, headers }),
      await send(api, "/v1/sessions", { method: "DELETE", cookie, headers }),
      await send(api, "/v1/merchants", { body: { name: "m" }, cookie, headers }),
      await send(api, "/v1/invitations", { body: { email, role: "owner" }, cookie, headers }),
      await signIn(email, password, headers),
    ];
    expect(all.map(verdict)).toEqual(all.map(() => "403 CROSS_SITE_REQUEST"));
    expect(await countEveryRow(api.database.db)).toEqual(before);
    // Reading is harmless: no script there sees the answer.
    expect((await me(cookie, headers)).status).toBe(200);
    const own = { "Sec-Fetch-Site": "same-origin", Origin: api.url };
    const merchant = { ...own, "Idempotency-Key": email };
    const made = await send(api, "/v1/merchants", {
      body: { name: "m" },
      cookie,
      headers: merchant,
    });
    expect(made.status).toBe(201);
  });

  it("is no matter for a key, whose sender meant it", async () => {
    const { testTenantId } = await somebody();
    const key = await makeKey(api, { tenantId: testTenantId }, ["merchants:write"]);
    const headers = {
      Authorization: `Bearer ${key}`,
      "Sec-Fetch-Site": "cross-site",
      "Idempotency-Key": "k",
    };
    const made = await send(api, "/v1/merchants", { body: { name: "m" }, headers });
    expect(made.status).toBe(201);
  });
});

describe("who calls", () => {
  it("is the key, where a key and a cookie are sent", async () => {
    const { cookie, testTenantId } = await somebody();
    const key = await makeKey(api, { tenantId: testTenantId }, ["items:read"]);
    const headers = { Authorization: `Bearer ${key}` };
    expect((await send(api, "/v1/items", { headers, cookie: "zerorace-session=x" })).status).toBe(
      200,
    );
    expect((await send(api, "/v1/merchants", { headers, cookie })).status).toBe(403);
    const wrong = { Authorization: "Bearer zr_test_x" };
    expect((await send(api, "/v1/items", { headers: wrong, cookie })).status).toBe(401);
  });

  it("is in the test twin unless the header names the live tenant", async () => {
    const { cookie, liveTenantId, testTenantId } = await somebody();
    const make = async (tenant: Record<string, string>) => {
      const headers = { ...tenant, "Idempotency-Key": JSON.stringify(tenant).length.toString() };
      const { body } = await send(api, "/v1/merchants", { body: { name: "m" }, cookie, headers });
      const [row] = await query<{ tenant_id: string }>(
        api.database.db,
        "select tenant_id from merchants where merchant_id = $1",
        [body.id],
      );
      return row?.tenant_id;
    };
    expect(await make({})).toBe(testTenantId);
    expect(await make({ "ZeroRace-Tenant": liveTenantId.toUpperCase() })).toBe(liveTenantId);
    for (const tenant of ["", "live", "x", `${liveTenantId},${liveTenantId}`]) {
      const reply = await send(api, "/v1/items", {
        cookie,
        headers: { "ZeroRace-Tenant": tenant },
      });
      expect(verdict(reply), tenant).toBe("403 FORBIDDEN");
    }
  });
});

describe("one's sessions", () => {
  it("are listed and ended one by one, or all others at once, or by signing out", async () => {
    const { db } = api.database;
    const own = await somebody();
    const others = [await makeSession(db, own.personId), await makeSession(db, own.personId)];
    const ids = async () => {
      const { body } = await send(api, "/v1/sessions", { cookie: own.cookie });
      return (body.data as { id: string; isThis: boolean }[]).map(
        ({ id, isThis }) => `${id} ${isThis}`,
      );
    };
    expect((await ids()).sort()).toEqual(
      [`${own.sessionId} true`, ...others.map(({ sessionId }) => `${sessionId} false`)].sort(),
    );
    const end = (path: string) => send(api, path, { method: "DELETE", cookie: own.cookie });
    expect((await end(`/v1/sessions/${others[0]?.sessionId}`)).body).toEqual({ ended: 1 });
    expect(verdict(await end(`/v1/sessions/${others[0]?.sessionId}`))).toBe("404 UNKNOWN_SESSION");
    expect((await me(others[0]?.cookie ?? "")).status).toBe(401);
    expect((await end("/v1/sessions")).body).toEqual({ ended: 1 });
    expect(await ids()).toEqual([`${own.sessionId} true`]);
    const out = await end("/v1/session");
    expect(cookieIn(out)).toBe("zerorace-session=");
    expect((await me(own.cookie)).status).toBe(401);
  });

  it("end with a new password, but for the one that goes on under a new token", async () => {
    const own = await somebody();
    const other = await makeSession(api.database.db, own.personId);
    const change = (currentPassword: string, newPassword: string) =>
      send(api, "/v1/session/password", {
        body: { currentPassword, newPassword },
        cookie: own.cookie,
      });
    expect(verdict(await change("wrong", "another good password"))).toBe("422 VALIDATION_FAILED");
    expect(verdict(await change(password, "short"))).toBe("422 VALIDATION_FAILED");
    expect((await me(other.cookie)).status).toBe(200);
    const reply = await change(password, "another good password");
    expect(reply.status).toBe(200);
    expect((await me(cookieIn(reply) ?? "")).body).toMatchObject({ person: { id: own.personId } });
    expect((await me(own.cookie)).status).toBe(401);
    expect((await me(other.cookie)).status).toBe(401);
    expect((await signIn(own.email)).status).toBe(401);
    expect((await signIn(own.email, "another good password")).status).toBe(200);
  });
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
