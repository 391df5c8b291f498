import type { Page } from "playwright-core";
import type { Stage } from "./harness.ts";

/** A shop with something in each state, made once a stage, in the test tenant. */
export interface SellingShop {
  readonly merchantId: string;
  readonly lampId: string;
  readonly officeId: string;
  readonly spentId: string;
  readonly revokedId: string;
}

/** As a name: it has to be shown as it is, and to do nothing. */
export const payload = `<img src=x onerror="document.title='owned'"><script>alert(1)</script>`;

const shops = new WeakMap<Stage, Promise<SellingShop>>();

export function sellingShop(stage: Stage): Promise<SellingShop> {
  const known = shops.get(stage) ?? makeShop(stage);
  shops.set(stage, known);
  return known;
}

async function make(stage: Stage, path: string, body: object): Promise<string> {
  return (await stage.call<{ id: string }>("POST", path, body)).id;
}

async function makeShop(stage: Stage): Promise<SellingShop> {
  const merchantId = await make(stage, "/v1/merchants", { name: "Lamps & Co" });
  const vinyl = await make(stage, "/v1/merchants", { name: "Nordic Vinyl" });
  const item = (
    sku: string,
    name: string,
    priceMinor: number,
    stock: number,
    seller = merchantId,
  ) =>
    make(stage, "/v1/items", { merchantId: seller, sku, name, currency: "EUR", priceMinor, stock });
  await item("XSS-1", payload, 100, 5);
  const record = await item("LP-33", "Aurora, first pressing", 3_400, 12, vinyl);
  const sold = await item("SHADE-2", "Linen shade, natural", 4_900, 3);
  await item("BULB-9", "Filament bulb, 9 W, warm white, dimmable, E27", 650, 12_400);
  const lampId = await item("LAMP-1", "Brass desk lamp", 12_900, 100);
  await stage.call("POST", `/v1/items/${record}/close`, {});
  const mandate = (fields: object) =>
    make(stage, "/v1/mandates", { currency: "EUR", timeZone: "Europe/Paris", ...fields });
  const revokedId = await mandate({ name: "Trade fair", capMinor: 80_000 });
  const spentId = await mandate({ name: "Groceries", capMinor: 50_000, dayLimitMinor: 14_700 });
  const paused = await mandate({ name: "Travel", capMinor: 300_000, agentId: "concierge" });
  const officeId = await mandate({
    name: "Office supplies",
    capMinor: 500_000,
    purchaseMaxMinor: 100_000,
    dayLimitMinor: 200_000,
    monthLimitMinor: 400_000,
    agentId: "agent-7",
    allowedMerchants: [merchantId],
    expiresAt: "2199-01-01T00:00:00Z",
    duplicateWindowSeconds: 60,
  });
  const ask = (mandateId: string, itemId: string, quantity: number, price: number) => ({
    merchantId,
    mandateId,
    itemId,
    agentId: "agent-7",
    quantity,
    amountMinor: quantity * price,
    currency: "EUR",
  });
  for (const quantity of [4, 2, 1]) {
    await stage.call("POST", "/v1/purchases/commit", ask(officeId, lampId, quantity, 12_900));
  }
  await stage.call("POST", "/v1/purchases/commit", ask(officeId, lampId, 9, 12_900));
  await stage.call("POST", "/v1/purchases/commit", ask(spentId, sold, 3, 4_900));
  const held = { ...ask(officeId, lampId, 3, 12_900), holdSeconds: 900 };
  await stage.call("POST", "/v1/holds", held);
  const adjusted = { quantity: 40, reason: "a delivery" };
  await stage.call("POST", `/v1/items/${lampId}/adjust`, adjusted);
  await stage.call("POST", `/v1/items/${lampId}/adjust`, { quantity: -2, reason: "broken" });
  await stage.call("POST", `/v1/mandates/${paused}/pause`, {});
  await stage.call("POST", `/v1/mandates/${revokedId}/revoke`, {});
  return { merchantId, lampId, officeId, spentId, revokedId };
}

/** The organisation's other tenant, in which nothing was made. */
export async function lookAtLive(page: Page): Promise<void> {
  await page.getByRole("group", { name: "Data" }).getByRole("button", { name: "Live" }).click();
}
