import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("is live in test and in live data, and switching keeps the page", async () => {
  const page = await stage.signedInPage("/?kept=1");
  const live = page.getByRole("status").filter({ hasText: /^Live$/ });
  await live.waitFor();
  await page.getByText("Nothing here is sold for real").waitFor();
  const { tenants } = (await stage.claimed()).session;
  const asked = page.waitForRequest((request) => request.url().includes("/v1/stream"));
  await page.getByRole("group", { name: "Data" }).getByRole("button", { name: "Live" }).click();
  expect((await asked).headers()["zerorace-tenant"]).toBe(tenants.live);
  await live.waitFor();
  expect(await page.getByText("Nothing here is sold for real").count()).toBe(0);
  expect(new URL(page.url()).search).toBe("?kept=1");
});

it("says when it is offline, and comes back by itself", async () => {
  const page = await stage.signedInPage();
  const says = (word: string) =>
    page.getByRole("status").filter({ hasText: new RegExp(`^${word}$`) });
  await says("Live").waitFor();
  await page.context().setOffline(true);
  await says("Offline").waitFor();
  await page.context().setOffline(false);
  await says("Live").waitFor();
});

it("the palette finds by typing and gives the focus back", async () => {
  const page = await stage.signedInPage("/nothing-here");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("over");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  expect(await page.title()).toBe("Overview · ZeroRace");
});

it("single keys do something until they are turned off", async () => {
  const page = await stage.signedInPage();
  const sheet = page.getByRole("dialog", { name: "Help and shortcuts" });
  await page.keyboard.press("?");
  await sheet.getByLabel("Single keys do something").uncheck();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");
  await page.getByRole("listbox").waitFor();
  expect(await sheet.count()).toBe(0);
});

it("on a phone the navigation is a drawer", async () => {
  const page = await stage.signedInPage("/", { viewport: { width: 390, height: 844 } });
  await page.getByRole("button", { name: "Open the navigation" }).click();
  const drawer = page.getByRole("dialog", { name: "Navigation" });
  await drawer.getByRole("link", { name: "Overview" }).waitFor();
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "detached" });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

it("the theme is there at the first paint, and is kept", async () => {
  const page = await stage.signedInPage("/", { colorScheme: "light" });
  await page.getByRole("button", { name: "Account of Ann Lee" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.reload({ waitUntil: "commit" });
  await page.waitForSelector("body");
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  await page.getByRole("heading", { level: 1 }).waitFor();
});
