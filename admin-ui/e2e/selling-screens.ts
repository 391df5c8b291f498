import type { Page } from "playwright-core";
import type { Shown } from "./screens.ts";
import { lookAtLive, sellingShop, type SellingShop } from "./selling-shop.ts";

const at =
  (path: (shop: SellingShop) => string): Exclude<Shown["path"], string> =>
  async (stage) =>
    path(await sellingShop(stage));

const heading = (name: string) => (page: Page) => page.getByRole("heading", { name }).waitFor();
const dialog = (page: Page) => page.getByRole("dialog").waitFor();
const table = (name: string) => (page: Page) =>
  page.getByRole("table", { name }).getByRole("row").nth(1).waitFor();

async function isEmpty(page: Page, title: string): Promise<void> {
  await lookAtLive(page);
  await page.getByRole("heading", { name: title }).waitFor();
}

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";
const refused = (page: Page) => page.getByRole("alert").waitFor();

/** Merchants, items and mandates: empty, filled, with an error, and each dialog that has a form. */
export const sellingScreens: readonly Shown[] = [
  {
    name: "merchants-empty",
    path: "/merchants",
    ready: (page) => isEmpty(page, "No merchants yet"),
  },
  { name: "items-empty", path: "/items", ready: (page) => isEmpty(page, "No items yet") },
  { name: "mandates-empty", path: "/mandates", ready: (page) => isEmpty(page, "No mandates yet") },
  { name: "merchants", path: at(() => "/merchants"), ready: table("Merchants") },
  { name: "items", path: at(() => "/items"), ready: table("Items") },
  { name: "mandates", path: at(() => "/mandates"), ready: table("Mandates") },
  {
    name: "merchant",
    path: at(({ merchantId }) => `/merchants/${merchantId}`),
    async ready(page) {
      await table("Items of this merchant")(page);
      await table("Recent purchases")(page);
      await heading("Payable")(page);
    },
  },
  { name: "merchant-unknown", path: `/merchants/${nobody}`, ready: refused },
  { name: "merchant-new", path: "/merchants?make=merchant", ready: dialog },
  {
    name: "item",
    path: at(({ lampId }) => `/items/${lampId}`),
    async ready(page) {
      await table("Stock moves")(page);
      await table("Recent purchases")(page);
    },
  },
  { name: "item-unknown", path: `/items/${nobody}`, ready: refused },
  { name: "item-new", path: at(() => "/items?make=item"), ready: dialog },
  {
    name: "item-new-faults",
    path: at(() => "/items?make=item"),
    async ready(page) {
      await page.getByRole("button", { name: "Create the item" }).click();
      await page.getByText("Must not be empty").first().waitFor();
    },
  },
  {
    name: "item-adjust",
    path: at(({ lampId }) => `/items/${lampId}?act=adjust`),
    async ready(page) {
      await page.getByLabel("Units").fill("-200");
    },
  },
  { name: "item-price", path: at(({ lampId }) => `/items/${lampId}?act=price`), ready: dialog },
  { name: "item-close", path: at(({ lampId }) => `/items/${lampId}?act=close`), ready: dialog },
  {
    name: "mandate",
    path: at(({ officeId }) => `/mandates/${officeId}`),
    async ready(page) {
      await table("Recent purchases")(page);
      await page.getByText("Yes.").waitFor();
      await page.getByRole("listitem").filter({ hasText: "One purchase" }).waitFor();
    },
  },
  {
    name: "mandate-declined",
    path: at(({ spentId, lampId }) => `/mandates/${spentId}?item=${lampId}&quantity=2`),
    async ready(page) {
      await page.getByText("Stops this purchase").waitFor();
    },
  },
  {
    name: "mandate-revoked",
    path: at(({ revokedId }) => `/mandates/${revokedId}`),
    async ready(page) {
      await page.getByText("Stops this purchase").waitFor();
    },
  },
  { name: "mandate-unknown", path: `/mandates/${nobody}`, ready: refused },
  { name: "mandate-new", path: at(() => "/mandates?make=mandate"), ready: dialog },
  {
    name: "mandate-rules",
    path: at(({ officeId }) => `/mandates/${officeId}?act=rules`),
    async ready(page) {
      await page.getByLabel("Lamps & Co").waitFor();
    },
  },
  {
    name: "mandate-top-up",
    path: at(({ officeId }) => `/mandates/${officeId}?act=top-up`),
    ready: dialog,
  },
  {
    name: "mandate-revoke",
    path: at(({ officeId }) => `/mandates/${officeId}?act=revoke`),
    ready: dialog,
  },
];
