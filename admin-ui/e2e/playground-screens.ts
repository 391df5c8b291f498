import type { Page } from "playwright-core";
import type { Stage } from "./harness.ts";
import type { Shown } from "./screens.ts";

const lists = /\/v1\/(merchants|items|mandates)\?/;

/** The same link with a fresh item behind it, and the amount that the ask names. */
async function linkToWorld(stage: Stage, quantity: number): Promise<string> {
  const [merchant, mandate] = await Promise.all([
    stage.call<{ id: string }>("POST", "/v1/merchants", { name: "Lamps & Co" }),
    stage.call<{ id: string }>("POST", "/v1/mandates", {
      name: "Office of Northlight",
      currency: "USD",
      capMinor: 20_000,
      dayLimitMinor: 5_000,
      purchaseMaxMinor: 10_000,
      agentId: "agent-7",
    }),
  ]);
  const item = await stage.call<{ id: string }>("POST", "/v1/items", {
    merchantId: merchant.id,
    sku: "LAMP-1",
    name: "Desk lamp",
    currency: "USD",
    priceMinor: 2_500,
    stock: 3,
  });
  const ids = { merchantId: merchant.id, itemId: item.id, mandateId: mandate.id };
  const rest = { agentId: "agent-7", amountMinor: `${quantity * 2_500}`, currency: "USD" };
  return `/playground?${new URLSearchParams({ ...ids, ...rest, quantity: `${quantity}` })}`;
}

async function runScenario(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: 30_000 });
}

export const playgroundScreens: readonly Shown[] = [
  {
    name: "playground-empty",
    path: "/playground",
    async ready(page) {
      // Other screens have filled the tenant: as a newcomer's lists answer.
      await page.route(lists, (route) => route.fulfill({ json: { data: [], nextCursor: null } }));
      await page.reload();
      await page.getByText("Nothing to buy yet").waitFor();
    },
  },
  {
    name: "playground-error",
    path: "/playground",
    async ready(page) {
      await page.route(lists, (route) => route.fulfill({ status: 404, body: "a proxy's page" }));
      await page.reload();
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "playground-live",
    path: "/playground",
    async ready(page) {
      await page.getByRole("button", { name: "Live", exact: true }).click();
      await page.getByText("in test data only").waitFor();
    },
  },
  {
    name: "playground",
    path: (stage) => linkToWorld(stage, 1),
    async ready(page) {
      await page.locator('[data-constraint="CAP"][data-state="PASSED"]').waitFor();
      await page.getByText("3 free, 0 held, 0 sold").waitFor();
    },
  },
  {
    name: "playground-declined",
    path: (stage) => linkToWorld(stage, 3),
    async ready(page) {
      await page.locator('[data-state="BINDING"]').waitFor();
      await page.keyboard.press("Control+Enter");
      await page.locator("[data-verdict]:visible").first().waitFor();
    },
  },
  {
    name: "playground-scenario",
    path: "/playground?preset=one-mandate-two-merchants",
    ready: runScenario,
  },
  {
    name: "playground-refused",
    path: (stage) => linkToWorld(stage, 0),
    async ready(page) {
      await page.getByText("Must be at least 1.", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Send the ask" }).click();
      await page.locator("[data-verdict]:visible").first().waitFor();
    },
  },
];
