import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { Stage } from "./harness.ts";
import { makeOwnShop } from "./shop.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

interface Made {
  readonly id: string;
  readonly apiKey: string;
}

const makeKey = (name: string, scopes = ["purchases:read"]): Promise<Made> =>
  stage.call<Made>("POST", "/v1/keys", { name, scopes });
const statusWith = async (apiKey: string): Promise<number> => {
  const headers = { Authorization: `Bearer ${apiKey}` };
  return (await fetch(`${stage.url}/v1/purchases?limit=1`, { headers })).status;
};
const secretOn = async (page: Page): Promise<string> =>
  (await page.getByText(/^zr_test_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/).textContent()) ?? "";

it("a key is made with its bounds, shown once, kept by a file, and works", async () => {
  const { mandateId } = await makeOwnShop(stage);
  const page = await stage.signedInPage("/keys");
  await page.getByRole("heading", { name: "No API keys for test data yet" }).waitFor();
  await page.getByRole("link", { name: "Create a key" }).first().click();
  await page.getByRole("button", { name: /^An agent that buys/ }).click();
  await page.getByRole("textbox", { name: /^Agents/ }).fill("agent-7\nagent-8");
  await page.getByRole("checkbox", { name: /Office supplies/ }).check();
  await page.getByLabel("Expires").selectOption({ label: "After 30 days" });
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByText("Must not be empty.").waitFor();
  expect(await page.getByLabel("Name").getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByRole("textbox", { name: /^Agents/ }).inputValue()).toBe(
    "agent-7\nagent-8",
  );
  await page.getByLabel("Name").fill("buyer");
  await page.getByRole("button", { name: "Create the key" }).click();

  const apiKey = await secretOn(page);
  expect(await statusWith(apiKey)).toBe(200);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download .env" }).click();
  const file = await (await download).path();
  expect(await readFile(file, "utf8")).toContain(`\nZERORACE_API_KEY=${apiKey}\n`);
  expect(await page.getByRole("group", { name: "curl with the key" }).textContent()).toContain(
    `Bearer ${apiKey}`,
  );
  await page.getByRole("button", { name: "Hide it" }).click();
  expect(await page.getByText(apiKey, { exact: true }).count()).toBe(0);

  // It cannot be left by mistake.
  await page.getByRole("link", { name: "Overview" }).click();
  const leaving = page.getByRole("dialog", { name: "Leave without the key?" });
  await leaving.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Live", exact: true }).click();
  await leaving.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Done" }).click({ force: true });
  await page.getByRole("heading", { name: "Keep this key now" }).waitFor();
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("agent-8").waitFor();
  await page.getByText(mandateId).waitFor();
  expect(await page.content()).not.toContain(apiKey.slice(-40));
  await page.getByRole("link", { name: "API keys" }).first().click();
  await page.getByRole("link", { name: "buyer" }).waitFor();
});

it("who sends a form with faults stands in the first of them, however slow the page is", async () => {
  const page = await stage.signedInPage("/keys/new");
  const debug = await page.context().newCDPSession(page);
  await debug.send("Emulation.setCPUThrottlingRate", { rate: 20 });
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByText("Must not be empty.").first().waitFor();
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute("name")))
    .toBe("name");
});

it("a key is rolled: both are valid, the page says until when, and the old one ends", async () => {
  const old = await makeKey("rolling");
  const page = await stage.signedInPage(`/keys/${old.id}`);
  await page.getByRole("button", { name: "Roll", exact: true }).click();
  const form = page.getByRole("dialog", { name: "Roll rolling" });
  await form.getByLabel("The old key goes on").selectOption({ label: "For an hour" });
  await form.getByRole("button", { name: "Make the new key" }).click();
  await page.getByText(/Both keys of rolling are valid: the old one ends/).waitFor();
  const fresh = await secretOn(page);
  expect([await statusWith(old.apiKey), await statusWith(fresh)]).toEqual([200, 200]);
  await page.getByLabel("I have saved it").check();
  await page.getByRole("button", { name: "Done" }).click();
  await page.waitForURL((url) => url.pathname === `/keys/${fresh.split("_")[2]}`);
  await page.goto(`/keys/${old.id}`);
  await page.getByText("Rolled", { exact: true }).waitFor();
  const again = page.getByRole("button", { name: "Roll", exact: true });
  expect(await again.getAttribute("aria-disabled")).toBe("true");
  await page.getByText("It was rolled: roll its successor.").waitFor({ state: "attached" });
});

it("a key is revoked only by who types its name, and nothing takes it after that", async () => {
  const leaked = await makeKey("found on a wall");
  const page = await stage.signedInPage(`/keys/${leaked.id}`);
  await page.getByRole("button", { name: "Revoke" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke found on a wall?" });
  const confirm = dialog.getByRole("button", { name: "Revoke the key" });
  await confirm.click({ force: true });
  expect(await statusWith(leaked.apiKey)).toBe(200);
  await dialog.getByRole("textbox").fill("found on a wall");
  await confirm.click();
  await page.getByText("Revoked", { exact: true }).first().waitFor();
  await expect.poll(() => statusWith(leaked.apiKey), { timeout: 5_000 }).toBe(401);
});

it("the list hears of keys that are made and revoked elsewhere", async () => {
  const page = await stage.signedInPage("/keys");
  await page.getByRole("table", { name: "API keys" }).waitFor();
  await page.getByText("Live", { exact: true }).first().waitFor();
  const { id } = await makeKey("made by a program");
  const row = page.getByRole("row", { name: /made by a program/ });
  await row.waitFor();
  await stage.call("POST", `/v1/keys/${id}/revoke`, {});
  await row.getByText("Revoked").waitFor();
});

it.each([
  `<img src=x onerror="document.title='owned'">`,
  `"><script>document.title='owned'</script>`,
])("the name %s stays a name", async (name) => {
  const { id } = await makeKey(name);
  const page = await stage.signedInPage("/keys");
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByText(name).first().waitFor();
  expect(await page.title()).toBe(`${name} · ZeroRace`);
  expect(new URL(page.url()).pathname).toBe(`/keys/${id}`);
});

it("two organisations in two browsers see nothing of each other's keys", async () => {
  const own = await makeKey("of Northlight");
  const stranger = await stage.person("owner", true);
  const [ours, theirs] = await Promise.all([
    stage.signedInPage("/keys"),
    stage.pageAs(stranger.cookie, "/keys"),
  ]);
  await ours.getByRole("link", { name: "of Northlight" }).waitFor();
  await theirs.getByRole("heading", { name: "No API keys for test data yet" }).waitFor();
  await theirs.goto(`/keys/${own.id}`);
  await theirs.getByRole("alert").getByText("About FORBIDDEN").waitFor();
  expect(await theirs.content()).not.toContain("of Northlight");
  await makeKey("another of Northlight");
  await ours.getByRole("link", { name: "another of Northlight" }).waitFor();
  await theirs.goto("/keys");
  await theirs.getByRole("heading", { name: "No API keys for test data yet" }).waitFor();
});

it("test and live keys are apart, and switching keeps the page", async () => {
  const { id } = await makeKey("of test");
  const page = await stage.signedInPage("/keys");
  await page.getByRole("link", { name: "of test", exact: true }).waitFor();
  await page.getByRole("button", { name: "Live", exact: true }).click();
  await page.getByRole("heading", { name: "No API keys for live data yet" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/keys");
  await page.goto(`/keys/${id}`);
  await page.getByRole("button", { name: "Look in test data" }).click();
  await page.getByRole("heading", { name: "of test", level: 1 }).waitFor();
});

it("a viewer learns why it sees no keys, a finance person why it makes none", async () => {
  const viewer = await stage.pageAs((await stage.person("viewer")).cookie, "/keys");
  await viewer.getByText("Your role, viewer, may not see this.", { exact: false }).last().waitFor();
  expect(await viewer.getByRole("table").count()).toBe(0);
  const { id } = await makeKey("to look at");
  const finance = await stage.pageAs((await stage.person("finance")).cookie, `/keys/${id}`);
  for (const name of ["Roll", "Revoke"]) {
    const button = finance.getByRole("button", { name, exact: true });
    await expect.poll(() => button.getAttribute("aria-disabled")).toBe("true");
    await button.hover({ force: true });
    const tip = finance.getByRole("tooltip").filter({ visible: true });
    await tip.getByText("Your role, finance, may not do this.", { exact: false }).waitFor();
  }
  await finance.goto("/keys/new");
  await finance.getByRole("heading", { name: "New API keys: not for your role" }).waitFor();
});
