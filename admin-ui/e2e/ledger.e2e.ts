import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";
import { moneyShop, type MoneyShop } from "./money-shop.ts";

let stage: Stage;
let shop: MoneyShop;
beforeAll(async () => {
  stage = await Stage.open();
  shop = await moneyShop(stage);
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const balance = (page: Page) => page.getByRole("table", { name: "Trial balance in USD" });
const entries = (page: Page) => page.getByRole("table", { name: "Entries" }).getByRole("row");
const sum = async (page: Page): Promise<string[]> =>
  balance(page).getByRole("row").last().getByRole("cell").allInnerTexts();

it("leads from each number to the entries that it is the sum of, and on to the purchase", async () => {
  const page = await stage.signedInPage("/ledger");
  const payable = balance(page).getByRole("row").filter({ hasText: "Merchants, payable" });
  await payable.getByRole("link").nth(2).waitFor();
  const cells = await payable.getByRole("cell").allInnerTexts();
  await payable.getByRole("link").nth(2).click();
  await expect.poll(() => entries(page).count()).toBe(2);
  const { searchParams } = new URL(page.url());
  expect(Object.fromEntries(searchParams)).toEqual({
    account: "MERCHANT_PAYABLE",
    currency: "USD",
    side: "debit",
  });
  const [, debit] = await entries(page).allInnerTexts();
  expect(debit).toContain(cells[2]);
  // The books as a whole stay in sight, and zero.
  expect((await sum(page)).at(-1)).toContain("$0.00");
  await entries(page).nth(1).getByRole("link").click();
  await page.getByText("$30.00 of it was refunded").waitFor();
  expect(new URL(page.url()).pathname).toBe(`/purchases/${shop.partRefunded}`);
  await page.getByRole("link", { name: "Merchants, payable" }).first().click();
  await page.getByRole("heading", { name: "Merchants, payable", level: 1 }).waitFor();
  expect(await page.getByText("Balance, USD").isVisible()).toBe(true);
});

it("follows what is sold, and stays at zero; the entries wait to be asked", async () => {
  const page = await stage.signedInPage("/ledger");
  await balance(page).waitFor();
  const [, before] = await sum(page);
  const { merchantId, itemId, mandateId } = shop;
  const body = { merchantId, itemId, mandateId, agentId: "agent-7", quantity: 1 };
  await stage.call("POST", "/v1/purchases/commit", { ...body, amountMinor: 4500, currency: "USD" });
  await page.getByRole("button", { name: "2 new entries" }).waitFor();
  const more = String(Number(before) + 2);
  await expect.poll(async () => (await sum(page))[1], { timeout: 15_000 }).toBe(more);
  const [, , debit, credit, zero] = await sum(page);
  expect(debit).toBe(credit);
  expect(zero).toContain("$0.00");
});

it("shows the books as they were at a moment", async () => {
  const page = await stage.signedInPage("/ledger");
  await page.getByRole("button", { name: "Another moment …" }).click();
  await page.getByRole("button", { name: "Show them" }).click();
  await page.getByText("Choose a day and a time.").waitFor();
  await page.getByLabel("At", { exact: true }).fill("2020-01-01T00:00:00");
  await page.getByRole("button", { name: "Show them" }).click();
  await page.getByText("Nothing was booked before.").waitFor();
  expect(new URL(page.url()).searchParams.get("at")).toContain("2020-01-01T00:00:00");
  await page.getByRole("button", { name: "Back to now" }).click();
  await balance(page).waitFor();
});

it("exports the entries that it is narrowed to", async () => {
  const page = await stage.signedInPage("/ledger?kind=refund");
  await expect.poll(() => entries(page).count()).toBe(3);
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const text = await readFile(await (await coming).path(), "utf8");
  expect(text.trimEnd().split("\r\n")).toHaveLength(3);
});
