import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";
import { moneyShop } from "./money-shop.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ ZERORACE_RUNS: "off" });
  await moneyShop(stage);
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

it("usage stands day by day and month by month, by key, and as a file", async () => {
  const page = await stage.signedInPage("/usage");
  const table = page.getByRole("table", { name: "Usage", exact: true });
  const cells = table.locator("tfoot td");
  await cells.nth(1).getByText("17").waitFor();
  expect(await cells.allTextContents()).toEqual([
    "All of them",
    "17",
    "3",
    "1",
    "1",
    "1",
    "1",
    "3",
    "0",
  ]);
  expect(await table.locator("tbody tr").count()).toBe(30);
  const byKey = page.getByRole("table", { name: "Usage by key" });
  await byKey.getByText("Ann Lee, in the console").waitFor();
  await page.getByText("By month").click();
  await page.getByText("Month by month").waitFor();
  expect(new URL(page.url()).searchParams.get("by")).toBe("month");
  expect(await table.locator("tbody tr").count()).toBeLessThan(3);
  expect(await cells.nth(1).textContent()).toBe("17");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file.split("\r\n")[0]).toMatch(/^day,mode,commits,holds,/);
});

it("the days are chosen, and stand in the address", async () => {
  const page = await stage.signedInPage("/usage");
  await page.getByText("Day by day").waitFor();
  await page.getByLabel("First day, UTC").fill("2020-01-01");
  await page.getByLabel("Last day, UTC").focus();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Last day, UTC").fill("2020-01-31");
  await page.getByLabel("First day, UTC").focus();
  await page.getByText("Nothing was asked in these days").waitFor();
  await page.reload();
  await page.getByText("Nothing was asked in these days").waitFor();
});
