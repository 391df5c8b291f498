import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

interface LinkView {
  readonly token: string;
}

const bo = { email: "bo@example.com", name: "Bo Chen", password: "a bowl of warm noodles" };

describe.sequential("a link to pass on", () => {
  it("lets the one who was invited join, in the role that was meant, once", async () => {
    const invitation = { email: bo.email, role: "viewer" };
    const { token } = await stage.call<LinkView>("POST", "/v1/invitations", invitation);
    const page = await stage.newPage();
    await page.goto(`/join#${token}`);
    await page.getByRole("heading", { name: "Join Northlight Studio", level: 1 }).waitFor();
    await page.getByText(`You were invited as viewer, and sign in as ${bo.email}.`).waitFor();
    await page.getByLabel("Your name").fill(bo.name);
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Join" }).click();
    await page.locator("input[name=password][aria-invalid=true]").waitFor();
    expect(await page.getByLabel("Your name").inputValue()).toBe(bo.name);
    await page.getByLabel("Password", { exact: true }).fill(bo.password);
    await page.getByRole("button", { name: "Join" }).click();
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
    await page.getByRole("button", { name: `Account of ${bo.name}` }).click();
    await page.getByText("viewer of Northlight Studio").waitFor();

    const late = await stage.newPage();
    await late.goto(`/join#${token}`);
    await late.getByText("Ask whoever invited you for a new link").waitFor();
    expect(await late.getByLabel("Your name").count()).toBe(0);
  });

  it("sets a new password for who has forgotten it, and signs in", async () => {
    const { data } = await stage.call<{ data: { id: string; email: string }[] }>(
      "GET",
      "/v1/people",
    );
    const personId = data.find(({ email }) => email === bo.email)?.id;
    const { token } = await stage.call<LinkView>("POST", "/v1/recoveries", { personId });
    const page = await stage.newPage();
    await page.goto(`/recover#${token}`);
    await page.getByLabel("Password", { exact: true }).fill("two bowls of warm noodles");
    await page.getByRole("button", { name: "Set it and sign in" }).click();
    await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();

    const old = await stage.newPage();
    await old.goto("/sign-in");
    await old.getByLabel("Email").fill(bo.email);
    await old.getByLabel("Password", { exact: true }).fill(bo.password);
    await old.getByRole("button", { name: "Sign in" }).click();
    await old.getByRole("alert").getByText("About WRONG_CREDENTIALS").waitFor();
  });
});
