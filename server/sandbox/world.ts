import type { Actor } from "../audit/entry.ts";
import { instanceChain } from "../audit/instance-chain.ts";
import { record } from "../audit/record.ts";
import { isLoopback } from "../base/address.ts";
import type { Config } from "../base/config.ts";
import type { Db } from "../db/open.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import { amountMax } from "../kernel/ask.ts";
import { adjustStock } from "../kernel/item-commands.ts";
import { openItemsIn, openMandatesIn } from "../kernel/openings.ts";

/** A tenant of its own with one thing for sale and one mandate to buy it: nobody else's books. */
export interface SandboxWorld {
  readonly tenantId: string;
  readonly merchantId: string;
  readonly itemId: string;
  readonly mandateId: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly openedAt: Date;
}

const priceMinor = 2_500n;
const currency = "USD";
const name = "Sandbox";

/** Without keys it is for who sits at this machine, unless somebody decided otherwise. */
export function isSandboxOn({ sandbox, host }: Pick<Config, "sandbox" | "host">): boolean {
  return sandbox === "on" || (sandbox === "auto" && isLoopback(host));
}

/** When its time is over; null when that never is. */
export function resetsAt(
  { openedAt }: SandboxWorld,
  { sandboxHours }: Pick<Config, "sandboxHours">,
): Date | null {
  return sandboxHours === 0 ? null : new Date(openedAt.getTime() + sandboxHours * 3_600_000);
}

/** The newest one: a reset opens another and deletes nothing. */
export async function findSandbox(db: Db): Promise<SandboxWorld | undefined> {
  return transact(db, "find_sandbox", newest, { readOnly: true });
}

/** What a start does: the sandbox that there is, or a first one. */
export async function ensureSandbox(db: Db, units: number): Promise<SandboxWorld> {
  return (await findSandbox(db)) ?? openSandbox(db, units);
}

/** With who wanted another one, for the log of the instance. */
export async function openSandbox(db: Db, units: number, actor?: Actor): Promise<SandboxWorld> {
  const newId = (): string => db.dialect.newId();
  const work = async (tx: Tx): Promise<SandboxWorld> => {
    const old = actor && (await newest(tx));
    const world = await openSandboxIn(tx, units, newId);
    if (actor) {
      const object = { kind: "sandbox", id: world.tenantId };
      const change = {
        ...(old && { before: { tenantId: old.tenantId } }),
        after: { tenantId: world.tenantId, units },
      };
      await record(tx, {
        tenantId: instanceChain,
        actor,
        action: "sandbox.reset",
        object,
        ...change,
      });
    }
    return world;
  };
  return transact(db, "open_sandbox", work, { turn: instanceChain });
}

export async function openSandboxIn(
  tx: Tx,
  units: number,
  newId: () => string,
): Promise<SandboxWorld> {
  const [tenantId, merchantId, itemId, mandateId] = [newId(), newId(), newId(), newId()];
  const owner = { tenantId, merchantId, currency };
  const [[opened]] = await Promise.all([
    tx.rows<{ openedAt: Date }>(
      sql`insert into tenants (tenant_id, mode, name) values (${tenantId}, 'sandbox', ${name})
          returning created_at as "openedAt"`,
    ),
    tx.write(
      sql`insert into merchants (merchant_id, tenant_id, name) values (${merchantId}, ${tenantId}, ${name})`,
      1,
    ),
    openItemsIn(
      tx,
      [{ ...owner, itemId, sku: "sandbox", name, priceMinor, stock: BigInt(units) }],
      newId,
    ),
    // Its money never binds: what can run out here is the stock, and that is added to.
    openMandatesIn(tx, [{ tenantId, mandateId, name, currency, capMinor: amountMax }]),
  ]);
  const { openedAt = new Date(0) } = opened ?? {};
  return { tenantId, merchantId, itemId, mandateId, priceMinor, currency, openedAt };
}

export async function newest(tx: Tx): Promise<SandboxWorld | undefined> {
  const [world] = await tx.rows<SandboxWorld>(
    sql`select t.tenant_id as "tenantId", m.merchant_id as "merchantId", i.item_id as "itemId",
               a.mandate_id as "mandateId", i.price_minor as "priceMinor", i.currency,
               t.created_at as "openedAt"
          from tenants t
          join merchants m on m.tenant_id = t.tenant_id
          join items i on i.merchant_id = m.merchant_id
          join mandates a on a.tenant_id = t.tenant_id
         where t.mode = 'sandbox'
         order by t.created_at desc, t.tenant_id desc
         limit 1`,
  );
  return world;
}

export interface SandboxStock {
  readonly stocked: bigint;
  readonly free: bigint;
}

export async function stockOf(db: Db, { itemId }: SandboxWorld): Promise<SandboxStock> {
  const read = (tx: Tx) =>
    tx.rows<{ stocked: bigint; free: bigint }>(
      sql`select (select coalesce(sum(quantity), 0)::bigint from stock_moves
                   where item_id = ${itemId}) as stocked,
                 (select coalesce(sum(available), 0)::bigint from stock_buckets
                   where item_id = ${itemId}) as free`,
    );
  const [row] = await transact(db, "sandbox_stock", read, { readOnly: true });
  return row ?? { stocked: 0n, free: 0n };
}

export async function restock(db: Db, world: SandboxWorld, units: number): Promise<void> {
  const { tenantId, itemId } = world;
  const quantity = BigInt(units);
  await adjustStock(db, { tenantId, itemId, quantity, reason: "the sandbox was sold out" });
}
