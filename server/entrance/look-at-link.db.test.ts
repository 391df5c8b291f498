import { afterAll, beforeAll, expect, it } from "vitest";
import { startApi, type TestApi } from "../testing/api.ts";
import { send, verdict } from "../testing/browser.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { query } from "../testing/look.ts";
import { makePerson } from "../testing/people.ts";
import { invite, makeRecovery, revokeInvitation } from "../people/pass-on.ts";
import { makeClaimLink } from "./claim.ts";

const by = { actor: { kind: "command", id: "test" } } as const;

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const look = (token: string) => send(api, "/v1/links/look", { body: { token } });

it("an invitation says where to, for whom and as what, as often as it is asked, and stays good", async () => {
  const { db } = api.database;
  const into = await makePerson(db);
  const { token } = await invite(db, { into, email: "bo@example.com", role: "finance" }, by);
  const before = await countEveryRow(db);
  for (const reply of [await look(token), await look(token)]) {
    expect(reply.body).toMatchObject({
      kind: "invitation",
      organisation: "Acme",
      email: "bo@example.com",
      role: "finance",
    });
  }
  expect(await countEveryRow(db)).toEqual(before);
  const body = { token, name: "Bo", password: "correct horse battery" };
  expect((await send(api, "/v1/sign-up", { body })).status).toBe(201);
  expect(verdict(await look(token))).toBe("404 LINK_NOT_VALID");
});

it("one to found an organisation says that there is none yet", async () => {
  const { db } = api.database;
  const founder = { into: undefined, email: "eva@example.com", role: "owner" } as const;
  const { token } = await invite(db, founder, by);
  const { body } = await look(token);
  expect(body).toMatchObject({ kind: "invitation", organisation: null, role: "owner" });
});

it("a recovery says whose account it is, and not when its person is out of the owner's reach", async () => {
  const { db } = api.database;
  const person = await makePerson(db);
  const { token } = await makeRecovery(db, { personId: person.personId, reach: person }, by);
  expect((await look(token)).body).toMatchObject({ kind: "recovery", email: person.email });
  await query(db, "update people set instance_operator = true where person_id = $1", [
    person.personId,
  ]);
  expect(verdict(await look(token))).toBe("404 LINK_NOT_VALID");
  await query(db, "update people set instance_operator = false");
});

it("a claim link is good until somebody has claimed", async () => {
  const { db } = api.database;
  const made = await makeClaimLink(db, by);
  const token = made.kind === "made" ? made.token : "";
  const { body } = await look(token);
  expect(body).toMatchObject({ kind: "claim", organisation: null, email: null, role: null });
  const { personId } = await makePerson(db, { isInstanceOperator: true });
  expect(verdict(await look(token))).toBe("409 ALREADY_CLAIMED");
  await query(db, "update people set instance_operator = false where person_id = $1", [personId]);
});

it("one that was revoked, has expired, or never was, is not told apart", async () => {
  const { db } = api.database;
  const into = await makePerson(db);
  const revoked = await invite(db, { into, email: "cy@example.com", role: "viewer" }, by);
  await revokeInvitation(db, revoked.link.linkId, into, by);
  const expired = await invite(db, { into, email: "di@example.com", role: "viewer" }, by);
  await query(db, "update links set expires_at = now() where link_id = $1", [expired.link.linkId]);
  const replies = [revoked.token, expired.token, `zrl_${"A".repeat(43)}`, "x"].map(look);
  const bodies = (await Promise.all(replies)).map(({ body: { requestId: _, ...rest } }) => rest);
  for (const body of bodies) expect(body).toEqual(bodies[0]);
  expect(bodies[0]?.code).toBe("LINK_NOT_VALID");
});
