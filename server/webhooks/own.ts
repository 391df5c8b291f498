import type { Db } from "../db/open.ts";
import { transact } from "../db/transact.ts";
import { Problem } from "../http/problem.ts";
import { findDelivery, type Delivery } from "./deliveries.ts";
import { findEndpoint, type Endpoint } from "./endpoints.ts";

export async function readEndpoint(db: Db, id: string, tenantId: string): Promise<Endpoint> {
  const found = await transact(db, "read_webhook", (tx) => findEndpoint(tx, id), {
    readOnly: true,
  });
  if (!found) throw new Problem("UNKNOWN_WEBHOOK");
  if (found.tenantId !== tenantId) throw new Problem("FORBIDDEN");
  return found;
}

export async function readDelivery(db: Db, id: string, tenantId: string): Promise<Delivery> {
  const found = await transact(db, "read_delivery", (tx) => findDelivery(tx, id), {
    readOnly: true,
  });
  if (!found) throw new Problem("UNKNOWN_DELIVERY");
  if (found.tenantId !== tenantId) throw new Problem("FORBIDDEN");
  return found;
}

/** Nothing is sent to one that is disabled: who asks for it would wait in vain. */
export async function readEnabled(db: Db, id: string, tenantId: string): Promise<Endpoint> {
  const found = await readEndpoint(db, id, tenantId);
  if (found.state === "disabled") throw new Problem("WEBHOOK_DISABLED");
  return found;
}
