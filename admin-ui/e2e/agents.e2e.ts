import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { countedAgents } from "./agents-screens.ts";
import { Stage } from "./harness.ts";
import { evilName, type MoneyShop } from "./money-shop.ts";

let stage: Stage;
let shop: MoneyShop;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
  shop = await countedAgents(stage);
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

async function ask(agentId: string): Promise<Record<string, string>> {
  const { merchantId, itemId, mandateId } = shop;
  const price = { quantity: 1, amountMinor: 4500, currency: "USD" };
  const body = { merchantId, itemId, mandateId, agentId, ...price };
  return stage.call("POST", "/v1/purchases/commit", body);
}

it("an agent stands with what it asked, and leads to the asks that were refused", async () => {
  const page = await stage.signedInPage("/agents");
  const row = page.getByRole("row").filter({ hasText: "agent-7" });
  expect(await row.getByRole("cell").nth(1).textContent()).toBe("9");
  expect(await row.getByRole("cell").nth(3).textContent()).toBe("2");
  await row.getByRole("link", { name: "agent-7" }).click();
  await page.getByRole("heading", { name: "What refused it" }).waitFor();
  const declines = page.getByRole("region", { name: "Declines by constraint" });
  // A colour that does not exist would leave the bar black and the key beside the words empty.
  const key = declines.locator("span[aria-hidden]").first();
  const background = await key.evaluate((one) => getComputedStyle(one).backgroundColor);
  expect(background).not.toBe("rgba(0, 0, 0, 0)");
  const bar = page.locator("main svg[viewBox='0 0 1000 10'] rect").first();
  expect(await bar.evaluate((one) => getComputedStyle(one).fill)).toBe(background);
  await declines.getByRole("row").filter({ hasText: "Sold out" }).getByText("See them").click();
  await page.getByText("Opening night poster").first().waitFor();
  const { searchParams } = new URL(page.url());
  expect(Object.fromEntries(searchParams)).toMatchObject({
    agentId: "agent-7",
    reason: "SOLD_OUT",
  });
});

it("is blocked with a reason, buys nothing more, and is unblocked", async () => {
  expect(await ask("agent-2")).toMatchObject({ outcome: "COMMITTED" });
  const page = await stage.signedInPage("/agents/agent-2");
  await page.getByRole("button", { name: "Block …" }).click();
  await page.getByLabel("Why").fill("buys what nobody wants");
  await page.getByRole("button", { name: "Block the agent" }).click();
  await page.getByText("agent-2 is blocked: nothing that was under way comes through").waitFor();
  await page.getByText("“buys what nobody wants”").waitFor();
  expect(await ask("agent-2")).toMatchObject({ outcome: "DECLINED", reason: "AGENT_BLOCKED" });
  await page.getByRole("link", { name: "Agents" }).first().click();
  await page.getByText("Blocked", { exact: true }).first().click();
  await page.getByRole("link", { name: "agent-2" }).click();
  await page.getByRole("button", { name: "Unblock …" }).click();
  await page.getByRole("button", { name: "Unblock the agent" }).click();
  await page.getByText("agent-2 may buy again.").waitFor();
  expect(await ask("agent-2")).toMatchObject({ outcome: "COMMITTED" });
});

it("a name is only a name, whatever stands in it", async () => {
  const page = await stage.signedInPage("/agents");
  await page.getByRole("link", { name: evilName }).click();
  await page.getByRole("heading", { level: 1, name: evilName }).waitFor();
  await page.reload();
  await page.getByRole("heading", { level: 1, name: evilName }).waitFor();
  expect(await page.title()).not.toBe("owned");
});

it("whoever may not block is told why", async () => {
  const { cookie } = await stage.person("viewer");
  const page = await stage.pageAs(cookie, "/agents/agent-1");
  const button = page.getByRole("button", { name: "Block …" });
  await button.waitFor();
  expect(await button.getAttribute("aria-disabled")).toBe("true");
});
