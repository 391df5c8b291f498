import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { instanceChain } from "../audit/instance-chain.ts";
import { verifyChain } from "../audit/verify-chain.ts";
import { mintToken } from "../auth/secret-token.ts";
import { makeRecovery, invite } from "../people/pass-on.ts";
import { startApi, type Reply, type TestApi } from "../testing/api.ts";
import { cookieIn, send, verdict } from "../testing/browser.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { query } from "../testing/look.ts";
import { makeHome, makePerson } from "../testing/people.ts";
import { makeClaimLink, type ClaimLink } from "./claim.ts";

const actor = { kind: "command", id: "test" } as const;
const password = "correct horse battery";

let api: TestApi;
let open: TestApi;
beforeAll(async () => {
  api = await startApi();
  open = await startApi({ ZERORACE_SIGN_UP: "open" });
});
afterAll(() => Promise.all([api.close(), open.close()]));

const claim = (token: string, more: object = {}) =>
  send(api, "/v1/claim", {
    body: { token, organisation: "Acme", name: "Ann", email: "ann@example.com", password, ...more },
  });
const signUp = (body: object, at = api) =>
  send(at, "/v1/sign-up", { body: { name: "Bob", password, ...body } });
const me = async (reply: Reply) => {
  const cookie = cookieIn(reply);
  return (await send(api, "/v1/session", cookie === undefined ? {} : { cookie })).body;
};
const link = async (terms: object = {}): Promise<string> => {
  const made: ClaimLink = await makeClaimLink(api.database.db, { actor, ...terms });
  return made.kind === "made" ? made.token : made.kind;
};

describe("the claim link", () => {
  beforeEach(async () => {
    // As if nobody had come yet.
    for (const table of ["people", "memberships", "sessions", "links"]) {
      await query(api.database.db, `delete from ${table}`);
    }
  });

  it("makes its first user owner of an organisation and instance operator, signed in", async () => {
    const reply = await claim(await link(), { email: "Ann@Example.COM" });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      person: { email: "ann@example.com", name: "Ann", isInstanceOperator: true },
      role: "owner",
      organisation: { name: "Acme" },
    });
    expect(await me(reply)).toEqual(reply.body);
    const { tenants } = reply.body as { tenants: { live: string; test: string } };
    for (const chain of [tenants.live, tenants.test, instanceChain]) {
      const { entries, brokenAt } = await verifyChain(api.database.db, chain);
      expect(entries).toBeGreaterThan(0);
      expect(brokenAt).toBeUndefined();
    }
  });

  it("of twenty at once lets exactly one in, and leaves nothing of the others", async () => {
    const token = await link();
    const before = await countEveryRow(api.database.db);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, n) => claim(token, { email: `p${n}@example.com` })),
    );
    const verdicts = all.map(verdict);
    expect(verdicts.filter((one) => one === "201")).toHaveLength(1);
    expect(new Set(verdicts)).toEqual(new Set(["201", "404 LINK_NOT_VALID"]));
    expect(await countEveryRow(api.database.db)).toMatchObject({
      people: 1,
      memberships: 1,
      sessions: 1,
      links: 0,
      organisations: (before.organisations ?? 0) + 1,
      tenants: (before.tenants ?? 0) + 2,
    });
  }, 60_000);

  it("ends when a newer one is made, when it is used, and after a day", async () => {
    const older = await link();
    const newer = await link();
    expect(verdict(await claim(older))).toBe("404 LINK_NOT_VALID");
    await query(api.database.db, "update links set expires_at = now()");
    expect(verdict(await claim(newer))).toBe("404 LINK_NOT_VALID");
    const last = await link();
    expect((await claim(last)).status).toBe(201);
    expect(verdict(await claim(last, { email: "eve@example.com" }))).toBe("404 LINK_NOT_VALID");
  });

  it("that was first stays when several servers start", async () => {
    const first = await link({ onlyFirst: true });
    expect(await link({ onlyFirst: true })).toBe("there");
    expect((await claim(first)).status).toBe(201);
  });

  it("is not made again for a claimed instance, unless to take the operator's place", async () => {
    const first = await claim(await link());
    expect(await link()).toBe("claimed");
    const again = await link({ replacesOperator: true });
    expect(verdict(await claim(again))).toBe("409 EMAIL_TAKEN");
    const second = await claim(again, { email: "new@example.com" });
    expect(second.body).toMatchObject({ person: { isInstanceOperator: true } });
    const at = "/v1/instance/organisations";
    const cookieOf = (reply: Reply) => cookieIn(reply) ?? "";
    expect((await send(api, at, { cookie: cookieOf(second) })).status).toBe(200);
    const before = await send(api, at, { cookie: cookieOf(first) });
    expect(verdict(before)).toBe("403 INSUFFICIENT_SCOPE");
    expect((await me(first)).person).toMatchObject({ isInstanceOperator: false });
  });

  it("races a new link for the same place, and never makes two operators", async () => {
    const token = await link();
    await Promise.all([claim(token), link(), claim(token, { email: "b@example.com" }), link()]);
    const operators = await query(api.database.db, "select 1 from people where instance_operator");
    expect(operators.length).toBeLessThanOrEqual(1);
    if (operators.length === 1) expect(await link()).toBe("claimed");
  });
});

describe("sign-up", () => {
  it("is told to visitors as it is", async () => {
    expect((await send(api, "/v1/entrance")).body).toEqual({ signUp: "invitation" });
    expect((await send(open, "/v1/entrance")).body).toEqual({ signUp: "open" });
    expect(verdict(await send(api, "/v1/entrance?x=1"))).toBe("422 UNKNOWN_PARAMETER");
  });

  const invited = async (email: string, role: "viewer" | "owner" = "viewer") => {
    const home = await makeHome(api.database.db);
    const { token } = await invite(api.database.db, { into: home, email, role }, { actor });
    return { home, token };
  };

  it("by invitation joins that organisation in that role, once", async () => {
    const { home, token } = await invited("bob@example.com");
    const reply = await signUp({ token });
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      role: "viewer",
      person: { email: "bob@example.com", isInstanceOperator: false },
      organisation: { id: home.organisationId },
      tenants: { live: home.liveTenantId, test: home.testTenantId },
    });
    expect(verdict(await signUp({ token }))).toBe("404 LINK_NOT_VALID");
    expect((await verifyChain(api.database.db, home.liveTenantId)).brokenAt).toBeUndefined();
  });

  it("by an invitation to found an organisation makes one, and its owner", async () => {
    const founder = { into: undefined, email: "eva@example.com", role: "owner" } as const;
    const { token } = await invite(api.database.db, founder, { actor });
    expect(verdict(await signUp({ token }))).toBe("422 VALIDATION_FAILED");
    const { status, body } = await signUp({ token, organisation: "Eva's" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ role: "owner", organisation: { name: "Eva's" } });
  });

  it("is for the address that was invited, and not for one that has an account", async () => {
    const { token } = await invited("carl@example.com");
    const before = await countEveryRow(api.database.db);
    for (const wrong of [{ email: "eve@example.com" }, { organisation: "Other" }]) {
      expect(verdict(await signUp({ token, ...wrong }))).toBe("422 VALIDATION_FAILED");
    }
    const { email } = await makePerson(api.database.db);
    const { token: second } = await invited(email);
    const rows = await countEveryRow(api.database.db);
    expect(verdict(await signUp({ token: second }))).toBe("409 EMAIL_TAKEN");
    expect(await countEveryRow(api.database.db)).toEqual(rows);
    expect(rows.links).toBe((before.links ?? 0) + 1);
  });

  it("without an invitation is closed, whatever is asked for", async () => {
    const body = { email: "dan@example.com", organisation: "Dan's" };
    const before = await countEveryRow(api.database.db);
    expect(verdict(await signUp(body))).toBe("403 SIGN_UP_CLOSED");
    expect(await countEveryRow(api.database.db)).toEqual(before);
    for (const token of ["x", mintToken("link").token]) {
      expect(verdict(await signUp({ token }))).toBe("404 LINK_NOT_VALID");
    }
    const session = mintToken("session").token;
    expect(verdict(await signUp({ token: session }))).toBe("422 API_KEY_IN_BODY");
  });

  it("where it is open makes an organisation of one's own, until too many come from one network", async () => {
    const founder = (n: number) => ({ email: `f${n}@example.com`, organisation: `No ${n}` });
    const first = await signUp(founder(0), open);
    expect(first.body).toMatchObject({ role: "owner", person: { isInstanceOperator: false } });
    expect(verdict(await signUp(founder(0), open))).toBe("409 EMAIL_TAKEN");
    for (let n = 1; n < 9; n++) expect((await signUp(founder(n), open)).status).toBe(201);
    const late = await signUp(founder(10), open);
    expect(verdict(late)).toBe("429 RATE_LIMITED");
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("of one address at once makes one account", async () => {
    const home = await makeHome(api.database.db);
    const tokens = await Promise.all(
      [home, await makeHome(api.database.db), await makeHome(api.database.db)].map(
        async (into) =>
          (
            await invite(
              api.database.db,
              { into, email: "gus@example.com", role: "viewer" },
              { actor },
            )
          ).token,
      ),
    );
    const all = await Promise.all(tokens.map((token) => signUp({ token })));
    expect(all.map(verdict).sort()).toEqual(["201", "409 EMAIL_TAKEN", "409 EMAIL_TAKEN"]);
  });
});

describe("a recovery link", () => {
  const recover = (token: string, given = "another good password") =>
    send(api, "/v1/recoveries/use", { body: { token, password: given } });

  it("sets a new password once, ends all sessions, and signs in", async () => {
    const { personId, email, cookie } = await makePerson(api.database.db);
    const tries = Array.from({ length: 6 }, () => ({ email, password: "forgotten" }));
    for (const body of tries) await send(api, "/v1/session", { body });
    const { token } = await makeRecovery(
      api.database.db,
      { personId, reach: "anybody" },
      { actor },
    );
    expect((await send(api, "/v1/session", { cookie })).status).toBe(200);
    const reply = await recover(token);
    expect(reply.status).toBe(200);
    expect((await me(reply)).person).toMatchObject({ id: personId });
    expect((await send(api, "/v1/session", { cookie })).status).toBe(401);
    expect(verdict(await recover(token))).toBe("404 LINK_NOT_VALID");
    const body = { email, password: "another good password" };
    expect((await send(api, "/v1/session", { body })).status).toBe(200);
  });

  it("of an owner is void once the person is instance operator or elsewhere", async () => {
    const { db } = api.database;
    const ann = await makePerson(db);
    const { token } = await makeRecovery(db, { personId: ann.personId, reach: ann }, { actor });
    const set = "update people set instance_operator = $2 where person_id = $1";
    await query(db, set, [ann.personId, true]);
    expect(verdict(await recover(token))).toBe("404 LINK_NOT_VALID");
    await query(db, set, [ann.personId, false]);
    const elsewhere = await makeHome(db);
    const move = "update memberships set organisation_id = $2 where person_id = $1";
    await query(db, move, [ann.personId, elsewhere.organisationId]);
    expect(verdict(await recover(token))).toBe("404 LINK_NOT_VALID");
    await query(db, move, [ann.personId, ann.organisationId]);
    expect((await recover(token)).status).toBe(200);
  });
});

it("no password, session or link stands in any row, log line or metric", async () => {
  const { db } = api.database;
  const secret = "canary-7391-password-of-words";
  const home = await makeHome(db);
  const { token } = await invite(
    db,
    { into: home, email: "can@example.com", role: "owner" },
    { actor },
  );
  const reply = await signUp({ token, password: secret });
  const cookie = cookieIn(reply) ?? "";
  const body = { email: "can@example.com", password: secret };
  await send(api, "/v1/session", { body, cookie });
  await send(api, "/v1/session", { body: { ...body, password: `${secret}x` } });
  await send(api, "/v1/session", { body: { ...body, extra: secret } });
  await claim(token, { password: secret });
  const tables = await query<{ name: string }>(
    db,
    "select tablename as name from pg_tables where schemaname = current_schema()",
  );
  const texts = await Promise.all(
    tables.map(({ name }) => query(db, `select t::text as row from ${name} t`)),
  );
  const seen =
    JSON.stringify(texts) + api.logged.join("\n") + (await db.metrics.registry.metrics());
  for (const one of [secret, token.slice(4), cookie.split("zrs_")[1] ?? "none"]) {
    expect(one.length).toBeGreaterThan(20);
    expect(seen).not.toContain(one);
  }
  expect(api.logged).toEqual([]);
});
