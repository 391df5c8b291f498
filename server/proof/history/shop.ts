import { randomUUID } from "node:crypto";
import type { Db } from "../../db/open.ts";
import { openItems, openMandates } from "../../kernel/openings.ts";
import { openWorld } from "../world.ts";
import type { Shelf } from "./history.ts";

const currency = "USD";

/** An agent that plans again and mints a new key is stopped by it: the second key buys nothing. */
const duplicateWindowSeconds = 3_600;

/**
 * A world to attack: one item that is sold out again and again, one that lies in many buckets, one of
 * which there is enough; mandates with plenty, one that is spent soon, and one that will be revoked.
 */
export async function openShelf(db: Db, operations: number, name: string): Promise<Shelf> {
  const world = await openWorld(db, name);
  const item = (stock: number, priceMinor: number, buckets: number) => ({
    itemId: randomUUID(),
    stock,
    priceMinor,
    buckets,
  });
  const few = Math.max(5, Math.ceil(operations / 40));
  const items = [item(few, 1_200, 4), item(few * 4, 350, 16), item(operations * 4, 90, 8)];
  const plenty = operations * 20_000;
  const mandates = [plenty, plenty, plenty, operations * 25, plenty].map((capMinor, index) => ({
    mandateId: randomUUID(),
    capMinor,
    buckets: [4, 1, 8, 4, 2][index] ?? 4,
  }));
  await openItems(
    db,
    items.map(({ itemId, stock, priceMinor, buckets }, index) => ({
      ...world,
      itemId,
      sku: `thing-${index}`,
      name: `thing ${index}`,
      currency,
      priceMinor: BigInt(priceMinor),
      stock: BigInt(stock),
      buckets,
    })),
  );
  await openMandates(
    db,
    mandates.map(({ mandateId, capMinor, buckets }, index) => ({
      tenantId: world.tenantId,
      mandateId,
      name: `purse ${index}`,
      currency,
      capMinor: BigInt(capMinor),
      buckets,
      duplicateWindowSeconds,
    })),
  );
  return { ...world, currency, items, mandates };
}
