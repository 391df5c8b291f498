import type { Db } from "../db/open.ts";
import { sql, type Sql } from "../db/sql.ts";
import { transact } from "../db/transact.ts";

/** What is on record of one ask. */
export interface AskRow {
  readonly askId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly key: string;
  readonly kind: string;
  readonly answer: string;
  readonly createdAt: Date;
}

export async function findAsk(db: Db, askId: string): Promise<AskRow | undefined> {
  return first<AskRow>(
    db,
    sql`select ask_id as "askId", tenant_id as "tenantId", merchant_id as "merchantId", key, kind,
               answer, created_at as "createdAt"
          from asks where ask_id = ${askId}`,
  );
}

export interface AtMerchant {
  readonly tenantId: string;
  readonly ask: AskRow | undefined;
}

/** Undefined when there is no such merchant; it tells whose it is, whether or not the key is known. */
export async function findAskByKey(
  db: Db,
  merchantId: string,
  key: string,
): Promise<AtMerchant | undefined> {
  const row = await first<{ owner: string } & (AskRow | { askId: null })>(
    db,
    sql`select m.tenant_id as owner, a.ask_id as "askId", a.tenant_id as "tenantId",
               a.merchant_id as "merchantId", a.key, a.kind, a.answer, a.created_at as "createdAt"
          from merchants m
          left join asks a on a.merchant_id = m.merchant_id and a.key = ${key}
         where m.merchant_id = ${merchantId}`,
  );
  if (!row) return undefined;
  return { tenantId: row.owner, ask: row.askId === null ? undefined : row };
}

async function first<Row>(db: Db, query: Sql): Promise<Row | undefined> {
  const rows = await transact(db, "find_ask", (tx) => tx.rows<Row>(query), { readOnly: true });
  return rows[0];
}
