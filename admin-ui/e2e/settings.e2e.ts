import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off", ZERORACE_DECLINE_DAYS: "90" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("an owner renames the organisation, and everybody sees it, also a name that is HTML", async () => {
  const viewer = await stage.person("viewer");
  const page = await stage.signedInPage("/settings");
  const name = `Lamps <img src=x onerror="document.title='owned'"> & More`;
  await page.getByLabel("Name").fill("");
  await page.getByRole("button", { name: "Save the name" }).click();
  await page.getByText("Must not be empty").waitFor();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Save the name" }).click();
  await page.getByText(`The organisation is called ${name} now.`).waitFor();
  await page.getByRole("banner").getByText(name, { exact: true }).waitFor();
  const theirs = await stage.pageAs(viewer.cookie, "/settings");
  await theirs.getByRole("banner").getByText(name, { exact: true }).waitFor();
  expect(await theirs.title()).toBe("Settings · ZeroRace");
  await page.getByLabel("Name").fill("Northlight Studio");
  await page.getByRole("button", { name: "Save the name" }).click();
  await page.getByText("The organisation is called Northlight Studio now.").waitFor();
});

it("what the server has set is shown to everybody, and the role that may not rename learns why", async () => {
  const viewer = await stage.person("viewer");
  const page = await stage.pageAs(viewer.cookie, "/settings");
  await page.getByText("90 days").waitFor();
  await page.getByText("2,000 requests a second").waitFor();
  const save = page.getByRole("button", { name: "Save the name" });
  expect(await save.getAttribute("aria-disabled")).toBe("true");
  expect(await page.getByRole("link", { name: "see them all" }).count()).toBe(0);
});
