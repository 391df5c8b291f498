import type { Page } from "playwright-core";
import type { Stage } from "./harness.ts";
import { evilName } from "./money-shop.ts";
import type { Shown } from "./screens.ts";

interface Thing {
  readonly id: string;
}

/** A few admin acts, the last of them on a mandate that is called as no mandate should be. */
export async function actedOn(stage: Stage, tenant?: string): Promise<{ mandateId: string }> {
  const send = (path: string, body: object) => stage.call<Thing>("POST", path, body, tenant);
  const { id: merchantId } = await send("/v1/merchants", { name: "Lamps & Co" });
  const lamp = { merchantId, sku: "halo", name: "Halo lamp", currency: "USD" };
  const { id: itemId } = await send("/v1/items", { ...lamp, priceMinor: 4500, stock: 500 });
  await send(`/v1/items/${itemId}/price`, { priceMinor: 3900 });
  await send(`/v1/items/${itemId}/adjust`, { quantity: -4, reason: "broken in the warehouse" });
  await send(`/v1/items/${itemId}/close`, {});
  await send("/v1/keys", { name: "assistant", scopes: ["purchases:write"] });
  const money = { name: evilName, currency: "USD", capMinor: 100_000, dayLimitMinor: 20_000 };
  const { id: mandateId } = await send("/v1/mandates", money);
  await send(`/v1/mandates/${mandateId}/rules`, {
    dayLimitMinor: 50_000,
    allowedMerchants: [merchantId],
  });
  await send(`/v1/mandates/${mandateId}/pause`, {});
  return { mandateId };
}

/** As somebody would who owns the database. */
export async function tamper(stage: Stage, tenantId: string): Promise<void> {
  const client = await stage.api.database.db.pool.connect();
  await client.query("set session_replication_role = replica");
  const change = `update audit_entries set after = '{"capMinor":9000000}' where tenant_id = $1`;
  await client.query(`${change} and seq = 4`, [tenantId]);
  client.release(true);
}

const made = new WeakMap<Stage, Promise<{ mandateId: string }>>();
const broken = new WeakMap<Stage, Promise<void>>();

function acted(stage: Stage): Promise<{ mandateId: string }> {
  const known = made.get(stage) ?? actedOn(stage);
  made.set(stage, known);
  return known;
}

async function breakLive(stage: Stage): Promise<void> {
  const { tenants } = (await stage.claimed()).session;
  await actedOn(stage, tenants.live);
  await tamper(stage, tenants.live);
}

/** In the live tenant, whose log somebody changed. */
async function inLive(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.setItem("zerorace-mode", "live"));
  await page.reload();
}

/** The newest entry of that action: what number it has depends on what was done before. */
const openEntry = (words: string) => async (page: Page) => {
  await page.getByRole("link", { name: words }).first().click();
  await page.getByText("In the chain").waitFor();
};

const filled = (name: string, path: string, ready: (page: Page) => Promise<void>): Shown => ({
  name,
  async path(stage) {
    await acted(stage);
    return path;
  },
  ready,
});

/** The states of the audit log. */
export const auditScreens: readonly Shown[] = [
  filled("audit", "/audit", async (page) => {
    await page.getByText("Verified to entry").waitFor();
    await page.getByRole("link", { name: "Paused a mandate" }).first().waitFor();
  }),
  filled("audit-filtered", "/audit?objectKind=item", async (page) => {
    await page.getByRole("button", { name: "Filter", exact: true }).click();
    await page.getByLabel("Thing", { exact: true }).waitFor();
    await page.getByRole("row").nth(3).waitFor();
  }),
  filled("audit-none-fit", "/audit?action=instance.claim", (page) =>
    page.getByText("Nothing fits these filters").waitFor(),
  ),
  filled("audit-entry", "/audit?action=mandate.rules", openEntry("Set a mandate's rules")),
  filled("audit-entry-reason", "/audit?action=item.adjust", openEntry("Adjusted stock")),
  {
    name: "audit-entry-unknown",
    path: "/audit/999999",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "audit-broken",
    async path(stage) {
      const known = broken.get(stage) ?? breakLive(stage);
      broken.set(stage, known);
      await known;
      return "/audit";
    },
    async ready(page) {
      await inLive(page);
      await page.getByText("Broken at entry 4").waitFor();
    },
  },
  {
    name: "audit-error",
    path: "/audit?from=yesterday",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
  {
    name: "audit-instance",
    path: "/audit/instance",
    ready: (page) => page.getByText("Claimed this instance").first().waitFor(),
  },
];
