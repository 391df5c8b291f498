import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { catalogueFile } from "../../server/testing/catalogue-file.ts";
import { workOn } from "../../server/testing/imports.ts";
import { Stage } from "./harness.ts";
import { payload } from "./selling-shop.ts";

let stage: Stage;
const ending = new AbortController();
let working: Promise<void>;
beforeAll(async () => {
  stage = await Stage.open();
  working = keepWorking();
});
afterAll(async () => {
  ending.abort();
  await working;
  await stage.close();
});
afterEach(() => stage.expectNoFaults());

/** A worker's rounds, in this process. */
async function keepWorking(): Promise<void> {
  while (!ending.signal.aborted) {
    await workOn(stage.api.database.db);
    await sleep(200);
  }
}

const choose = (page: Page, name: string, text: string): Promise<void> =>
  page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
const press = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole("button", { name }).click();
const slowly = { timeout: 60_000 };

describe.sequential("an import", () => {
  let merchantId = "";

  it("is chosen, mapped, checked, started, watched and undone; a reload loses nothing", async () => {
    const made = await stage.call<{ id: string }>("POST", "/v1/merchants", { name: "Lamps" });
    merchantId = made.id;
    const page = await stage.signedInPage("/items");
    await page.getByRole("link", { name: "Import CSV" }).click();
    const rows = ["SKU,Title,Price,Qty", `A-1,${payload.replaceAll('"', "'")},1.00,1`, "A-2,b,x,1"];
    await choose(page, "lamps.csv", `${rows.join("\n")}\n`);
    await page.getByRole("heading", { name: "lamps.csv", level: 1 }).waitFor();
    await page.getByText("First row: A-1").waitFor();
    expect(await page.getByLabel("SKU", { exact: true }).inputValue()).toBe("0");
    await press(page, "Check every row");
    await page.getByText("would be left out").waitFor(slowly);
    await page.getByText("must be an amount such as 19.99").waitFor();
    await page.reload();
    await press(page, "Import 1 item");
    await press(page, "Start the import");
    await page.getByText("It can be undone").waitFor(slowly);
    expect(await page.locator("main img, main script").count()).toBe(0);
    await press(page, "Undo this import");
    await press(page, "Undo the import");
    await page.getByText("1 item is closed, without stock.").waitFor(slowly);
    await page.getByRole("link", { name: "Import items" }).click();
    await page.getByRole("row").filter({ hasText: "lamps.csv" }).getByText("Undone").waitFor();
  });

  it("of 5,000 rows goes on while nobody looks, and is found again", async () => {
    const page = await stage.signedInPage("/items/import");
    await choose(page, "big.csv", catalogueFile(merchantId, 5_000));
    await press(page, "Check every row");
    await press(page, "Import 4,950 items");
    await press(page, "Start the import");
    await page.getByText("You can close this page").waitFor();
    const { href } = new URL(page.url());
    await page.close();
    const later = await stage.signedInPage(new URL(href).pathname);
    await later.getByText("It can be undone").waitFor(slowly);
    await later.getByRole("heading", { name: "Rows left out" }).waitFor();
  });

  it("whose upload was cut off goes on with the same file, and with no other", async () => {
    const text = `SKU,Title,Price,Qty\n${"B-1,b,1.00,1\n".repeat(100)}`;
    const made = { kind: "items", fileName: "cut.csv", fileBytes: text.length };
    const { id } = await stage.call<{ id: string }>("POST", "/v1/imports", made);
    const page = await stage.signedInPage(`/imports/${id}`);
    await choose(page, "other.csv", "SKU\n");
    await page.getByText("This is another file").waitFor();
    await choose(page, "cut.csv", text);
    await page.getByText("Which column is what").waitFor();
  });

  it("is seen by a viewer, who is told why not more", async () => {
    const { cookie } = await stage.person("viewer");
    const page = await stage.pageAs(cookie, "/items/import");
    await page.getByText("Your role, viewer, may not do this.").first().waitFor();
    expect(await page.locator('input[type="file"]').isDisabled()).toBe(true);
  });
});
