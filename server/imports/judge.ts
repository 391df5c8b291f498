import type { Db } from "../db/open.ts";
import { Columns, lines } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { findNamed, knowsTimeZone, problemOfNamed } from "../http/new-mandate.ts";
import { problemKinds, type ProblemCode } from "../http/problem-codes.ts";
import type { Plan } from "./plan.ts";
import type { BadRow, GoodRow } from "./read-row.ts";

/** What only the books can tell of a row, in the words of POST /v1/items and /v1/mandates. */

export interface Judged {
  readonly good: readonly GoodRow[];
  readonly bad: readonly BadRow[];
}

interface Reason {
  readonly field: string;
  readonly code: string;
  readonly detail: string;
}

type JudgeOf = (row: GoodRow) => Reason | undefined;

export interface JudgedBy {
  readonly tenantId: string;
  readonly plan: Plan;
  /** They were asked for outside of transactions. */
  readonly zones: Zones;
  readonly isDryRun: boolean;
}

/** Many rows with few statements. */
export async function judge(tx: Tx, by: JudgedBy, rows: readonly GoodRow[]): Promise<Judged> {
  if (rows.length === 0) return { good: [], bad: [] };
  const { plan } = by;
  const judgeOf = plan.kind === "items" ? judgeOfItems : judgeOfMandates;
  const faultOf = await judgeOf(tx, by, rows);
  const good: GoodRow[] = [];
  const bad: BadRow[] = [];
  for (const one of rows) {
    const reason = faultOf(one);
    if (reason === undefined) good.push(one);
    else bad.push(badOf(one, plan, reason));
  }
  return { good, bad };
}

export function badOf(one: GoodRow, plan: Plan, { field, code, detail }: Reason): BadRow {
  const { row, line, cells } = one;
  const source = plan.sources.find(({ field: { name } }) => name === field);
  const column = source?.column ?? null;
  return { row, line, cells, faults: [{ column, code, detail }] };
}

interface Sku {
  readonly merchantId: string;
  readonly sku: string;
}

const skuColumns = new Columns<Sku>({
  sku: ["text", (r) => r.sku],
  merchant_id: ["uuid", (r) => r.merchantId],
});

export const keyOfSku = ({ merchantId, sku }: Sku): string => `${merchantId} ${sku}`;

async function judgeOfItems(
  tx: Tx,
  { tenantId, isDryRun }: JudgedBy,
  rows: readonly GoodRow[],
): Promise<JudgeOf> {
  const skus = rows.flatMap(({ made }) => (made.kind === "items" ? [made.body] : []));
  const merchantIds = [...new Set(skus.map(({ merchantId }) => merchantId))];
  const [owners, taken] = await Promise.all([
    tx.tuples<[id: string, tenantId: string]>(
      sql`select merchant_id, tenant_id from merchants
           where merchant_id = any(string_to_array(${lines(merchantIds)}, E'\n')::uuid[])`,
    ),
    tx.rows<Sku>(
      sql`select i.merchant_id as "merchantId", i.sku from ${skuColumns.of(skus)} as k
            join items i on i.merchant_id = k.merchant_id and i.sku = k.sku`,
    ),
  ]);
  const ownerOf = new Map(owners);
  const before = new Set(taken.map(keyOfSku));
  return ({ made }) => {
    if (made.kind !== "items") return undefined;
    const { merchantId } = made.body;
    const owner = ownerOf.get(merchantId);
    if (owner === undefined) return reasonOf("merchantId", "UNKNOWN_MERCHANT");
    if (owner !== tenantId) return reasonOf("merchantId", "FORBIDDEN");
    const key = keyOfSku(made.body);
    if (before.has(key)) return reasonOf("sku", "SKU_TAKEN");
    // The first of two rows has it; a dry run says itself which one that is.
    if (!isDryRun) before.add(key);
    return undefined;
  };
}

async function judgeOfMandates(
  tx: Tx,
  { tenantId, zones }: JudgedBy,
  rows: readonly GoodRow[],
): Promise<JudgeOf> {
  const bodies = rows.flatMap(({ made }) => (made.kind === "mandates" ? [made.body] : []));
  const merchants = [...new Set(bodies.flatMap((body) => body.allowedMerchants ?? []))];
  const items = [...new Set(bodies.flatMap((body) => body.allowedItems ?? []))];
  const named = merchants.length + items.length;
  const found = named === 0 ? new Map() : await findNamed(tx, { merchants, items });
  return ({ made }) => {
    if (made.kind !== "mandates") return undefined;
    const { timeZone } = made.body;
    if (timeZone !== undefined && zones.get(timeZone) === false) {
      const detail = "is no time zone that this server knows";
      return { field: "timeZone", code: "INVALID_VALUE", detail };
    }
    const problem = problemOfNamed(tenantId, made.body, found);
    if (!problem) return undefined;
    const field = problem.code === "UNKNOWN_ITEM" ? "allowedItems" : "allowedMerchants";
    return { field, code: problem.code, detail: problem.message };
  };
}

function reasonOf(field: string, code: ProblemCode): Reason {
  const { title, todo } = problemKinds[code];
  return { field, code, detail: `${title}. ${todo}` };
}

/** Whether the database counts days by a zone. */
export type Zones = ReadonlyMap<string, boolean>;

/** A zone that the database does not know fails the statement, so each is asked for by itself. */
export async function askZones(
  db: Db,
  rows: readonly GoodRow[],
  known: Map<string, boolean>,
): Promise<void> {
  for (const { made } of rows) {
    const zone = made.kind === "mandates" ? made.body.timeZone : undefined;
    if (zone === undefined || known.has(zone)) continue;
    known.set(zone, await knowsTimeZone(db, zone));
  }
}
