import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makePerson } from "../../server/testing/people.ts";
import { Stage } from "./harness.ts";
import { payload } from "./selling-shop.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const idIn = (page: Page): string => new URL(page.url()).pathname.split("/").at(-1) ?? "";
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const title = (page: Page, name: string) => page.getByRole("heading", { name, level: 1 }).waitFor();

/** What the test made on its way. */
const made = { merchantId: "", itemId: "", mandateId: "" };

interface Answer {
  readonly outcome: string;
  readonly reason?: string;
  readonly intentId: string;
}

function ask(quantity = 1, priceMinor = 12_900) {
  return {
    merchantId: made.merchantId,
    mandateId: made.mandateId,
    itemId: made.itemId,
    agentId: "agent-7",
    quantity,
    amountMinor: quantity * priceMinor,
    currency: "EUR",
  };
}
const buy = (quantity?: number, price?: number) =>
  stage.call<Answer>("POST", "/v1/purchases/commit", ask(quantity, price));

async function pageWith(cookie: string, path: string): Promise<Page> {
  const page = await stage.newPage();
  const [name = "", value = ""] = cookie.split("=");
  await page.context().addCookies([{ name, value, url: stage.url }]);
  await page.goto(path);
  return page;
}

describe.sequential("selling", () => {
  it("an item is made with its merchant, from nothing; what is wrong is told at its field", async () => {
    const page = await stage.signedInPage("/items");
    await page.getByRole("heading", { name: "No items yet" }).waitFor();
    await page.getByRole("button", { name: "New item" }).last().click();
    const form = page.getByRole("dialog", { name: "New item" });
    await form.getByLabel("Name").fill("Brass desk lamp");
    await form.getByRole("button", { name: "Create the item" }).click();
    await form.locator("input[name=merchantName][aria-invalid=true]").waitFor();
    expect(await form.locator("[aria-invalid=true]").count()).toBe(1);
    await form.getByLabel("Merchant").fill("Lamps & Co");
    await form.getByLabel("SKU").fill("LAMP-1");
    await form.getByLabel("Price of one").fill("12 euros");
    await form.getByLabel("Units in stock").fill("5");
    await form.getByRole("button", { name: "Create the item" }).click();
    await form.getByText("Must be an amount in EUR, as in 19.99.").waitFor();
    await form.getByLabel("Price of one").fill("129.00");
    await form.getByLabel("SKU").fill("");
    await form.getByRole("button", { name: "Create the item" }).click();
    await form.getByText("Must not be empty.").waitFor();
    await form.getByLabel("SKU").fill("LAMP-1");
    expect(await form.getByLabel("Name").inputValue()).toBe("Brass desk lamp");
    await form.getByRole("button", { name: "Create the item" }).click();
    await title(page, "Brass desk lamp");
    made.itemId = idIn(page);
    const { data } = await stage.call<{ data: unknown[] }>("GET", "/v1/merchants");
    expect(data).toHaveLength(1);
    await page.goBack();
    await page.getByRole("heading", { name: "Items and inventory", level: 1 }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    await page.goForward();
    await page.getByRole("link", { name: "Lamps & Co" }).click();
    await title(page, "Lamps & Co");
    made.merchantId = idIn(page);
    await page.getByRole("link", { name: /^Brass desk lamp/ }).waitFor();
  });

  it("a name that looks like a page is a name", async () => {
    const page = await stage.signedInPage("/merchants?make=merchant");
    await page.getByRole("dialog").getByLabel("Name").fill(payload);
    await button(page, "Create the merchant").click();
    await title(page, payload);
    expect(await page.title()).toBe(`${payload} · ZeroRace`);
    expect(await page.locator("main img, main script").count()).toBe(0);
  });

  it("stock is adjusted with a reason, which stays in its history; the price has one, too", async () => {
    const page = await stage.signedInPage(`/items/${made.itemId}`);
    await button(page, "Adjust the stock").click();
    const form = page.getByRole("dialog", { name: "Adjust the stock of Brass desk lamp" });
    await form.getByLabel("Units").fill("-6");
    await form.getByText("Only free units can go.").waitFor();
    await form.getByLabel("Reason").fill("broken");
    await form.getByRole("button", { name: "Adjust the stock" }).click();
    await form.getByText("About NOT_ENOUGH_STOCK").waitFor();
    await form.getByLabel("Units").fill("95");
    await form.getByText("Free units 5 becomes 100").waitFor();
    await form.getByLabel("Reason").fill("a delivery");
    await form.getByRole("button", { name: "Adjust the stock" }).click();
    await page.getByText("Stock adjusted by +95: a delivery. 100 are free now.").waitFor();
    await page
      .getByRole("row")
      .filter({ hasText: "a delivery" })
      .filter({ hasText: "+95" })
      .waitFor();

    await button(page, "Set a new price").click();
    await page.getByRole("dialog").getByLabel("Price of one, in EUR").fill("99.5");
    await button(page, "Set the price").click();
    await page.getByText("The price is €99.50 now.").waitFor();
    await page.getByRole("tab", { name: "Prices" }).click();
    await page.getByRole("row").filter({ hasText: "€129.00" }).waitFor();
    expect(new URL(page.url()).searchParams.get("tab")).toBe("prices");
    await page.goto(`/items/${made.itemId}?act=price`);
    await page.getByRole("dialog").getByLabel("Price of one, in EUR").fill("129");
    await button(page, "Set the price").click();
    await page.getByText("The price is €129.00 now.").waitFor();
  });

  it("a mandate is made with its rules", async () => {
    const page = await stage.signedInPage("/mandates?make=mandate");
    const form = page.getByRole("dialog", { name: "New mandate" });
    await form.getByLabel("Name").fill("Office");
    await form.getByLabel("Cap").fill("1000");
    await form.getByLabel("A day").fill("500.00");
    await form.getByLabel("Time zone").fill("Mars/Olympus");
    await form.getByRole("group", { name: "Merchants" }).getByLabel("Only these").check();
    await form.getByLabel("Lamps & Co").check();
    await form.getByRole("button", { name: "Create the mandate" }).click();
    await form.getByText("Must be an IANA time zone.").waitFor();
    await form.getByLabel("Time zone").fill("Europe/Paris");
    await form.getByRole("button", { name: "Create the mandate" }).click();
    await title(page, "Office");
    made.mandateId = idIn(page);
    await page.getByText("only Lamps & Co").waitFor();
    await page.getByText("€0.00 of €500.00 used,").waitFor();
  });

  it("what an agent could buy is the server's answer, follows the sales, and names what stops it", async () => {
    const page = await stage.signedInPage(`/mandates/${made.mandateId}?quantity=3`);
    await page.getByText("3 × Brass desk lamp for €387.00 would go through.").waitFor();
    expect((await buy(1)).outcome).toBe("COMMITTED");
    await page.getByText("€129.00 used + €387.00 asked = €516.00").waitFor();
    const day = page.getByRole("listitem").filter({ hasText: "Stops this purchase" });
    await day.getByText("Day", { exact: true }).waitFor();
    expect(await buy(3)).toMatchObject({ outcome: "DECLINED", reason: "PERIOD" });
    await page.getByRole("row").filter({ hasText: "Day limit" }).waitFor();
    await page.getByLabel("Units").fill("2");
    await page.getByText("2 × Brass desk lamp for €258.00 would go through.").waitFor();
    expect(new URL(page.url()).searchParams.get("quantity")).toBe("2");
  });

  it("lists follow what is sold, and filters are in the address", async () => {
    const page = await stage.signedInPage("/items");
    await page.getByText("99 free · 1 sold").waitFor();
    await buy(1);
    await page.getByText("98 free · 2 sold").waitFor();
    await page.getByLabel("State").selectOption({ label: "Closed" });
    await page.getByText("No items fit these filters.").waitFor();
    expect(new URL(page.url()).search).toBe("?state=closed");
    await page.goBack();
    await page.getByRole("link", { name: /^Brass desk lamp/ }).click();
    await title(page, "Brass desk lamp");
  });

  it("a closed item is bought by nobody until it is opened", async () => {
    const page = await stage.signedInPage(`/items/${made.itemId}`);
    await button(page, "Close the sale").click();
    const dialog = page.getByRole("dialog", { name: "Close Brass desk lamp?" });
    await dialog.getByRole("button", { name: "Close the sale" }).click();
    await page.getByText("The sale is closed: nobody can buy it.").waitFor();
    expect(await buy()).toMatchObject({ outcome: "DECLINED", reason: "ITEM_CLOSED" });
    await button(page, "Open the sale").click();
    await page.getByRole("dialog").getByRole("button", { name: "Open the sale" }).click();
    await page.getByText("It is on sale.").waitFor();
    expect((await buy()).outcome).toBe("COMMITTED");
  });

  it("a mandate is topped up, paused, activated; new rules take the place of all", async () => {
    const page = await stage.signedInPage(`/mandates/${made.mandateId}`);
    await button(page, "Top up").click();
    await page.getByRole("dialog").getByLabel("Amount, in EUR").fill("250.50");
    await page.getByText("Cap €1,000.00 becomes €1,250.50").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Top up" }).click();
    await page.getByText("Topped up: the cap is €1,250.50 now.").waitFor();
    await button(page, "Pause").click();
    await button(page, "Pause the mandate").click();
    await page.getByText("It is paused: nothing is bought under it.").waitFor();
    expect(await buy()).toMatchObject({ outcome: "DECLINED", reason: "PAUSED" });
    await button(page, "Activate").click();
    await button(page, "Activate the mandate").click();
    await page.getByText("It is active.").waitFor();
    await page.getByRole("button", { name: "More acts" }).click();
    await page.getByRole("menuitem", { name: "Set the rules" }).click();
    const rules = page.getByRole("dialog", { name: "Rules of Office" });
    expect(await rules.getByLabel("A day").inputValue()).toBe("500.00");
    expect(await rules.getByLabel("Lamps & Co").isChecked()).toBe(true);
    await rules.getByLabel("A day").fill("");
    await rules.getByRole("button", { name: "Set the rules" }).click();
    await page.getByText("The rules are set.").waitFor();
    const { dayLimitMinor, allowedMerchants } = await stage.call<Record<string, unknown>>(
      "GET",
      `/v1/mandates/${made.mandateId}`,
    );
    expect({ dayLimitMinor, allowedMerchants }).toEqual({
      dayLimitMinor: null,
      allowedMerchants: [made.merchantId],
    });
  });

  it("it is revoked when its name was typed, and what is held is given back if that is chosen", async () => {
    await stage.call("POST", "/v1/holds", { ...ask(2), holdSeconds: 600 });
    const page = await stage.signedInPage(`/mandates/${made.mandateId}?act=revoke`);
    const dialog = page.getByRole("dialog", { name: "Revoke Office?" });
    await dialog.getByText("€258.00 are held under it").waitFor();
    const revoke = dialog.getByRole("button", { name: "Revoke the mandate" });
    expect(await revoke.getAttribute("aria-disabled")).toBe("true");
    await dialog.getByLabel("Release them").check();
    await dialog.getByLabel("Type Office to go on").fill("Office");
    await revoke.click();
    await page.getByText("It is revoked, and what was held is given back.").waitFor();
    const after = await stage.call("GET", `/v1/mandates/${made.mandateId}`);
    expect(after).toMatchObject({ state: "revoked", money: { heldMinor: 0 } });
    await button(page, "Top up").hover();
    const why = "It is revoked, for good. Make another mandate.";
    await page.getByRole("tooltip").filter({ hasText: why, visible: true }).waitFor();
    await button(page, "Top up").click({ force: true });
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("who may only look is told why, and is asked for nothing", async () => {
    const { session } = await stage.claimed();
    const { db } = stage.api.database;
    const { live, test } = session.tenants;
    const organisationId = session.organisation.id;
    const home = { organisationId, liveTenantId: live, testTenantId: test };
    const viewer = await makePerson(db, { role: "viewer", home });
    const other = await pageWith(viewer.cookie, `/items/${made.itemId}?act=adjust`);
    await title(other, "Brass desk lamp");
    const reason = "Your role, viewer, may not do this.";
    await button(other, "Adjust the stock").click({ force: true });
    await button(other, "Adjust the stock").hover();
    await other.getByRole("tooltip").filter({ hasText: reason }).first().waitFor();
    expect(await other.getByRole("dialog").count()).toBe(0);
  });

  it("another organisation's things are not shown", async () => {
    const { cookie } = await makePerson(stage.api.database.db);
    for (const path of [`/items/${made.itemId}`, `/mandates/${made.mandateId}`]) {
      const page = await pageWith(cookie, path);
      await page.getByRole("alert").getByText("About FORBIDDEN").waitFor();
      expect(await page.getByText("Brass desk lamp").count()).toBe(0);
    }
  });
});
