import type { Db } from "../../server/db/open.ts";
import { lines } from "../../server/db/rows.ts";
import { prepared } from "../../server/db/sql.ts";
import { transact, type Tx } from "../../server/db/transact.ts";
import { itemKey, mandateKey, purchaseKey, type Doc } from "../../server/readplane/keys.ts";

interface LineRow {
  readonly purchaseId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly mandateId: string;
  readonly agentId: string;
  readonly itemId: string | null;
  readonly charge: string | null;
  readonly quantity: bigint;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly state: string;
  readonly settledQuantity: bigint;
  readonly settledMinor: bigint;
  readonly returnedQuantity: bigint;
  readonly refundedMinor: bigint;
  readonly version: bigint;
  readonly createdAt: Date;
}

/** For each purchase that there is, copies of all that it touched, of one moment. */
export async function readPurchases(
  db: Db,
  purchaseIds: readonly string[],
): Promise<Map<string, Doc[]>> {
  const work = async (tx: Tx): Promise<Map<string, Doc[]>> => {
    const rows = await tx.rows<LineRow>(linesOf(purchaseIds));
    const itemIds = distinct(rows.map(({ itemId }) => itemId));
    const mandateIds = distinct(rows.map(({ mandateId }) => mandateId));
    const [items, mandates] = await Promise.all([
      itemDocs(tx, itemIds),
      mandateDocs(tx, mandateIds),
    ]);
    const docs = new Map<string, Doc[]>();
    for (const [id, group] of Map.groupBy(rows, ({ purchaseId }) => purchaseId)) {
      const touched = group.flatMap(({ itemId, mandateId }) => [
        items.get(itemId ?? ""),
        mandates.get(mandateId),
      ]);
      docs.set(id, [purchaseDoc(id, group), ...touched.filter((doc) => doc !== undefined)]);
    }
    return docs;
  };
  return transact(db, "read_purchases", work, { readOnly: true });
}

const distinct = (ids: readonly (string | null)[]): string[] => [
  ...new Set(ids.filter((id) => id !== null)),
];

const linesOf = (ids: readonly string[]) => prepared("project_purchases")`
  select p.purchase_id as "purchaseId", tenant_id as "tenantId", merchant_id as "merchantId",
         mandate_id as "mandateId", agent_id as "agentId", item_id as "itemId", charge, quantity,
         amount_minor as "amountMinor", currency, state, settled_quantity as "settledQuantity",
         settled_minor as "settledMinor", returned_quantity as "returnedQuantity",
         refunded_minor as "refundedMinor", version, created_at as "createdAt"
    from unnest(string_to_array(${lines(ids)}, E'\\n')::uuid[]) as u(id)
    join purchases p on p.purchase_id = u.id
   order by p.purchase_id, line`;

function purchaseDoc(id: string, group: readonly LineRow[]): Doc {
  const [first] = group as readonly [LineRow];
  const { tenantId, merchantId, mandateId, agentId, currency, state, createdAt } = first;
  return {
    ...purchaseKey(id),
    version: group.reduce((sum, { version }) => sum + version, 0n),
    view: {
      purchaseId: id,
      tenantId,
      merchantId,
      mandateId,
      agentId,
      currency,
      state,
      createdAt: createdAt.toISOString(),
      lines: group.map((line) => ({
        ...(line.itemId === null ? { charge: line.charge } : { itemId: line.itemId }),
        quantity: String(line.quantity),
        amountMinor: String(line.amountMinor),
        settledQuantity: String(line.settledQuantity),
        settledMinor: String(line.settledMinor),
        returnedQuantity: String(line.returnedQuantity),
        refundedMinor: String(line.refundedMinor),
      })),
    },
  };
}

/** Copies of things themselves, that a command changed: by id, as `readPurchases`. */
export async function readThings(
  db: Db,
  noun: "item" | "mandate",
  ids: readonly string[],
): Promise<Map<string, Doc[]>> {
  const docs = noun === "item" ? itemDocs : mandateDocs;
  const found = await transact(db, "read_things", (tx) => docs(tx, ids), { readOnly: true });
  return new Map([...found].map(([id, doc]) => [id, [doc]]));
}

interface ItemRow {
  readonly itemId: string;
  readonly tenantId: string;
  readonly merchantId: string;
  readonly available: bigint;
  readonly version: bigint;
}

/** Version: the sum of the buckets', because every ask and command moves one of them up. */
export async function itemDocs(tx: Tx, ids: readonly string[]): Promise<Map<string, Doc>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.rows<ItemRow>(prepared("project_items")`
    select i.item_id as "itemId", i.tenant_id as "tenantId", i.merchant_id as "merchantId",
           sum(b.available)::bigint as available, sum(b.version)::bigint as version
      from unnest(string_to_array(${lines(ids)}, E'\\n')::uuid[]) as u(id)
      join items i on i.item_id = u.id
      join stock_buckets b on b.pool_id = i.pool_id
     group by i.item_id, i.tenant_id, i.merchant_id`);
  return new Map(
    rows.map(({ itemId, tenantId, merchantId, available, version }) => {
      const view = { itemId, tenantId, merchantId, available: String(available) };
      return [itemId, { ...itemKey(itemId), version, view }];
    }),
  );
}

interface MandateRow {
  readonly mandateId: string;
  readonly tenantId: string;
  readonly currency: string;
  readonly capMinor: bigint;
  readonly remainingMinor: bigint;
  readonly version: bigint;
}

export async function mandateDocs(tx: Tx, ids: readonly string[]): Promise<Map<string, Doc>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.rows<MandateRow>(prepared("project_mandates")`
    select m.mandate_id as "mandateId", m.tenant_id as "tenantId", m.currency,
           m.cap_minor as "capMinor", sum(b.remaining_minor)::bigint as "remainingMinor",
           sum(b.version)::bigint as version
      from unnest(string_to_array(${lines(ids)}, E'\\n')::uuid[]) as u(id)
      join mandates m on m.mandate_id = u.id
      join mandate_buckets b on b.mandate_id = m.mandate_id
     group by m.mandate_id, m.tenant_id, m.currency, m.cap_minor`);
  return new Map(
    rows.map(({ mandateId, tenantId, currency, capMinor, remainingMinor, version }) => {
      const money = { capMinor: String(capMinor), spentMinor: String(capMinor - remainingMinor) };
      const view = { mandateId, tenantId, currency, ...money };
      return [mandateId, { ...mandateKey(mandateId), version, view }];
    }),
  );
}
