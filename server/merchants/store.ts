import { startOf, type Page } from "../db/page.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";

export interface Merchant {
  readonly merchantId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly createdAt: string;
}

export async function createMerchant(
  tx: Tx,
  { merchantId, tenantId, name }: Omit<Merchant, "createdAt">,
): Promise<void> {
  await tx.write(
    sql`insert into merchants (merchant_id, tenant_id, name) values (${merchantId}, ${tenantId}, ${name})`,
    1,
  );
}

const select = new Fragment(`
  select merchant_id as "merchantId", tenant_id as "tenantId", name, created_at::text as "createdAt"
  from merchants`);

/** Whoever's it is: who asks decides what another tenant's means. */
export async function findMerchant(tx: Tx, merchantId: string): Promise<Merchant | undefined> {
  const [merchant] = await tx.rows<Merchant>(sql`${select} where merchant_id = ${merchantId}`);
  return merchant;
}

export async function listMerchants(
  tx: Tx,
  tenantId: string,
  page: Page,
  search: string | null = null,
): Promise<Merchant[]> {
  const { createdAt, id } = startOf(page);
  return tx.rows<Merchant>(
    sql`${select}
         where tenant_id = ${tenantId} and (created_at, merchant_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and (${search}::text is null or strpos(lower(name), lower(${search}::text)) > 0
                or merchant_id::text = lower(${search}::text))
         order by created_at desc, merchant_id desc
         limit ${page.limit}`,
  );
}
