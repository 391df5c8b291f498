import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { goOfflineAndBack, openOldPage } from "./error-screens.ts";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("programs are told by the status whether there is a screen", async () => {
  const status = async (path: string) => {
    const headers = { Accept: "text/html" };
    return (await fetch(`${stage.url}${path}`, { headers, redirect: "manual" })).status;
  };
  const page = await stage.signedInPage("/");
  const links = await page.locator("nav a[href^='/']").all();
  const hrefs = await Promise.all(links.map((link) => link.getAttribute("href")));
  expect(hrefs).toContain("/purchases");
  const there = hrefs.filter((href) => href !== null);
  for (const path of [...there, "/claim", "/sign-in", "/purchases/1", "/audit/instance/7"]) {
    expect([path, await status(path)]).toEqual([path, 200]);
  }
  for (const path of ["/purchase-history", "/drops", "/purchases/1/2", "/wp-login.php"]) {
    expect([path, await status(path)]).toEqual([path, 404]);
  }
});

it("an address that leads nowhere says which, what may be meant, and searches", async () => {
  const page = await stage.signedInPage("/purchase-history");
  await page.getByText("/purchase-history").waitFor();
  await page.getByRole("main").getByRole("link", { name: "Purchases" }).waitFor();
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("heading", { name: "Search: purchase history", level: 1 }).waitFor();
});

it("a screen that is not for the role says which roles may, and who can give one", async () => {
  const viewer = await stage.person("viewer");
  const page = await stage.pageAs(viewer.cookie, "/keys");
  const main = page.getByRole("main");
  await main
    .getByText("It takes the role owner, operator, or finance.", { exact: false })
    .waitFor();
  await main.getByText("An owner of Northlight Studio can change", { exact: false }).waitFor();
});

it("a fault of the server shows its request id to copy, and another try works", async () => {
  const { pool } = stage.api.database.db;
  const page = await stage.signedInPage("/");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await pool.query("alter table merchants rename to merchants_away");
  try {
    await page.goto("/merchants");
    const alert = page.getByRole("alert");
    await alert.getByRole("heading", { name: "Something is broken on our side" }).waitFor();
    const id = await alert.locator("code").last().innerText();
    await alert.getByRole("button", { name: "Copy request id" }).click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(id);
    const href = await alert
      .getByRole("link", { name: "About INTERNAL_ERROR" })
      .getAttribute("href");
    expect(href).toBe("/problems/INTERNAL_ERROR");
  } finally {
    await pool.query("alter table merchants_away rename to merchants");
  }
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  stage.forgive(/status of 500/);
});

it("offline there is a bar over every screen that says as of when, until the network is back", async () => {
  const page = await stage.signedInPage("/runs");
  await goOfflineAndBack(page);
  expect(await page.getByText("You are offline.").count()).toBe(0);
  stage.forgive(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
});

it("after an upgrade the page says so, and loads again when it is told to", async () => {
  const page = await stage.signedInPage("/");
  await openOldPage(page, "/runs");
  await goOfflineAndBack(page);
  const bar = page.getByText("There is a new version of this console.", { exact: false });
  await bar.waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Load again" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await goOfflineAndBack(page);
  expect(await bar.count()).toBe(0);
  stage.forgive(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/);
});

it("a part of the console that is gone after an upgrade asks for the page again", async () => {
  const page = await stage.signedInPage("/");
  await page.route("**/assets/Merchants-*.js", (route) =>
    route.continue({ url: `${stage.url}/assets/of-another-build.js` }),
  );
  await page.getByRole("link", { name: "Merchants" }).click();
  await page.getByRole("heading", { name: "This page is of an older version" }).waitFor();
  await page.unrouteAll();
  await page.getByRole("button", { name: "Load the page again" }).click();
  await page.getByRole("heading", { name: "Merchants", level: 1 }).waitFor();
  stage.forgive(/Failed to fetch dynamically imported module/);
});

it("after too many requests the console counts down, and goes on", async () => {
  const slow = await Stage.open({ ZERORACE_RATE_PER_KEY: "1" });
  try {
    const page = await slow.signedInPage("/");
    const refused = page.getByRole("heading", { name: "Too many requests" }).first();
    for (let turn = 0; turn < 10 && (await refused.count()) === 0; turn++) {
      await page.goto("/merchants");
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
    }
    await refused.waitFor();
    const alert = page.getByRole("alert").first();
    await alert.getByRole("button", { name: /^Try again in \d+ s$/ }).waitFor();
    await alert.getByRole("button", { name: "Try again", exact: true }).click();
    // The router logs what kept a screen from opening.
    slow.forgive(/^Problem: Wait for the seconds/);
    await slow.expectNoFaults();
  } finally {
    await slow.close();
  }
});

it("a page of the server's own says the same to a browser, with its status", async () => {
  const page = await stage.newPage();
  const response = await page.goto("/docs/how-to/nothing");
  expect(response?.status()).toBe(404);
  await page.getByRole("heading", { name: "There is nothing here", level: 1 }).waitFor();
  const id = await page.locator("p.request code").innerText();
  expect(response?.headers()["request-id"]).toBe(id);
});
