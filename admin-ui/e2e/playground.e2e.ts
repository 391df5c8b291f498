import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { environment } from "../../server/base/config.ts";
import type { Shop } from "../../server/testing/factories.ts";
import { look } from "../../server/testing/look.ts";
import { makePerson, makeShopIn } from "../../server/testing/people.ts";
import { Stage } from "./harness.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const row = (page: Page, id: string) => page.locator(`[data-constraint="${id}"]`);
const stateOf = (page: Page, id: string) => row(page, id).getAttribute("data-state");
const verdict = (page: Page) => page.locator("[data-verdict]:visible");
const send = (page: Page) => page.getByRole("button", { name: /^Send (the ask|again)/ });
const becomes = (page: Page, id: string, state: string) =>
  page.locator(`[data-constraint="${id}"][data-state="${state}"]`).waitFor();

interface World {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
}

async function makeWorld(stock = 3, name = "Desk lamp"): Promise<World> {
  const merchant = await stage.call<{ id: string }>("POST", "/v1/merchants", { name: "A shop" });
  const item = await stage.call<{ id: string }>("POST", "/v1/items", {
    merchantId: merchant.id,
    sku: "LAMP",
    name,
    currency: "USD",
    priceMinor: 2500,
    stock,
    buckets: 1,
  });
  const money = { name, currency: "USD", capMinor: 10_000 };
  const mandate = await stage.call<{ id: string }>("POST", "/v1/mandates", money);
  return { merchantId: merchant.id, itemId: item.id, mandateId: mandate.id };
}

const linkOf = (world: World, more: Record<string, string> = {}) =>
  `/playground?${new URLSearchParams({ ...world, agentId: "agent-7", quantity: "1", amountMinor: "2500", currency: "USD", ...more })}`;

describe.sequential("the playground", () => {
  it("makes a world where there is none, buys in it, and the address says what is asked", async () => {
    const page = await stage.signedInPage("/playground");
    await page.getByText("Nothing to buy yet").waitFor();
    await page.getByRole("button", { name: "Make me a world" }).click();
    await becomes(page, "CAP", "PASSED");
    await row(page, "SOLD_OUT").getByText("free3this1left2").waitFor();
    await page.waitForURL(/itemId=/);
    const shared = page.url();
    await send(page).click();
    await verdict(page).getByText("Bought.").waitFor();
    await page.getByText("2 free, 0 held, 1 sold").waitFor();
    await page.getByText("$75.00 left of $100.00").waitFor();
    await send(page).click();
    await page.getByText("Replayed", { exact: true }).waitFor();
    await becomes(page, "key", "REPLAYED");
    await page.getByText("2 free, 0 held, 1 sold").waitFor();

    const other = await stage.signedInPage(new URL(shared).pathname + new URL(shared).search);
    await becomes(other, "CAP", "PASSED");
    await row(other, "SOLD_OUT").getByText("free2this1left1").waitFor();
  });

  it("says what would bind before anything is sent, and the same when it is sent", async () => {
    const page = await stage.signedInPage(linkOf(await makeWorld()));
    await becomes(page, "CAP", "PASSED");
    await page.getByLabel("Quantity").fill("4");
    await becomes(page, "SOLD_OUT", "BINDING");
    await row(page, "SOLD_OUT").getByText("missing1").waitFor();
    expect(await stateOf(page, "CAP")).toBe("NOT_REACHED");
    expect(await page.getByLabel("Amount, minor").inputValue()).toBe("10000");
    await page.keyboard.press("Control+Enter");
    await verdict(page).getByText("Declined: sold out. 4 asked, 3 free.").waitFor();
    await becomes(page, "SOLD_OUT", "BINDING");
    await page.getByLabel("Quantity").fill("1");
    await becomes(page, "CAP", "PASSED");
    await page.getByLabel("Amount, minor").fill("2400");
    await becomes(page, "ask", "BINDING");
    await send(page).click();
    await verdict(page).getByText("422").waitFor();
    await row(page, "ask").getByText("The amount is 2400, but this costs 2500.").waitFor();
  });

  it("shows a wrong field at the field, and keeps the key on demand", async () => {
    const page = await stage.signedInPage(linkOf(await makeWorld()));
    await becomes(page, "CAP", "PASSED");
    await page.getByLabel("Quantity").fill("0");
    await page.getByText("Must be at least 1.", { exact: true }).waitFor();
    await page.getByLabel("Quantity").fill("1");
    await page.getByLabel("Keep the key when the ask changes").check();
    await send(page).click();
    await verdict(page).getByText("Bought.").waitFor();
    await page.getByLabel("Quantity").fill("2");
    await send(page).click();
    await verdict(page).getByText("409").waitFor();
    await becomes(page, "key", "BINDING");
    await page.getByRole("button", { name: "New key" }).click();
    await send(page).click();
    await verdict(page).getByText("Bought.").waitFor();
    await page.getByText("0 free, 0 held, 3 sold").waitFor();
  });

  it("hears of what others buy", async () => {
    const world = await makeWorld();
    const page = await stage.signedInPage(linkOf(world));
    await row(page, "SOLD_OUT").getByText("free3").waitFor();
    const more = { agentId: "another", quantity: 2, amountMinor: 5000, currency: "USD" };
    await stage.call("POST", "/v1/purchases/commit", { ...world, ...more });
    await row(page, "SOLD_OUT").getByText("free1").waitFor();
    await page.getByText("1 free, 0 held, 2 sold").waitFor();
  });

  it("buys nothing in live data, and asks nothing of it", async () => {
    const page = await stage.signedInPage("/playground");
    await send(page).waitFor();
    await page.getByRole("button", { name: "Live", exact: true }).click();
    await page.getByText("The playground buys in test data only").waitFor();
    expect(await send(page).count()).toBe(0);
    await page.keyboard.press("Control+Enter");
    await page.getByRole("button", { name: "Switch to test data" }).click();
    await send(page).waitFor();
  });

  it("takes names and links for text", async () => {
    const evil = `<img src=x onerror="document.title='gone'">'"$(touch x)`;
    const world = await makeWorld(3, evil);
    const page = await stage.signedInPage(linkOf(world, { agentId: evil, preset: evil }));
    await becomes(page, "CAP", "PASSED");
    await send(page).click();
    await verdict(page).getByText("Bought.").waitFor();
    expect(await page.title()).toBe("Playground · ZeroRace");
  });
});

describe("the playground of somebody else", () => {
  async function openAs(role: "viewer" | "owner", link: (shop: Shop) => string) {
    const { db } = stage.api.database;
    const person = await makePerson(db, { role });
    const shop = await makeShopIn(db, person.testTenantId);
    const page = await stage.newPage();
    const [name = "", value = ""] = person.cookie.split("=");
    await page.context().addCookies([{ name, value, url: stage.url }]);
    await page.goto(link(shop));
    return { page, shop, db };
  }

  it("shows a viewer what would bind, and lets a viewer neither buy nor make", async () => {
    const { page, shop, db } = await openAs("viewer", () => "/playground?preset=last-cent");
    await becomes(page, "CAP", "PASSED");
    const reason = "Your role, viewer, may not do this.";
    expect(await send(page).getAttribute("aria-disabled")).toBe("true");
    await page
      .getByRole("tooltip")
      .filter({ hasText: reason })
      .first()
      .waitFor({ state: "hidden" });
    await page.keyboard.press("Control+Enter");
    for (const name of ["Make me a world", "Run", "Step by step"]) {
      const button = page.getByRole("button", { name, exact: true });
      expect(await button.getAttribute("aria-disabled")).toBe("true");
      await button.click({ force: true });
    }
    await page.getByLabel("Quantity").fill("101");
    await becomes(page, "SOLD_OUT", "BINDING");
    expect(await verdict(page).count()).toBe(0);
    expect((await look(db, shop)).available).toBe(100n);
  });

  it("says so when a link leads to another organisation's things", async () => {
    const theirs = await makeWorld();
    const { page } = await openAs("owner", () => linkOf(theirs));
    await becomes(page, "ask", "BINDING");
    await row(page, "ask").getByText("belongs to another tenant").waitFor();
    await send(page).click();
    await verdict(page).getByText("403").waitFor();
    await becomes(page, "ask", "BINDING");
  });
});

describe.sequential("the code beside it", () => {
  const run = promisify(execFile);

  async function copied(page: Page, language: "curl" | "TypeScript"): Promise<string> {
    await page.getByRole("tab", { name: language }).click();
    await page.getByRole("button", { name: `Copy ${language}`, exact: true }).click();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    const shown = await page.getByRole("group", { name: language, exact: true }).innerText();
    expect(text).toBe(shown);
    return text;
  }

  async function openWithKey(agentId: string, quantity: string) {
    const scopes = ["purchases:read", "purchases:write"];
    const made = await stage.call<{ apiKey: string }>("POST", "/v1/keys", { name: "code", scopes });
    const link = linkOf(await makeWorld(), {
      agentId,
      quantity,
      amountMinor: `${Number(quantity) * 2500}`,
    });
    const permissions = ["clipboard-read", "clipboard-write"];
    const page = await stage.signedInPage(link, { permissions });
    await send(page).waitFor();
    const env = { ...environment(), ZERORACE_API_KEY: made.apiKey };
    const inShell = async (code: string): Promise<string> =>
      (await run("sh", ["-c", code], { env })).stdout;
    const inNode = async (code: string): Promise<string> => {
      const dir = await mkdtemp(join(tmpdir(), "zerorace-"));
      try {
        await writeFile(join(dir, "ask.mts"), code);
        return (await run(process.execPath, [join(dir, "ask.mts")], { env })).stdout;
      } finally {
        await rm(dir, { recursive: true });
      }
    };
    return { page, inShell, inNode };
  }

  const asReplay = (text: string) => text.replace('"replayed":false', '"replayed":true');
  const shownAnswer = async (page: Page): Promise<string> =>
    JSON.stringify(
      JSON.parse(await page.getByRole("group", { name: "the answer", exact: true }).innerText()),
    );

  it.each([
    ["agent-7", "1"],
    [`it's "quoted" $HOME \`id\` \\ ü`, "2"],
    ["agent-7", "4"],
  ])("gets the answer that the page got: agent %s, %s units", async (agentId, quantity) => {
    const { page, inShell, inNode } = await openWithKey(agentId, quantity);
    await send(page).click();
    await verdict(page).waitFor();
    const answer = asReplay(await shownAnswer(page));
    expect(await inShell(await copied(page, "curl"))).toBe(answer);
    const status = quantity === "4" ? 200 : 201;
    expect(await inNode(await copied(page, "TypeScript"))).toBe(`${status}\n${answer}\n`);
  });

  it("may come first: then the page gets what it got", async () => {
    const { page, inShell } = await openWithKey("agent-7", "1");
    const answer = await inShell(await copied(page, "curl"));
    expect(answer).toContain('"outcome":"COMMITTED"');
    await send(page).click();
    await page.getByText("Replayed", { exact: true }).waitFor();
    expect(await shownAnswer(page)).toBe(asReplay(answer));
  });

  it("follows every change of the ask", async () => {
    const { page } = await openWithKey("agent-7", "1");
    await page.getByLabel("Quantity").fill("2");
    await page.getByLabel("Agent").fill("somebody else");
    await page.getByLabel("Idempotency key").fill("my-key");
    for (const language of ["curl", "TypeScript"] as const) {
      const code = await copied(page, language);
      for (const part of ["somebody else", "5000", "my-key"]) expect(code).toContain(part);
    }
  });
});
