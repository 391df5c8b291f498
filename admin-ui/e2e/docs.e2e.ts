import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("the docs are found by keys alone, from a word to its place on a page", async () => {
  const page = await stage.newPage();
  await page.goto("/docs");
  await page.keyboard.press("/");
  await page.keyboard.type("ZERORACE_RATE_PER_IP");
  await page.getByRole("option", { name: "ZERORACE_RATE_PER_IP" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/docs/reference/config#ZERORACE_RATE_PER_IP");
  await page.locator("tr:target").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("doubt");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Search: doubt", level: 1 }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Doubt", exact: true }).first().click();
  await page.getByRole("heading", { name: "Doubt" }).waitFor();
});

it("can be read and searched without a script", async () => {
  const page = await stage.newPage({ javaScriptEnabled: false });
  await page.goto("/docs/how-to/webhooks");
  await page.getByLabel("Search the docs").fill("glossary");
  await page.keyboard.press("Enter");
  await page.getByRole("main").getByRole("link", { name: "Glossary", exact: true }).click();
  await page.getByRole("heading", { name: "Glossary", level: 1 }).waitFor();
});

it("a command is copied with this server's address, in the theme of the console", async () => {
  const page = await stage.newPage();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/docs/tutorial/quickstart");
  await page.evaluate(() => localStorage.setItem("zerorace-theme", "dark"));
  await page.reload();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  const block = page.locator("figure").filter({ hasText: "order-1" }).first();
  await block.getByRole("button", { name: "Copy" }).click();
  await block.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain(`${stage.url}/v1/sandbox/commit`);
});

it("the console leads to them: from its palette with the words that were typed", async () => {
  const page = await stage.signedInPage();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("mandate cap reached");
  const opened = page.context().waitForEvent("page");
  await page.getByRole("option", { name: "Search the docs for “mandate cap reached”" }).click();
  const docs = await opened;
  await docs.getByRole("heading", { name: "Search: mandate cap reached", level: 1 }).waitFor();
});

it("the sandbox sells to a visitor: once for a key, ten times at once too, and says no", async () => {
  const page = await stage.newPage();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Sandbox" }).click();
  await page.getByText("$25.00").waitFor();
  const left = async () => Number((await page.locator("#free").innerText()).replaceAll(",", ""));
  const before = await left();
  await page.getByRole("button", { name: "Buy", exact: true }).click();
  await page.getByText("Bought for $25.00.", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Buy", exact: true }).click();
  await page.getByText("The same answer again: bought for $25.00, once.").waitFor();
  await page.getByRole("button", { name: "Send it 10 times at once" }).click();
  await page.getByText("10 requests with one key: 1 bought, 9 told the same answer.").waitFor();
  await expect.poll(left, { timeout: 10_000 }).toBe(before - 2);
  await page.getByRole("button", { name: "Ask for more than there is" }).click();
  await page.getByText("Declined:", { exact: false }).waitFor();
  const key = await page.getByLabel("Idempotency key").inputValue();
  await page.getByText(`-H "Idempotency-Key: ${key}"`).waitFor();
  await page.getByRole("button", { name: "TypeScript" }).click();
  await page.getByText('"Idempotency-Key": ').waitFor();
});

it("the sandbox says what of its limit is left, and waits when there is nothing", async () => {
  const slow = await Stage.open({ ZERORACE_RATE_PER_IP: "1" });
  try {
    const page = await slow.newPage();
    await page.goto("/sandbox");
    await page.getByText(/^\d of 5(,|$)/).waitFor();
    await page.getByRole("button", { name: "Send it 10 times at once" }).click();
    await page.getByText(/^Too many requests at once\. You can go on in \d+ s\.$/).waitFor();
    await page.getByText("refused (RATE_LIMITED)", { exact: false }).waitFor();
    await page.getByText("You can go on.", { exact: true }).waitFor();
    await slow.expectNoFaults();
  } finally {
    await slow.close();
  }
});
