import type { Page } from "playwright-core";
import type { Stage } from "./harness.ts";
import type { Shown } from "./screens.ts";
import { buy, makeOwnShop, proveByRound } from "./shop.ts";

interface Made {
  readonly id: string;
}

/** What is made once, for all pictures of it. */
const once = <T>(make: (stage: Stage) => Promise<T>): ((stage: Stage) => Promise<T>) => {
  const made = new WeakMap<Stage, Promise<T>>();
  return (stage) => {
    const known = made.get(stage) ?? make(stage);
    made.set(stage, known);
    return known;
  };
};

const scopes = ["purchases:read", "purchases:write"];
const makeKey = (stage: Stage, body: object): Promise<Made> =>
  stage.call<Made>("POST", "/v1/keys", { scopes, ...body });

const filled = once(async (stage) => {
  const shop = await makeOwnShop(stage, "LAMP-OVERVIEW");
  for (const quantity of [1, 2, 1, 3, 90, 1, 500, 2])
    await buy(stage, shop, quantity).catch(() => 0);
  const { id } = await stage.call<Made>("POST", "/v1/mandates", {
    name: "Small change",
    currency: "USD",
    capMinor: 5_000,
    purchaseMaxMinor: 3_000,
  });
  const small = { ...shop, mandateId: id };
  for (const quantity of [1, 2, 1, 1, 2]) await buy(stage, small, quantity);
  const { tenantId } = await stage.api.database.db.pool
    .query<{ tenantId: string }>(
      `select tenant_id as "tenantId" from merchants where merchant_id = $1`,
      [shop.merchantId],
    )
    .then(({ rows }) => rows[0] ?? { tenantId: "" });
  await stage.api.database.db.pool.query(
    `insert into usage_days (tenant_id, day, kind, granted, asks)
     select $1, (now() at time zone 'UTC')::date - d, 'commit', true, 20 + (d * 37) % 90
       from generate_series(1, 24) as d`,
    [tenantId],
  );
  await proveByRound(stage);
  await makeKey(stage, { name: "checkout of the shop", agentIds: ["agent-7"] });
  await makeKey(stage, {
    name: "accounting",
    scopes: ["ledger:read", "usage:read", "audit:read"],
    expiresAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
  });
  const leaked = await makeKey(stage, { name: "found in a log" });
  await stage.call("POST", `/v1/keys/${leaked.id}/revoke`, {});
  const old = await makeKey(stage, { name: "warehouse", agentIds: ["picker-1", "picker-2"] });
  await stage.call("POST", `/v1/keys/${old.id}/roll`, { overlapSeconds: 86_400 });
  return { shop, old };
});

const toLive = async (page: Page): Promise<void> =>
  page.getByRole("button", { name: "Live", exact: true }).click();

/** The overview and the API keys, in their states. */
export const overviewScreens: readonly Shown[] = [
  {
    name: "overview-empty",
    path: "/",
    async ready(page) {
      await toLive(page);
      await page.getByText("0 of 6").waitFor();
      await page.getByText("Nothing was refused today.").waitFor();
    },
  },
  {
    name: "overview-filled",
    path: async (stage) => filled(stage).then(() => "/"),
    async ready(page) {
      await page.getByRole("rowheader", { name: "Sold out" }).waitFor();
      await page.getByText("4 of 6").waitFor();
    },
  },
  {
    name: "overview-broken",
    path: async (stage) => filled(stage).then(() => "/"),
    async ready(page, stage) {
      const { shop } = await filled(stage);
      const { pool } = stage.api.database.db;
      const change = "update stock_buckets set available = available + $2 where item_id = $1";
      await pool.query(`${change} and bucket = 0`, [shop.itemId, 3]);
      await proveByRound(stage);
      await page.reload();
      await page.getByText("Not zero: Oversells.").waitFor();
      await page.getByRole("rowheader", { name: "Sold out" }).waitFor();
      await pool.query(`${change} and bucket = 0`, [shop.itemId, -3]);
      await proveByRound(stage);
    },
  },
  {
    name: "overview-error",
    path: "/",
    async ready(page) {
      await page.route("**/v1/usage*", (route) => route.fulfill({ status: 408, body: "" }));
      await page.reload();
      await page.getByRole("alert").first().waitFor();
    },
  },
  {
    name: "keys-empty",
    path: "/keys",
    async ready(page) {
      await toLive(page);
      await page.getByRole("heading", { name: "No API keys for live data yet" }).waitFor();
    },
  },
  {
    name: "keys",
    path: async (stage) => filled(stage).then(() => "/keys"),
    ready: (page) => page.getByRole("table", { name: "API keys" }).waitFor(),
  },
  {
    name: "key-new",
    path: async (stage) => filled(stage).then(() => "/keys/new"),
    ready: (page) => page.getByRole("checkbox", { name: /Small change/ }).waitFor(),
  },
  {
    name: "key-new-faults",
    path: "/keys/new",
    async ready(page) {
      await page.getByRole("checkbox", { name: /^purchases:read/ }).uncheck();
      await page.getByRole("checkbox", { name: /^purchases:write/ }).uncheck();
      await page.getByRole("button", { name: "Create the key" }).click();
      await page.getByText("Must not be empty.").first().waitFor();
    },
  },
  {
    name: "key-revealed",
    path: async (stage) => filled(stage).then(() => "/keys/new"),
    async ready(page) {
      await page.getByLabel("Name").fill("my agent");
      await page.getByRole("button", { name: "Create the key" }).click();
      await page.getByRole("group", { name: "curl with the key" }).waitFor();
    },
  },
  {
    name: "key-rolled",
    path: async (stage) => filled(stage).then(({ old }) => `/keys/${old.id}`),
    ready: (page) => page.getByText(/Both keys of warehouse/).waitFor(),
  },
  {
    name: "key-revoke",
    path: async (stage) => filled(stage).then(({ old }) => `/keys/${old.id}`),
    async ready(page) {
      await page.getByRole("button", { name: "Revoke" }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "key-unknown",
    path: "/keys/0123456789012345678901",
    ready: (page) => page.getByRole("alert").waitFor(),
  },
];
