import type { Page } from "playwright-core";
import type { Stage } from "./harness.ts";
import { moneyShop, type MoneyShop } from "./money-shop.ts";
import type { Shown } from "./screens.ts";

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";

const filled = (name: string, path: (shop: MoneyShop) => string, ready: string): Shown => ({
  name,
  path: async (stage: Stage) => path(await moneyShop(stage)),
  ready: (page: Page) => page.getByText(ready).first().waitFor(),
});

/** In the live tenant, where nobody has sold anything. */
async function inLive(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.setItem("zerorace-mode", "live"));
  await page.reload();
}

/** The states of Purchases and Ledger. */
export const moneyScreens: readonly Shown[] = [
  filled("purchases", () => "/purchases", "Opening night poster"),
  {
    ...filled(
      "purchases-filtered",
      ({ mandateId }) => `/purchases?outcome=committed&mandateId=${mandateId}`,
      "Halo lamp",
    ),
    async ready(page) {
      await page.getByRole("button", { name: "Filter", exact: true }).click();
      await page.getByLabel("Idempotency key").waitFor();
      await page.getByRole("row").nth(3).waitFor();
    },
  },
  {
    name: "purchases-empty",
    path: "/purchases",
    async ready(page) {
      await inLive(page);
      await page.getByText("Nobody has asked to buy yet").waitFor();
    },
  },
  {
    name: "purchases-error",
    path: `/purchases?itemId=${nobody}`,
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  filled("purchase", ({ bought }) => `/purchases/${bought}`, "Bought for"),
  filled("purchase-declined", ({ overDay }) => `/purchases/${overDay}`, "Stopped it"),
  filled("purchase-sold-out", ({ soldOut }) => `/purchases/${soldOut}`, "Stopped it"),
  filled("purchase-captured", ({ captured }) => `/purchases/${captured}`, "Release refused"),
  filled("purchase-curl", ({ held }) => `/purchases/${held}?show=curl`, "Under the same key"),
  {
    ...filled("purchase-refund", ({ partRefunded }) => `/purchases/${partRefunded}`, "Refunded"),
    async ready(page) {
      await page.getByRole("button", { name: "Refund …" }).click();
      await page.getByLabel("Amount in USD").waitFor();
    },
  },
  {
    name: "purchase-unknown",
    path: `/purchases/${nobody}`,
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  filled("ledger", () => "/ledger", "Mandates, reserved"),
  {
    name: "ledger-empty",
    path: "/ledger",
    async ready(page) {
      await inLive(page);
      await page.getByText("Nothing is booked yet").waitFor();
    },
  },
  {
    name: "ledger-error",
    path: "/ledger?account=CASH",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  filled("ledger-account", () => "/ledger/accounts/MERCHANT_PAYABLE", "Balance, USD"),
];
