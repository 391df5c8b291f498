import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

/** What an endpoint is to be told. */
export interface Owed {
  readonly endpointId: string;
  readonly eventId: string;
  readonly tenantId: string;
  readonly kind: string;
  readonly payload: string;
  readonly isEnabled: boolean;
}

const columns = new Columns<Owed & { readonly deliveryId: string }>({
  delivery_id: ["uuid", (r) => r.deliveryId],
  endpoint_id: ["uuid", (r) => r.endpointId],
  event_id: ["uuid", (r) => r.eventId],
  tenant_id: ["uuid", (r) => r.tenantId],
  kind: ["text", (r) => r.kind],
  payload: ["text", (r) => r.payload],
  state: ["text", (r) => (r.isEnabled ? "pending" : "skipped")],
});

/** Once per endpoint and event, whoever tells of it and however often. Returns how many were made. */
export async function owe(tx: Tx, found: readonly Owed[], newId: () => string): Promise<number> {
  if (found.length === 0) return 0;
  const owed = found.map((one) => ({ ...one, deliveryId: newId() }));
  return tx.run(
    sql`insert into webhook_deliveries (${columns.names}, attempts, counts_from)
        select ${columns.names}, 0, 0 from ${columns.of(owed)} as r
            on conflict (endpoint_id, event_id) do nothing`,
  );
}
