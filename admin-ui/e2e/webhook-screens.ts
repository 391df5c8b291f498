import type { Page } from "playwright-core";
import type { Stage } from "./harness.ts";
import type { Shown } from "./screens.ts";
import { lookAtLive } from "./selling-shop.ts";
import { webhookShop, type WebhookShop } from "./webhook-shop.ts";

const nobody = "01a1f993-84cc-7a17-85e2-7d51c3a2ba32";

const at = (path: (shop: WebhookShop) => string) => async (stage: Stage) =>
  path(await webhookShop(stage));
const rows = (name: string) => (page: Page) =>
  page.getByRole("table", { name }).getByRole("row").nth(1).waitFor();
const dialog = (page: Page) => page.getByRole("dialog").waitFor();
const refused = (page: Page) => page.getByRole("alert").waitFor();

/** The states of Webhooks. */
export const webhookScreens: readonly Shown[] = [
  { name: "webhooks", path: at(() => "/webhooks"), ready: rows("Webhooks") },
  {
    name: "webhooks-empty",
    path: "/webhooks",
    async ready(page) {
      await lookAtLive(page);
      await page.getByRole("heading", { name: "No webhooks yet" }).waitFor();
    },
  },
  {
    name: "webhook-new",
    path: "/webhooks/new",
    async ready(page) {
      await page.getByRole("radio", { name: "Only what is ticked" }).check();
      await page.getByRole("checkbox", { name: /^item.price_changed/ }).focus();
      await page.getByRole("group", { name: "sample body" }).waitFor();
    },
  },
  {
    name: "webhook-new-faults",
    path: "/webhooks/new",
    async ready(page) {
      await page.getByLabel("URL").fill("ftp://shop.example.com");
      await page.getByRole("button", { name: "Add the webhook" }).click();
      await page.locator("[aria-invalid]").first().waitFor();
    },
  },
  {
    name: "webhook-secret",
    path: "/webhooks/new",
    async ready(page) {
      await lookAtLive(page);
      await page.getByLabel("URL").fill("https://shop.example.com/hooks");
      await page.getByRole("button", { name: "Add the webhook" }).click();
      await page.getByRole("heading", { name: "Keep this secret now" }).waitFor();
    },
  },
  {
    name: "webhook",
    path: at(({ healthyId }) => `/webhooks/${healthyId}`),
    ready: rows("Deliveries"),
  },
  {
    name: "webhook-failing",
    path: at(({ failingId }) => `/webhooks/${failingId}`),
    ready: rows("Deliveries"),
  },
  {
    name: "webhook-gone",
    path: at(({ goneId }) => `/webhooks/${goneId}`),
    ready: rows("Deliveries"),
  },
  {
    name: "webhook-nothing-sent",
    path: at(({ pausedId }) => `/webhooks/${pausedId}?state=delivered`),
    ready: (page) => page.getByRole("heading", { name: "Nothing fits these filters" }).waitFor(),
  },
  {
    name: "webhook-about",
    path: at(({ healthyId }) => `/webhooks/${healthyId}?tab=about`),
    ready: (page) => page.getByRole("heading", { name: "Two secrets sign" }).waitFor(),
  },
  {
    name: "webhook-redeliveries",
    async path(stage) {
      const { healthyId } = await webhookShop(stage);
      const since = new Date(Date.now() - 3_600_000).toISOString();
      await stage.call("POST", `/v1/webhooks/${healthyId}/redeliver`, { since });
      return `/webhooks/${healthyId}?tab=redeliveries`;
    },
    ready: (page) => page.getByRole("table", { name: "Redeliveries" }).waitFor(),
  },
  {
    name: "webhook-redeliver",
    path: at(({ failingId }) => `/webhooks/${failingId}?act=redeliver`),
    ready: dialog,
  },
  {
    name: "webhook-edit",
    path: at(({ healthyId }) => `/webhooks/${healthyId}?act=edit`),
    async ready(page) {
      await dialog(page);
      await page.getByRole("group", { name: "sample body" }).waitFor();
    },
  },
  {
    name: "webhook-roll",
    path: at(({ healthyId }) => `/webhooks/${healthyId}?act=roll`),
    ready: dialog,
  },
  {
    name: "webhook-delete",
    path: at(({ goneId }) => `/webhooks/${goneId}?act=delete`),
    ready: dialog,
  },
  { name: "webhook-unknown", path: `/webhooks/${nobody}`, ready: refused },
  {
    name: "delivery",
    path: at(({ delivered }) => `/webhooks/deliveries/${delivered}`),
    ready: rows("Attempts"),
  },
  {
    name: "delivery-failed",
    path: at(({ retried }) => `/webhooks/deliveries/${retried}`),
    ready: rows("Attempts"),
  },
  {
    name: "delivery-openssl",
    path: at(({ delivered }) => `/webhooks/deliveries/${delivered}?show=openssl`),
    ready: (page) => page.getByRole("group", { name: "openssl" }).waitFor(),
  },
  { name: "delivery-unknown", path: `/webhooks/deliveries/${nobody}`, ready: refused },
];
