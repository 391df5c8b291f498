import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { ann, Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

async function claim(page: Page, token: string): Promise<void> {
  await page.goto(`/claim#${token}`);
  await page.getByLabel("Organisation").fill(ann.organisation);
  await page.getByLabel("Your name").fill(ann.name);
  await page.getByLabel("Email").fill(ann.email);
  await page.getByLabel("Password", { exact: true }).fill(ann.password);
  await page.getByRole("button", { name: "Claim and sign in" }).click();
}

async function signIn(page: Page, password: string): Promise<void> {
  await page.getByLabel("Email").fill(ann.email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const overview = (page: Page) => page.getByRole("heading", { name: "Overview", level: 1 });

describe.sequential("the ways in", () => {
  it("the printed link leads to the overview, once; a second use says what to do", async () => {
    const token = await stage.claimToken();
    const page = await stage.newPage();
    await claim(page, token);
    await overview(page).waitFor();
    expect(await page.title()).toBe("Overview · ZeroRace");
    expect(new URL(page.url()).hash).toBe("");
    await page.getByRole("banner").getByTitle(ann.organisation).waitFor();

    const second = await stage.newPage();
    await second.goto(`/claim#${token}`);
    await second.getByRole("alert").waitFor();
    expect(await second.getByLabel("Organisation").count()).toBe(0);
    await second.getByText("npm run -s zerorace -- claim-link").waitFor();
    await second.getByRole("link", { name: "sign in" }).click();
    await second.getByRole("heading", { name: "Sign in" }).waitFor();
  });

  it("by invitation only, a visitor is told so, and finds no form that would be refused", async () => {
    const page = await stage.newPage();
    await page.goto("/sign-in");
    await page.getByText("Here they are made by invitation").waitFor();
    expect(await page.getByRole("link", { name: "Make an account" }).count()).toBe(0);
    await page.goto("/sign-up");
    await page.getByRole("heading", { name: "Accounts are made by invitation" }).waitFor();
    expect(await page.getByRole("button", { name: "Make the account" }).count()).toBe(0);
  });

  it("a wrong password is told, the right one leads to where one wanted to go", async () => {
    const page = await stage.newPage();
    await page.goto("/?from=a-link");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signIn(page, "wrong horse battery");
    await page.getByRole("alert").getByText("About WRONG_CREDENTIALS").waitFor();
    expect(await page.getByLabel("Email").inputValue()).toBe(ann.email);
    await signIn(page, ann.password);
    await overview(page).waitFor();
    expect(new URL(page.url()).search).toBe("?from=a-link");
  });

  it("a session that ends in mid-form is begun again, and what was typed is sent", async () => {
    const page = await stage.newPage();
    // The live stream would ask to sign in before the form is sent: connection.e2e.ts looks at that.
    await page.route("**/v1/stream?*", (route) => route.abort());
    stage.forgive(/net::ERR_FAILED/);
    await page.goto("/sign-in");
    await signIn(page, ann.password);
    await overview(page).waitFor();
    await page.getByRole("button", { name: `Account of ${ann.name}` }).click();
    await page.getByRole("menuitem", { name: "Change the password" }).click();
    const form = page.getByRole("dialog", { name: "Change the password" });
    await form.getByLabel("Your password now").fill(ann.password);
    await form.getByLabel("New password").fill("staple, correct, horse");
    expect((await page.request.delete("/v1/session")).status()).toBe(200);
    await form.getByRole("button", { name: "Change it" }).click();

    const again = page.getByRole("dialog", { name: "Your session has ended" });
    expect(await again.getByLabel("Email").inputValue()).toBe(ann.email);
    await again.getByLabel("Password").fill("not this one");
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await again.getByText("About WRONG_CREDENTIALS").waitFor();
    expect(await form.getByLabel("New password").inputValue()).toBe("staple, correct, horse");
    await again.getByLabel("Password").fill(ann.password);
    await again.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("The password is changed.").first().waitFor();
    await form.waitFor({ state: "detached" });
    ann.password = "staple, correct, horse";
  });

  it("signing out ends the session; the page behind asks to sign in", async () => {
    const page = await stage.newPage();
    await page.goto("/sign-in");
    await signIn(page, ann.password);
    await overview(page).waitFor();
    await page.getByRole("button", { name: `Account of ${ann.name}` }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect((await page.request.get("/v1/session")).status()).toBe(401);
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});
