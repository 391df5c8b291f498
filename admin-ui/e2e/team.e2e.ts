import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const linkOn = async (page: Page): Promise<string> =>
  (await page.getByRole("group", { name: "the link" }).textContent()) ?? "";
const openAt = async (url: string): Promise<Page> => {
  const page = await stage.newPage();
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  return page;
};
const rename = (personId: string, name: string) =>
  stage.api.database.db.pool.query("update people set name = $2 where person_id = $1", [
    personId,
    name,
  ]);

it("somebody is invited by a link that is passed on, joins with the role, and stands in the list", async () => {
  const page = await stage.signedInPage("/team");
  await page.getByRole("button", { name: "Invite" }).click();
  const form = page.getByRole("dialog", { name: "Invite somebody" });
  await form.getByRole("button", { name: "Make the link" }).click();
  await form.getByText("Must not be empty").waitFor();
  await form.getByLabel("Email").fill("bo@example.com");
  await form.getByLabel("Role").selectOption({ label: "Finance" });
  await form.getByLabel("The link is good for").selectOption({ label: "A day" });
  await form.getByRole("button", { name: "Make the link" }).click();
  const link = await linkOn(page);
  expect(link).toContain(`${stage.url}/join#zrl_`);
  await page.getByRole("button", { name: "Done" }).click();
  await page
    .getByRole("row", { name: /bo@example\.com/ })
    .getByText("finance")
    .waitFor();
  expect(await page.content()).not.toContain(link);

  const bo = await openAt(link);
  await bo.getByLabel("Your name").fill("Bo Berg");
  await bo.getByLabel("Password", { exact: true }).fill("a password of Bo's");
  await bo.getByRole("button", { name: "Join" }).click();
  await bo.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await bo.goto("/team");
  const invite = bo.getByRole("button", { name: "Invite" });
  expect(await invite.getAttribute("aria-disabled")).toBe("true");

  await page.reload();
  await page.getByRole("heading", { name: "No open invitations" }).waitFor();
  await page.getByRole("tab", { name: "People" }).click();
  await page
    .getByRole("row", { name: /Bo Berg/ })
    .getByText("Signed in")
    .waitFor();
});

it("a lost link is made anew, and the one before and a revoked one do nothing", async () => {
  const made = await stage.call<{ link: string }>("POST", "/v1/invitations", {
    email: "lost@example.com",
    role: "viewer",
  });
  const page = await stage.signedInPage("/team?tab=invitations");
  await page.getByRole("button", { name: "New link for lost@example.com" }).click();
  await page.getByRole("button", { name: "Make a new link" }).click();
  const fresh = await linkOn(page);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Revoke lost@example.com" }).click();
  await page.getByRole("button", { name: "Revoke it" }).click();
  await page.getByRole("heading", { name: "No open invitations" }).waitFor();
  for (const link of [`${stage.url}${made.link}`, fresh]) {
    const visitor = await openAt(link);
    await visitor.getByText("About LINK_NOT_VALID").waitFor();
    expect(await visitor.getByLabel("Your name").count()).toBe(0);
  }
});

it("a member gets another role, is signed out, recovers by a link, and is removed", async () => {
  const cy = await stage.person("viewer");
  await rename(cy.personId, "Cy Chen");
  const theirs = await stage.pageAs(cy.cookie, "/");
  const page = await stage.signedInPage("/team");
  await page.getByRole("link", { name: "Cy Chen" }).click();
  await page.getByRole("heading", { name: "Cy Chen", level: 1 }).waitFor();

  await page.getByRole("button", { name: "Change the role" }).click();
  await page.getByLabel("Role", { exact: true }).selectOption({ label: "Operator" });
  await page.getByRole("dialog").getByRole("button", { name: "Change the role" }).click();
  await page.getByText("Cy Chen is operator now").waitFor();
  await theirs.reload();
  await theirs.getByRole("button", { name: /account of Cy Chen/ }).click();
  await theirs.getByText(/operator of Northlight Studio/).waitFor();

  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await page.getByRole("button", { name: "End the sessions" }).click();
  await page.getByText("Cy Chen is signed out: 1 session has ended.").waitFor();
  await page.getByText("Signed out", { exact: true }).waitFor();
  await theirs.reload();
  await theirs.getByRole("heading", { name: "Sign in", level: 1 }).waitFor();

  await page.getByRole("button", { name: "Recovery link" }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  const recovering = await openAt(await linkOn(page));
  await recovering.getByLabel("Password", { exact: true }).fill("found it again now");
  await recovering.getByRole("button").last().click();
  await recovering.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Done" }).click();

  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill(cy.email);
  await page.getByRole("button", { name: "Remove the person" }).click();
  await page.waitForURL((url) => url.pathname === "/team");
  await page.getByRole("link", { name: "Ann Lee" }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: "Cy Chen" }).count()).toBe(0);
  await page.goto(`/team/${cy.personId}`);
  await page.getByRole("alert").getByText("About UNKNOWN_PERSON").waitFor();
});

it("that the last owner cannot go is said before anybody tries", async () => {
  const { session } = await stage.claimed();
  const page = await stage.signedInPage(`/team/${session.person.id}`);
  await page.getByText(/The last owner can neither go nor step down: make somebody/).waitFor();
  for (const name of ["Change the role", "Remove"]) {
    const button = page.getByRole("button", { name });
    expect(await button.getAttribute("aria-disabled")).toBe("true");
  }
});

it("what each role may do is what the server says, and a viewer learns why it sees no people", async () => {
  const page = await stage.signedInPage("/team?tab=roles");
  const { roles } = await stage.call<{ roles: { role: string; scopes: string[] }[] }>(
    "GET",
    "/v1/roles",
  );
  const table = page.getByRole("table", { name: "What each role may do" });
  for (const scope of ["keys:write", "refunds:write", "audit:read", "people:read"]) {
    const cells = await table.getByRole("row", { name: scope }).getByRole("cell").allTextContents();
    const says = roles.map(({ scopes }) => (scopes.includes(scope) ? "yes" : "no"));
    expect(cells.slice(1, 5).map((cell) => cell.replace("–", ""))).toEqual(says);
  }
  const viewer = await stage.pageAs((await stage.person("viewer")).cookie, "/team");
  await viewer.getByText("Your role, viewer, may not see this.", { exact: false }).last().waitFor();
});

it("one's own account: name, sessions one by one and all others, and the password", async () => {
  const dee = await stage.person("viewer");
  const { makeSession } = await import("../../server/testing/people.ts");
  const page = await stage.pageAs(dee.cookie, "/");
  await page.getByRole("button", { name: /account of/ }).click();
  await page.getByRole("menuitem", { name: "Your account" }).click();
  await page.getByLabel("Your name").fill("Dee <b>Dorn</b>");
  await page.getByRole("button", { name: "Save the name" }).click();
  await page.getByText("You are Dee <b>Dorn</b> from now on.").waitFor();
  await page.getByRole("button", { name: "account of Dee <b>Dorn</b>" }).waitFor();
  const { db } = stage.api.database;
  const [one] = [await makeSession(db, dee.personId), await makeSession(db, dee.personId)];
  await db.pool.query("update sessions set user_agent = 'curl/8.1' where session_id = $1", [
    one.sessionId,
  ]);
  await page.reload();
  await page.getByRole("button", { name: "End the session of curl" }).click();
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByText("1 session has ended.").waitFor();
  await page.getByRole("button", { name: "End all others" }).click();
  await page.getByRole("button", { name: "End them" }).click();
  await expect.poll(() => page.getByRole("row").count()).toBe(2);
  await page.getByText("this one").waitFor();
});

it.each([
  `<img src=x onerror="document.title='owned'">`,
  `"><script>document.title='owned'</script>`,
])("the name %s stays a name", async (name) => {
  const { personId } = await stage.person("viewer");
  await rename(personId, name);
  const page = await stage.signedInPage("/team");
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByText(name).first().waitFor();
  expect(await page.title()).toBe(`${name} · ZeroRace`);
  await rename(personId, "somebody");
});

it("people of another organisation are not shown to an owner", async () => {
  const stranger = await stage.person("owner", true);
  const { session } = await stage.claimed();
  const theirs = await stage.pageAs(stranger.cookie, `/team/${session.person.id}`);
  await theirs.getByRole("alert").getByText("About FORBIDDEN").waitFor();
  expect(await theirs.content()).not.toContain("ann@example.com");
});
