import type { Db } from "../db/open.ts";
import { startOf, type Page } from "../db/page.ts";
import { Fragment, Part, sql, type Sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";

/** What is on record of one ask. */
export interface AskRow {
  readonly askId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly key: string;
  readonly kind: string;
  /** What it made, or was about; of a decline its own id. */
  readonly purchaseId: string;
  /** As the kernel keeps it: canonical, with the kind. */
  readonly body: string;
  readonly granted: boolean;
  readonly answer: string;
  /** `key:…` or `person:…`; null where it was asked by nobody outside. */
  readonly askedBy: string | null;
  readonly createdAt: Date;
}

const columns = new Fragment(
  'ask_id as "askId", a.tenant_id as "tenantId", a.merchant_id as "merchantId", key, kind, ' +
    'purchase_id as "purchaseId", body, granted, answer, asked_by as "askedBy", a.created_at as "createdAt"',
);

export async function findAsk(db: Db, askId: string): Promise<AskRow | undefined> {
  return first<AskRow>(db, sql`select ${columns} from asks a where ask_id = ${askId}`);
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
    sql`select m.tenant_id as owner, ${columns}
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

export interface AskFilter {
  readonly kind?: "commit" | "hold";
  readonly granted?: boolean;
  readonly merchantId?: string;
  readonly mandateId?: string;
  readonly itemId?: string;
  readonly agentId?: string;
  readonly reason?: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
}

interface Place {
  readonly createdAt: string;
  readonly id: string;
}

export interface AskPage {
  readonly asks: readonly AskRow[];
  /** Where the next page begins; undefined after the last ask of all. */
  readonly next: Place | undefined;
}

/** How many asks are looked at for one page: a filter that fits few must not read the whole history. */
const lookedAtMax = 10_000;

/**
 * Asks that buy, newest first, the declined ones too. A page may be short, or empty, and yet not the
 * last: when what was looked at held no more.
 */
export async function listAsks(
  db: Db,
  tenantId: string,
  filter: AskFilter,
  page: Page,
  most = lookedAtMax,
): Promise<AskPage> {
  const { createdAt, id } = startOf(page);
  const { from = "-infinity", to = "infinity" } = filter;
  const work = async (tx: Tx): Promise<AskPage> => {
    const rows = await tx.rows<AskRow & { readonly at: string }>(
      filter.key === undefined
        ? sql`select ${columns}, a.created_at::text as at
                from (select * from asks
                       where tenant_id = ${tenantId}
                         and (created_at, ask_id) < (${createdAt}::timestamptz, ${id}::uuid)
                         and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
                       order by created_at desc, ask_id desc limit ${most}) a
               where ${new Conditions(filter)}
               order by a.created_at desc, ask_id desc limit ${page.limit + 1}`
        : sql`select ${columns}, a.created_at::text as at
                from merchants m
                join asks a on a.merchant_id = m.merchant_id and a.key = ${filter.key}
               where m.tenant_id = ${tenantId}
                 and (a.created_at, ask_id) < (${createdAt}::timestamptz, ${id}::uuid)
                 and a.created_at >= ${from}::timestamptz and a.created_at < ${to}::timestamptz
                 and ${new Conditions(filter)}
               order by a.created_at desc, ask_id desc limit ${page.limit + 1}`,
    );
    const asks = rows.slice(0, page.limit);
    const end = asks.at(-1);
    if (rows.length > page.limit && end)
      return { asks, next: { createdAt: end.at, id: end.askId } };
    // A key is found at once, however long ago it was used.
    if (filter.key !== undefined) return { asks, next: undefined };
    const [next] = await tx.rows<Place>(
      sql`select created_at::text as "createdAt", ask_id as id from asks
           where tenant_id = ${tenantId}
             and (created_at, ask_id) < (${createdAt}::timestamptz, ${id}::uuid)
             and created_at >= ${from}::timestamptz and created_at < ${to}::timestamptz
           order by created_at desc, ask_id desc limit 1 offset ${most - 1}`,
    );
    return { asks, next };
  };
  return transact(db, "list_asks", work, { readOnly: true });
}

/** What no index serves; what is not asked for is null, or a text that all hold. */
class Conditions extends Part {
  readonly values: readonly unknown[];

  constructor({ kind, granted, merchantId, mandateId, itemId, agentId, reason }: AskFilter) {
    super();
    this.values = [
      kind ?? null,
      granted ?? null,
      merchantId ?? null,
      written("mandateId", mandateId),
      written("itemId", itemId),
      written("agentId", agentId),
      written("reason", reason),
    ];
  }

  textFrom(first: number): string {
    const at = (index: number): string => `$${first + index}`;
    return (
      `kind in ('commit', 'hold') and (${at(0)}::text is null or kind = ${at(0)}) ` +
      `and (${at(1)}::boolean is null or granted = ${at(1)}) ` +
      `and (${at(2)}::uuid is null or a.merchant_id = ${at(2)}::uuid) ` +
      [3, 4, 5].map((index) => `and strpos(body, ${at(index)}) > 0 `).join("") +
      `and strpos(answer, ${at(6)}) > 0`
    );
  }
}

/** As canonical texts have it; quotes inside their strings are escaped, so nothing else looks like it. */
function written(name: string, value: string | undefined): string {
  return value === undefined ? "" : `"${name}":${JSON.stringify(value)}`;
}

export interface Owners {
  readonly merchant: string | null;
  readonly mandate: string | null;
  readonly item: string | null;
}

/** The tenants of what a filter names; null for what is not named, or not there. */
export async function ownersOf(db: Db, filter: AskFilter): Promise<Owners> {
  const { merchantId = null, mandateId = null, itemId = null } = filter;
  const owners = await first<Owners>(
    db,
    sql`select (select tenant_id from merchants where merchant_id = ${merchantId}::uuid) as merchant,
               (select tenant_id from mandates where mandate_id = ${mandateId}::uuid) as mandate,
               (select tenant_id from items where item_id = ${itemId}::uuid) as item`,
  );
  return owners ?? { merchant: null, mandate: null, item: null };
}
