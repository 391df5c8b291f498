import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { ann, Stage } from "./harness.ts";
import { buy, makeOwnShop, proveByRound } from "./shop.ts";

const run = promisify(execFile);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const step = (page: Page, name: string, isDone: boolean) =>
  page.locator(`[data-step="${name}"][data-done="${isDone}"]`);

/** The command of a step, as it is shown, in a shell that knows the key. */
async function shell(page: Page, title: string, apiKey: string): Promise<{ id?: string }> {
  const code = page.getByRole("group", { name: `curl: ${title}`, exact: true });
  await code.waitFor();
  const command = (await code.textContent()) ?? "";
  const { stdout } = await run("sh", ["-c", command.replace(/^curl /, "curl -sS ")], {
    env: { PATH: "/usr/bin:/bin", ZERORACE_API_KEY: apiKey },
  });
  return JSON.parse(stdout) as { id?: string };
}

describe.sequential("a newcomer", () => {
  it("gets from the claim to a first purchase by curl, and sees each step ticked as it happens", async () => {
    const startedAt = performance.now();
    const page = await stage.newPage();
    await page.goto(`/claim#${await stage.claimToken()}`);
    await page.getByLabel("Organisation").fill(ann.organisation);
    await page.getByLabel("Your name").fill(ann.name);
    await page.getByLabel("Email").fill(ann.email);
    await page.getByLabel("Password", { exact: true }).fill(ann.password);
    await page.getByRole("button", { name: "Claim and sign in" }).click();

    const big = page.getByRole("link", { name: "Run 10,000 agents against 100 units" });
    expect(await big.getAttribute("href")).toBe("/runs?new=10000");
    for (const name of ["run", "key", "item", "mandate", "purchase", "webhook"]) {
      await step(page, name, false).waitFor();
    }
    await page.getByText("0 of 6").waitFor();

    await page.getByRole("link", { name: "Create a key" }).click();
    await page.getByLabel("Name").fill("my server");
    await page.getByRole("button", { name: "Create the key" }).click();
    const apiKey = (await page.getByText(/^zr_test_\w{70,}$/).textContent()) ?? "";
    expect(apiKey).toMatch(/^zr_test_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/);
    await page.getByLabel("I have saved it").check();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("link", { name: "Overview" }).click();
    await step(page, "key", true).waitFor();

    const merchant = await shell(page, "Create an item", apiKey);
    expect(merchant.id).toBeDefined();
    // The same place offers the item, as soon as the server tells of the merchant.
    const item = page.getByRole("group", { name: "curl: Create an item" });
    await item.getByText(merchant.id ?? "").waitFor();
    await shell(page, "Create an item", apiKey);
    await step(page, "item", true).waitFor();
    await shell(page, "Create a mandate", apiKey);
    await step(page, "mandate", true).waitFor();
    const bought = await shell(page, "First purchase", apiKey);
    expect(bought).toMatchObject({ outcome: "COMMITTED", replayed: false });
    await step(page, "purchase", true).waitFor();
    await big.waitFor({ state: "detached" });
    await page.getByText("4 of 6").waitFor();
    await page.getByText("$25.00").waitFor();
    expect(performance.now() - startedAt).toBeLessThan(300_000);
  });

  it("skips the steps, and finds them again under help and in the palette", async () => {
    // The instance is claimed by now, and not by the stage.
    const page = await stage.newPage();
    await signIn(page);
    await page.getByRole("heading", { name: "First steps" }).waitFor();
    await page.getByRole("button", { name: "Skip" }).click();
    await page.getByRole("heading", { name: "First steps" }).waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("heading", { name: "Today" }).waitFor();
    expect(await page.getByRole("heading", { name: "First steps" }).count()).toBe(0);
    await page.keyboard.press("?");
    await page.getByRole("link", { name: "The first steps" }).click();
    await page.getByRole("heading", { name: "First steps" }).waitFor();
    await page.getByRole("button", { name: "Skip" }).click();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("first steps");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "First steps" }).waitFor();
  });
});

async function signIn(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(ann.email);
  await page.getByLabel("Password", { exact: true }).fill(ann.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

describe("the overview of a shop", () => {
  let other: Stage;
  beforeAll(async () => {
    other = await Stage.open({ ZERORACE_RUNS: "off" });
  });
  afterAll(() => other.close());
  afterEach(() => other.expectNoFaults());

  it("says that nobody has checked the books, then shows four zeros, then the one that leaves zero", async () => {
    const shop = await makeOwnShop(other);
    await buy(other, shop, 2);
    const page = await other.signedInPage("/");
    await page.getByText("No worker has checked these books yet.").waitFor();
    await page.getByText("npm run -s zerorace -- worker").waitFor();
    await proveByRound(other);
    await page.reload();
    for (const name of ["Oversells", "Double charges", "Budget overruns", "Ledger drift"]) {
      const tile = page.locator("section", { has: page.getByRole("heading", { name }) });
      await tile.getByText("0", { exact: true }).waitFor();
      await tile.getByText(/checked/).waitFor();
    }
    const { db } = other.api.database;
    const change = "update stock_buckets set available = available + $2 where item_id = $1";
    await db.pool.query(change, [shop.itemId, 7]);
    await proveByRound(other);
    // It asks again by itself.
    await page.getByText("Not zero: Oversells.").waitFor({ timeout: 30_000 });
    await expect.poll(() => page.title()).toBe("BROKEN: Overview · ZeroRace");
    await db.pool.query(change, [shop.itemId, -7]);
    await proveByRound(other);
  });

  it("counts what was sold and says what stopped the rest, while it happens", async () => {
    const shop = await makeOwnShop(other, "LAMP-2", 3);
    const page = await other.signedInPage("/");
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await buy(other, shop, 1);
    await buy(other, shop, 50);
    await page.getByRole("rowheader", { name: "Sold out" }).waitFor();
    await page.getByRole("img", { name: "Sold in the last 30 days" }).waitFor();
  });

  it("keeps the page when test and live are switched, and shows nothing of the other", async () => {
    const page = await other.signedInPage("/");
    await page.getByText("$", { exact: false }).first().waitFor();
    await page.getByRole("button", { name: "Live" }).click();
    await page.getByRole("link", { name: "Run 10,000 agents against 100 units" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/");
    await page.getByText("0 of 6").waitFor();
    await page.getByRole("button", { name: "Test" }).click();
    await page
      .getByRole("heading", { name: "Nothing has been sold" })
      .waitFor({ state: "detached" });
  });

  it("of another organisation, in another browser, knows nothing of it", async () => {
    const stranger = await other.person("owner", true);
    const page = await other.pageAs(stranger.cookie);
    await page.getByText("0 of 6").waitFor();
    await page.getByText("Nothing was refused today.").waitFor();
  });

  it.each(["viewer", "operator"] as const)("tells a %s what its role may not", async (role) => {
    const somebody = await other.person(role);
    const page = await other.pageAs(somebody.cookie);
    const words = `Your role, ${role}, may not do this`;
    const steps = page.getByRole("heading", { name: "First steps" });
    if (role === "operator") {
      // Of the six only the key is not an operator's.
      await steps.waitFor();
      await page.getByText(words, { exact: false }).first().waitFor({ state: "attached" });
    } else {
      await page.getByText("What stopped the others").waitFor();
      expect(await steps.count()).toBe(0);
      await page.getByRole("button", { name: "Live" }).click();
      const big = page.getByRole("button", { name: "Run 10,000 agents against 100 units" });
      expect(await big.getAttribute("aria-disabled")).toBe("true");
      const nav = page.getByRole("navigation", { name: "Screens" });
      expect(await nav.getByRole("link", { name: "API keys" }).count()).toBe(0);
      await nav.getByText("API keys").waitFor();
    }
  });
});
