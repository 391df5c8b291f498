import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import type { SessionView } from "../../server/auth/wire.ts";
import { makePerson } from "../../server/testing/people.ts";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Stage } from "./harness.ts";
import { evilName, moneyShop, type MoneyShop } from "./money-shop.ts";

let stage: Stage;
let shop: MoneyShop;
beforeAll(async () => {
  stage = await Stage.open();
  shop = await moneyShop(stage);
});
afterAll(() => stage.close());
afterEach(() => stage.expectNoFaults());

const run = promisify(execFile);
const rows = (page: Page) => page.getByRole("table", { name: "Purchases" }).getByRole("row");
const list = async (search = ""): Promise<Page> => {
  const page = await stage.signedInPage(`/purchases${search}`);
  await rows(page).nth(1).waitFor();
  return page;
};
const hashOf = (page: Page): URLSearchParams => new URL(page.url()).searchParams;

async function buy(more: object = {}, path = "/v1/purchases/commit"): Promise<string> {
  const { merchantId, itemId, mandateId } = shop;
  const body = { merchantId, itemId, mandateId, agentId: "agent-7", quantity: 1 };
  const priced = { ...body, amountMinor: 4500, currency: "USD", ...more };
  return (await stage.call<{ intentId: string }>("POST", path, priced)).intentId;
}

it("shows every ask, the declined ones too, and is narrowed by what stands in the address", async () => {
  const page = await list();
  await page.getByText("Sold out", { exact: true }).waitFor();
  await page.getByText("Declined", { exact: true }).first().click();
  await expect.poll(() => rows(page).count()).toBe(3);
  expect(hashOf(page).get("outcome")).toBe("declined");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Reason").selectOption("PERIOD");
  await expect.poll(() => rows(page).count()).toBe(2);
  await page.reload();
  await page.getByText("Day limit", { exact: true }).waitFor();
  expect(await rows(page).count()).toBe(2);
  await page.getByRole("button", { name: "Remove the filter Reason" }).click();
  await expect.poll(() => rows(page).count()).toBe(3);
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("Agent").fill("nobody");
  await page.getByLabel("Agent").press("Enter");
  await page.getByText("Nothing fits these filters").waitFor();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect.poll(() => rows(page).count()).toBeGreaterThan(15);
  expect(new URL(page.url()).search).toBe("");
});

it("tells how many came in, and moves only when it is asked to", async () => {
  const page = await list();
  const first = await rows(page).nth(1).getByRole("link").getAttribute("href");
  await buy();
  await page.getByRole("button", { name: "1 new purchases" }).waitFor();
  const id = await buy();
  await page.getByRole("button", { name: "2 new purchases" }).click();
  expect(first).not.toBe(`/purchases/${id}`);
  await expect
    .poll(() => rows(page).nth(1).getByRole("link").getAttribute("href"))
    .toBe(`/purchases/${id}`);
  await stage.call("POST", `/v1/purchases/${id}/refunds`, {
    merchantId: shop.merchantId,
    amountMinor: 100,
  });
  await rows(page).nth(1).getByText("part refunded").waitFor();
});

it("says first why an ask was refused, in numbers, and which constraint it was", async () => {
  const page = await list("?reason=PERIOD");
  await rows(page).nth(1).getByRole("link").click();
  await page
    .getByText("Refused: day limit. Spent $180.00 + this $45.00 = $225.00 > $200.00. Resets")
    .waitFor();
  const marked = page.getByRole("row").filter({ hasText: "Stopped it" });
  await marked.waitFor();
  expect(await marked.getByRole("cell").allInnerTexts()).toEqual([
    "Day limit",
    "Stopped it",
    "$200.00",
    "$180.00",
    "$45.00",
    "$20.00",
    "when asked",
  ]);
  expect(await page.title()).toBe("1 × Halo lamp, $45.00 · ZeroRace");
  await page.getByRole("link", { name: "Purchases" }).first().click();
  await page.getByRole("heading", { name: "Purchases", level: 1 }).waitFor();
});

it("refunds a part; what is refused is told in the dialog, where nothing typed is lost", async () => {
  const id = await buy();
  const page = await stage.signedInPage(`/purchases/${id}`);
  await page.getByRole("button", { name: "Refund …" }).click();
  const dialog = page.getByRole("dialog", { name: "Refund this purchase" });
  const cap = page.getByRole("row").filter({ hasText: "Mandate cap" }).getByRole("cell");
  const headroom = async () => Number((await cap.nth(5).innerText()).replaceAll(/[^\d.]/g, ""));
  const before = await headroom();
  const amount = dialog.getByLabel("Amount in USD");
  expect(await amount.inputValue()).toBe("45.00");
  await amount.fill("45.001");
  await dialog.getByRole("button", { name: "Refund", exact: true }).click();
  await dialog.getByText("Write an amount as in 12.50.").waitFor();
  await amount.fill("50");
  await dialog.getByRole("button", { name: "Refund $50.00" }).click();
  await dialog
    .getByText("Refused. $50.00 is more than the $45.00 that can still go back.")
    .waitFor();
  expect(await amount.inputValue()).toBe("50");
  await amount.fill("12.5");
  await dialog.getByLabel("Units back on the shelf").fill("1");
  await dialog.getByRole("button", { name: "Refund $12.50" }).click();
  await page.getByText("Refunded $12.50. The money is back under the mandate.").first().waitFor();
  await page.getByText("$12.50 of it was refunded, $32.50 is left.").waitFor();
  await expect.poll(headroom).toBe(before + 12.5);
  await page.getByText("Refund refused: more than what is left").waitFor();
  const legs = page.getByRole("table", { name: "Ledger entries of this purchase" });
  await expect.poll(() => legs.getByRole("row").last().innerText()).toContain("$57.50");
});

it("extends, captures and releases holds", async () => {
  const asked = { quantity: 3, amountMinor: 13_500, holdSeconds: 600 };
  const id = await buy(asked, "/v1/holds");
  const page = await stage.signedInPage(`/purchases/${id}`);
  await page.getByText("Held: 3 × Halo lamp for $135.00.").waitFor();
  await page.getByRole("button", { name: "Extend …" }).click();
  await page.getByLabel("Minutes from now").fill("100000");
  await page.getByRole("button", { name: "Extend", exact: true }).click();
  await page.getByText("Must be at most 604800.").waitFor();
  await page.getByLabel("Minutes from now").fill("60");
  await page.getByRole("button", { name: "Extend", exact: true }).click();
  await page
    .getByText(/^Extended until .*\.$/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Capture …" }).click();
  await page.getByLabel("Units").fill("2");
  await page.getByRole("button", { name: "Capture", exact: true }).click();
  await page.getByText("Captured: $90.00 of the $135.00 that were held").waitFor();
  await page.getByRole("button", { name: "Refund …" }).waitFor();

  await page.goto(`/purchases/${await buy(asked, "/v1/holds")}`);
  await page.getByRole("button", { name: "Release …" }).click();
  await page.getByRole("dialog").getByText("3 × Halo lamp go back on the shelf").waitFor();
  await page.getByRole("button", { name: "Release the hold" }).click();
  await page.getByText("Released: 3 × Halo lamp for $135.00 was held and given back.").waitFor();
});

it("is copied as a command that is answered as it was", async () => {
  const key = await stage.call<{ apiKey: string }>("POST", "/v1/keys", {
    name: "curl",
    scopes: ["purchases:write"],
  });
  const id = await buy({ agentId: "it's me" });
  const page = await stage.signedInPage(`/purchases/${id}?show=curl`);
  const command = await page.getByRole("group", { name: "curl" }).innerText();
  const { stdout } = await run("sh", ["-c", `${command} -s`], {
    env: { PATH: "/usr/bin:/bin", ZERORACE_API_KEY: key.apiKey },
  });
  expect(JSON.parse(stdout)).toMatchObject({ intentId: id, replayed: true });
  await page.getByRole("tab", { name: "TypeScript" }).click();
  await page
    .getByRole("group", { name: "TypeScript" })
    .getByText('"agentId": "it\'s me"')
    .waitFor();
  expect(hashOf(page).get("show")).toBe("typescript");
});

it("exports what it is narrowed to", async () => {
  const page = await list("?outcome=declined");
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/^purchases-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await download.path(), "utf8");
  const [heading, ...lines] = text.trimEnd().split("\r\n");
  expect(heading).toContain("outcome,reason");
  expect(lines).toHaveLength(2);
  await page.getByText(/^Saved \d+ kB$/).waitFor();
});

it("shows names as they are, and runs nothing in them", async () => {
  const page = await list(`?agentId=${encodeURIComponent(evilName)}`);
  await rows(page).nth(1).getByRole("link").click();
  await page.getByRole("heading", { level: 1 }).getByText(evilName).waitFor();
  expect(await page.locator("main img").count()).toBe(0);
  expect(await page.title()).toContain(evilName);
});

it("is not shown in the other mode, which says where it is", async () => {
  const page = await stage.signedInPage("/purchases");
  await page.evaluate(() => sessionStorage.setItem("zerorace-mode", "live"));
  await page.goto(`/purchases/${shop.bought}`);
  await page.getByRole("button", { name: "Look in test data" }).click();
  await page.getByText("Bought: 1 × Halo lamp for $45.00").waitFor();
});

it("leads from the id of a capture to what was captured", async () => {
  const history = await stage.call<{ data: { id: string; kind: string }[] }>(
    "GET",
    `/v1/purchases/${shop.captured}/history`,
  );
  const capture = history.data.find(({ kind }) => kind === "capture")?.id ?? "";
  const page = await stage.signedInPage(`/purchases/${capture}`);
  await page.getByText("Release refused: the hold was captured before").waitFor();
  expect(new URL(page.url()).pathname).toBe(`/purchases/${shop.captured}`);
});

it("shows a viewer why a refund is not theirs to give, and gives none", async () => {
  const { organisation, tenants } = await stage.call<SessionView>("GET", "/v1/session");
  const home = { liveTenantId: tenants.live, testTenantId: tenants.test };
  const viewer = await makePerson(stage.api.database.db, {
    home: { organisationId: organisation.id, ...home },
    role: "viewer",
  });
  const page = await stage.newPage();
  const [name = "", value = ""] = viewer.cookie.split("=");
  await page.context().addCookies([{ name, value, url: stage.url }]);
  await page.goto(`/purchases/${shop.bought}`);
  const refund = page.getByRole("button", { name: "Refund …" });
  await refund.click({ force: true });
  await page.getByRole("tooltip").getByText("Your role, viewer, may not do this.").waitFor();
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.getByRole("table", { name: "Ledger entries of this purchase" }).waitFor();
  await page.getByText("Your role, viewer, may not see this.").last().waitFor();
});
