import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { openDoor, type Door } from "../../server/testing/door.ts";
import { Stage } from "./harness.ts";
import { makeOwnShop } from "./shop.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const patience = { timeout: 30_000 };
const isLive = (page: Page) => page.getByRole("status").filter({ hasText: /^Live$/ });
const bar = (page: Page) => page.getByText("The server does not answer.", { exact: false });

/** A page of Ann's whose way to the server can be shut. */
async function openThroughDoor(path: string): Promise<{ page: Page; door: Door }> {
  const door = await openDoor(stage.url);
  onTestFinished(() => door.close());
  const page = await stage.signedInPage(path, { baseURL: new URL(door.url).origin });
  await isLive(page).waitFor(patience);
  // What a browser says of a connection that was cut.
  stage.forgive(/^Failed to load resource: net::ERR_/);
  return { page, door };
}

it("a server that does not answer is named over what is shown, with its age, and what was missed comes after", async () => {
  await makeOwnShop(stage, "BEFORE-1");
  const { page, door } = await openThroughDoor("/items");
  await page.getByText("BEFORE-1").waitFor();
  door.set("shut");
  await bar(page).waitFor(patience);
  await page.getByText("What is shown is as of", { exact: false }).waitFor();
  await page.getByText(/Next try in \d+ s\.|Trying again now\./).waitFor();
  expect(await page.getByText("BEFORE-1").count()).toBe(1);
  await makeOwnShop(stage, "MEANWHILE-1");
  door.set("open");
  await page.getByRole("button", { name: "Try now" }).click();
  await bar(page).waitFor({ state: "detached", ...patience });
  await page.getByText("MEANWHILE-1").waitFor(patience);
}, 120_000);

it("who acts while the server does not answer keeps what was typed, and sends it afterwards, once", async () => {
  const { page, door } = await openThroughDoor("/merchants?make=merchant");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Typed in the dark");
  door.set("shut");
  await dialog.getByRole("button", { name: "Create the merchant" }).click();
  await dialog.getByText("The server does not answer.", { exact: false }).waitFor(patience);
  expect(await dialog.getByLabel("Name").inputValue()).toBe("Typed in the dark");
  door.set("open");
  await dialog.getByRole("button", { name: "Create the merchant" }).click();
  await page.getByRole("heading", { name: "Typed in the dark", level: 1 }).waitFor(patience);
  const { data } = await stage.call<{ data: { name: string }[] }>("GET", "/v1/merchants");
  expect(data.filter(({ name }) => name === "Typed in the dark")).toHaveLength(1);
}, 120_000);

it("a session that ends while nobody does anything asks to sign in: that is no silent server", async () => {
  const viewer = await stage.person("viewer");
  const page = await stage.pageAs(viewer.cookie, "/items");
  await isLive(page).waitFor(patience);
  const { pool } = stage.api.database.db;
  await pool.query("delete from sessions where session_id = $1", [viewer.sessionId]);
  await page.getByRole("dialog", { name: "Your session has ended" }).waitFor({ timeout: 60_000 });
  // Longer than it takes to call a server silent.
  await page.getByLabel("Password").fill("what was typed stays");
  await expect(bar(page).waitFor({ timeout: 10_000 })).rejects.toThrow("Timeout");
}, 120_000);
