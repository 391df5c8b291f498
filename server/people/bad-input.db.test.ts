import { afterAll, beforeAll, expect, it } from "vitest";
import { call, startApi, type TestApi } from "../testing/api.ts";
import { send, verdict } from "../testing/browser.ts";
import { countEveryRow } from "../testing/every-row.ts";
import { query } from "../testing/look.ts";
import { makePerson, type SignedIn } from "../testing/people.ts";

/** Every body about people with something wrong in it: a problem each, never a 500, never a row. */
let api: TestApi;
let owner: SignedIn;
beforeAll(async () => {
  api = await startApi({ ZERORACE_SIGN_UP: "open" });
  owner = await makePerson(api.database.db, { isInstanceOperator: true });
});
afterAll(() => api.close());

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
const password = "correct horse battery";
const fine: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "/v1/claim": { token: "t", organisation: "A", name: "N", email: "a@b.c", password },
  "/v1/sign-up": { organisation: "A", name: "N", email: "a@b.c", password },
  "/v1/recoveries/use": { token: "t", password },
  "/v1/links/look": { token: "t" },
  "/v1/session": { email: "a@b.c", password },
  "/v1/session/password": { currentPassword: "x", newPassword: password },
  "/v1/invitations": { email: "a@b.c", role: "viewer" },
  "/v1/instance/invitations": { email: "a@b.c" },
  "/v1/recoveries": { personId: nobody },
  [`/v1/people/${nobody}/role`]: { role: "viewer" },
};

const text = [null, 1, "", ["x"], {}, true, "a\u0000b", "\ud800"];
const line = [...text, " ", "a\nb", "\u202ea", "a".repeat(201)];
const wrong: Readonly<Record<string, readonly unknown[]>> = {
  token: [...text, "x".repeat(201)],
  organisation: line,
  name: line,
  email: [
    ...line,
    "a",
    "a@",
    "@b.c",
    "a b@c.d",
    "a@b@c",
    "<a@b.c>",
    "a@b.c,d@e.f",
    "a@b.c\u200b",
    `${"a".repeat(65)}@b.c`,
    `a@${"b".repeat(255)}`,
  ],
  password: [...text, "short", "password1234", "a".repeat(257), "x y".repeat(20_000)],
  newPassword: [...text, "short", "aaaaaaaaaaaaaaaa"],
  currentPassword: [...text, "x".repeat(1_001)],
  role: [...text, "Owner", "admin", "owner ", "__proto__", "constructor"],
  personId: [...text, "x", `${nobody}0`, ` ${nobody}`],
};
/** A password that is tried may be anything that is not too long. */
const isTried = (path: string, value: unknown): boolean =>
  path === "/v1/session" && typeof value === "string" && value.length < 1_000 && value.length > 0;

const cases = Object.entries(fine).flatMap(([path, body]) => [
  ...Object.keys(body).flatMap((field) =>
    (wrong[field] ?? [])
      .filter((value) => !(field === "password" && isTried(path, value)))
      .map((value) => [path, field, value] as const),
  ),
  ...Object.keys(body)
    // An account without an invitation must name its organisation, one with it must not.
    .map((field) => [path, field, undefined] as const),
  [path, "isInstanceOperator", true] as const,
  [path, "__proto__x", {}] as const,
]);

it("is one of many", () => {
  expect(cases.length).toBeGreaterThan(200);
});

it.each(cases)("%s with %s = %j is refused and leaves nothing", async (path, field, value) => {
  await query(api.database.db, "delete from sign_in_failures");
  const before = await countEveryRow(api.database.db);
  const body = { ...fine[path], [field]: value };
  const reply = await send(api, path, { body, cookie: owner.cookie });
  const said = typeof value === "string" && /[\0\ud800]/.test(value);
  const expected = said ? "422 INVALID_CHARACTER" : "422 VALIDATION_FAILED";
  expect(verdict(reply)).toBe(expected);
  const [fault] = reply.body.errors as { pointer: string }[];
  expect(fault?.pointer).toBe(`/${field}`);
  if (typeof value === "string" && value.length > 3) expect(reply.text).not.toContain(value);
  const { sign_in_failures: _, ...after } = await countEveryRow(api.database.db);
  expect({ ...after, sign_in_failures: 0 }).toEqual({ ...before, sign_in_failures: 0 });
});

it.each([
  ...Object.keys(fine).flatMap((path) => [
    ["POST", path, "text/plain", "{}", "415 UNSUPPORTED_MEDIA_TYPE"],
    ["POST", path, "application/x-www-form-urlencoded", "a=b", "415 UNSUPPORTED_MEDIA_TYPE"],
    ["POST", path, "application/json", "", "400 EMPTY_BODY"],
    ["POST", path, "application/json", "{", "400 MALFORMED_BODY"],
    ["POST", path, "application/json", "[]", "422 VALIDATION_FAILED"],
    ["POST", path, "application/json", '{"email":1,"email":1}', "400 DUPLICATE_KEY"],
    ["POST", `${path}?token=x`, "application/json", "{}", "422 UNKNOWN_PARAMETER"],
    ["PUT", path, "application/json", "{}", "405 METHOD_NOT_ALLOWED"],
  ]),
  ["GET", "/v1/claim", "", "", "405 METHOD_NOT_ALLOWED"],
  ["GET", "/v1/session?x=1", "", "", "422 UNKNOWN_PARAMETER"],
  ["GET", "/v1/people?limit=1", "", "", "422 UNKNOWN_PARAMETER"],
  ["GET", "/v1/sessions?personId=1", "", "", "422 UNKNOWN_PARAMETER"],
  ["GET", "/v1/instance/audit/entries?cursor=x", "", "", "422 BAD_CURSOR"],
  ["GET", "/v1/instance/audit/verify?tenantId=x", "", "", "422 UNKNOWN_PARAMETER"],
  ["GET", "/v1/instance/organisations?limit=0", "", "", "422 VALIDATION_FAILED"],
  ["GET", "/v1/instance/organisations?cursor=x", "", "", "422 BAD_CURSOR"],
  ["DELETE", "/v1/sessions/x", "", "", "404 UNKNOWN_SESSION"],
  ["DELETE", `/v1/sessions/${nobody}`, "", "", "404 UNKNOWN_SESSION"],
  ["POST", "/v1/people/x/remove", "application/json", "{}", "404 UNKNOWN_PERSON"],
  ["POST", `/v1/people/${nobody}/remove`, "application/json", "{}", "404 UNKNOWN_PERSON"],
  ["POST", `/v1/people/${nobody}/remove`, "application/json", '{"a":1}', "422 VALIDATION_FAILED"],
  ["POST", `/v1/invitations/${nobody}/revoke`, "application/json", "{}", "404 UNKNOWN_INVITATION"],
  ["POST", "/v1/invitations/x/revoke", "application/json", "{}", "404 UNKNOWN_INVITATION"],
] as [string, string, string, string, string][])(
  "%s %s as %s with %s: %5$s",
  async (method, path, type, body, expected) => {
    const before = await countEveryRow(api.database.db);
    const headers = { Cookie: owner.cookie, ...(type && { "Content-Type": type }) };
    const init = { method, headers, ...(method !== "GET" && type && { body }) };
    expect(verdict(await call(api.url + path, init))).toBe(expected);
    expect(await countEveryRow(api.database.db)).toEqual(before);
  },
);

it("is told what is wrong with a password, and never shown it", async () => {
  const body = { ...fine["/v1/sign-up"], password: "password1234" };
  const { text: told } = await send(api, "/v1/sign-up", { body });
  expect(told).toContain("tried first");
  expect(told).not.toContain("password1234");
});

it("was never our fault", () => {
  expect(api.logged).toEqual([]);
});
