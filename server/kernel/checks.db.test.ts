import { afterAll, beforeAll, expect, it } from "vitest";
import { freshDatabase, openTest, type TestDatabase } from "../testing/database.ts";
import type { Db } from "../db/open.ts";
import { commitAsk, makeShop, told } from "../testing/factories.ts";
import { query } from "../testing/look.ts";
import { checks } from "./checks.ts";
import { quote } from "./quote.ts";

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await freshDatabase();
  db = openTest(database.url);
});
afterAll(async () => {
  await db.close();
  await database.close();
});

/** What mends each of them, in the order in which they are mended. */
const mended: readonly (readonly [reason: string, statement: string])[] = [
  ["ITEM_CLOSED", "update pools set open = true"],
  ["SOLD_OUT", "update stock_buckets set available = 100"],
  ["AGENT_BLOCKED", "delete from blocked_agents"],
  ["REVOKED", "update mandates set state = 'paused'"],
  ["PAUSED", "update mandates set state = 'active'"],
  ["NOT_STARTED", "update mandates set starts_at = now() - interval '2 hours'"],
  ["EXPIRED", "update mandates set expires_at = null"],
  ["AGENT", "update mandates set agent_id = null"],
  ["MERCHANT", "update mandates set allowed_merchants = null"],
  ["ITEM", "update mandates set allowed_items = null"],
  ["CURRENCY", "update mandates set currency = 'USD'"],
  ["PURCHASE_MAX", "update mandates set purchase_max_minor = null"],
  ["DUPLICATE_SUSPECTED", "update mandates set duplicate_window_seconds = null"],
  ["PERIOD day", "update mandates set day_limit_minor = null"],
  ["PERIOD week", "update mandates set week_limit_minor = null"],
  ["PERIOD month", "update mandates set month_limit_minor = null"],
  ["CAP", "update mandate_buckets set remaining_minor = 1000"],
];

it("the checks stand in the order in which an ask that fails them all is stopped", async () => {
  const shop = await makeShop(db, { mandate: { capMinor: 0n, buckets: 1 } });
  const { tenantId, item, mandate } = shop;
  await query(db, "update pools set open = false");
  await query(db, "update stock_buckets set available = 0");
  await query(
    db,
    `update mandates set state = 'revoked', cap_minor = 1000, starts_at = now() + interval '1 hour',
            expires_at = now() - interval '1 hour', agent_id = 'another', allowed_merchants = '[]',
            allowed_items = '[]', currency = 'EUR', purchase_max_minor = 1,
            duplicate_window_seconds = 60, day_limit_minor = 0, week_limit_minor = 0,
            month_limit_minor = 0`,
  );
  await query(
    db,
    "insert into blocked_agents (tenant_id, agent_id, blocked_by) values ($1, 'agent', 'test')",
    [tenantId],
  );
  await query(
    db,
    `insert into recent_grants (mandate_id, agent_id, item_id, amount_minor, tenant_id, last_at)
     values ($1, 'agent', $2, 100, $3, now())`,
    [mandate.mandateId, item.itemId, tenantId],
  );
  const { key: _, ...ask } = commitAsk(shop);
  const found: string[] = [];
  for (const [, statement] of mended) {
    const { reason, period } = told((await quote(db, ask)).answer);
    found.push(period === undefined ? `${reason}` : `${reason} ${period}`);
    await query(db, statement);
  }
  expect(found).toEqual(mended.map(([reason]) => reason));
  expect(checks.map(({ reason, period }) => [reason, period].filter(Boolean).join(" "))).toEqual(
    found,
  );
  expect((await quote(db, ask)).answer.kind).toBe("granted");
});
