import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { WholeMandateView } from "../../server/mandates/wire.ts";
import { Stage } from "./harness.ts";

/** More merchants than a picker shows; the one that is looked for is the oldest. */
let stage: Stage;
let oldest: string;
beforeAll(async () => {
  stage = await Stage.open();
  const make = async (name: string): Promise<string> =>
    (await stage.call<{ id: string }>("POST", "/v1/merchants", { name })).id;
  oldest = await make("The First Shop");
  for (let n = 0; n < 100; n += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, at) => make(`Shop ${n + at}`)));
  }
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("a merchant that is none of the newest hundred is found, ticked, and stays so", async () => {
  const page = await stage.signedInPage("/mandates?make=mandate");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Only there");
  await dialog.getByLabel(/^Cap/).fill("100");
  const merchants = dialog.getByRole("group", { name: "Merchants" });
  await merchants.getByLabel("Only these").check();
  await merchants.getByText("The newest hundred are shown.").waitFor();
  expect(await merchants.getByLabel("The First Shop").count()).toBe(0);
  const find = merchants.getByLabel("Find among the merchants");
  await find.fill("first SHOP");
  await find.press("Enter");
  await merchants.getByLabel("The First Shop").check();
  await find.fill("no such thing");
  await merchants.getByText("Nothing is called so.").waitFor();
  expect(await merchants.getByLabel("The First Shop").isChecked()).toBe(true);
  await find.fill("");
  await merchants.getByLabel("Shop 99", { exact: true }).check();
  await dialog.getByRole("button", { name: /^Create/ }).click();
  await page.getByRole("heading", { name: "Only there", level: 1 }).waitFor();
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  const { allowedMerchants } = await stage.call<WholeMandateView>("GET", `/v1/mandates/${id}`);
  expect(allowedMerchants).toContain(oldest);
  expect(allowedMerchants).toHaveLength(2);
});

it("a filter of a list finds any of them, and names it in the address's chip", async () => {
  const page = await stage.signedInPage("/purchases");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Find among the merchants").fill("The First");
  const select = page.getByRole("combobox", { name: "Merchant" });
  await expect
    .poll(() => select.locator("option").allInnerTexts())
    .toEqual(["Any", "The First Shop"]);
  await select.selectOption({ label: "The First Shop" });
  expect(new URL(page.url()).searchParams.get("merchantId")).toBe(oldest);
  await page.getByRole("button", { name: "Remove the filter Merchant" }).waitFor();
  await page
    .getByRole("region", { name: "Filters" })
    .locator("span.truncate", { hasText: "The First Shop" })
    .waitFor();
});
