import { randomUUID } from "node:crypto";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

export interface World {
  readonly tenantId: string;
  readonly merchantId: string;
}

/** A tenant of its own with one merchant: what sells here touches nobody else's books. */
export async function openWorld(db: Db, name: string): Promise<World> {
  const world = { tenantId: randomUUID(), merchantId: randomUUID() };
  await transact(db, "open_world", async (tx) => {
    await tx.write(
      sql`insert into tenants (tenant_id, mode, name) values (${world.tenantId}, 'run', ${name})`,
      1,
    );
    await tx.write(
      sql`insert into merchants (merchant_id, tenant_id, name)
          values (${world.merchantId}, ${world.tenantId}, ${name})`,
      1,
    );
  });
  return world;
}
