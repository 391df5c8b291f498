import { tellsNobody } from "../../server/live/announce.ts";
import { makeLog } from "../../server/base/log.ts";
import { readConfig } from "../../server/base/config.ts";
import { invariants } from "../../server/proof/invariants.ts";
import { noteFinding } from "../../server/proof/noted.ts";
import { proveOne } from "../../server/proof/prove.ts";
import { runOnce } from "../../worker/rounds.ts";
import { proveInTurn } from "../../worker/rounds/prove.ts";
import type { Stage } from "./harness.ts";

export interface OwnShop {
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
}

interface Made {
  readonly id: string;
}

/** What Ann's test tenant sells, made as she would make it. */
export async function makeOwnShop(stage: Stage, sku = "LAMP-1", stock = 100): Promise<OwnShop> {
  const make = async (path: string, body: object): Promise<string> =>
    (await stage.call<Made>("POST", path, body)).id;
  const merchantId = await make("/v1/merchants", { name: "Lamps and More" });
  const item = { merchantId, sku, name: "Desk lamp", currency: "USD", priceMinor: 2500, stock };
  const itemId = await make("/v1/items", item);
  const mandate = { name: "Office supplies", currency: "USD", capMinor: 100_000 };
  const mandateId = await make("/v1/mandates", mandate);
  return { merchantId, itemId, mandateId };
}

export async function buy(stage: Stage, shop: OwnShop, quantity = 1): Promise<unknown> {
  const amountMinor = 2500 * quantity;
  const body = { ...shop, agentId: "agent-7", quantity, amountMinor, currency: "USD" };
  return stage.call("POST", "/v1/purchases/commit", body);
}

/** A worker's round, until it has come to every invariant once. */
export async function proveByRound(stage: Stage): Promise<void> {
  const { db } = stage.api.database;
  const log = makeLog("test", { logLevel: "silent" });
  const ctx = { config: readConfig({}), log, metrics: db.metrics, db, tells: tellsNobody };
  await db.pool.query("delete from leases where name = 'round/prove'");
  await runOnce(proveInTurn(), ctx);
  for (const invariant of invariants) await noteFinding(db, await proveOne(db, invariant));
}
