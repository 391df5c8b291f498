import type { Config } from "../base/config.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { newest, openSandboxIn, type SandboxWorld } from "./world.ts";

/**
 * Opens a new world in place of one whose time is over, once, however many do this at the same time:
 * they meet on the row that says so. One that nobody asked anything of is as good as new, and stays.
 * Undefined when nothing was due.
 */
export async function resetWhenDue(
  db: Db,
  { sandboxHours, sandboxUnits }: Pick<Config, "sandboxHours" | "sandboxUnits">,
): Promise<SandboxWorld | undefined> {
  if (sandboxHours === 0) return undefined;
  const newId = (): string => db.dialect.newId();
  const work = async (tx: Tx): Promise<SandboxWorld | undefined> => {
    const world = await newest(tx);
    if (!world || !(await isOver(tx, world, sandboxHours))) return undefined;
    const next = await openSandboxIn(tx, sandboxUnits, newId);
    await tx.write(
      sql`insert into sandbox_resets (tenant_id, next_tenant_id)
          values (${world.tenantId}, ${next.tenantId})`,
      1,
    );
    return next;
  };
  return transact(db, "reset_sandbox", work, { recalls: true });
}

async function isOver(tx: Tx, { tenantId }: SandboxWorld, hours: number): Promise<boolean> {
  const [row] = await tx.tuples<[boolean]>(
    sql`select created_at <= now() - ${hours}::integer * interval '1 hour'
               and exists (select 1 from asks a where a.tenant_id = t.tenant_id)
          from tenants t where tenant_id = ${tenantId}`,
  );
  return row?.[0] === true;
}
