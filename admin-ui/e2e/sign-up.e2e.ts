import { afterAll, afterEach, beforeAll, it } from "vitest";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_SIGN_UP: "open" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("where sign-up is open, a visitor finds the way from sign-in to an account of their own", async () => {
  const page = await stage.newPage();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Make an account" }).click();
  await page.getByRole("heading", { name: "Make an account" }).waitFor();
  await page.getByLabel("Organisation").fill("Southlight");
  await page.getByLabel("Your name").fill("Eva Ray");
  await page.getByLabel("Email").fill("eva@example.com");
  await page.getByLabel("Password", { exact: true }).fill("staple, correct, horse");
  await page.getByRole("button", { name: "Make the account" }).click();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.getByRole("banner").getByTitle("Southlight").waitFor();
});
