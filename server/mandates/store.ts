import { startOf, type Page } from "../db/page.ts";
import { Columns } from "../db/rows.ts";
import { Fragment, sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { periodNames, type PeriodName } from "../kernel/facts.ts";
import { wholeMandate } from "../kernel/mandate-rows.ts";

export interface Mandate {
  readonly mandateId: string;
  readonly tenantId: string;
  readonly name: string;
  readonly state: "active" | "paused" | "revoked";
  readonly currency: string;
  readonly capMinor: bigint;
  readonly purchaseMaxMinor: bigint | null;
  readonly dayLimitMinor: bigint | null;
  readonly weekLimitMinor: bigint | null;
  readonly monthLimitMinor: bigint | null;
  readonly timeZone: string;
  /** JSON lists; null allows any. */
  readonly allowedMerchants: string | null;
  readonly allowedItems: string | null;
  readonly agentId: string | null;
  readonly startsAt: Date | null;
  readonly expiresAt: Date | null;
  readonly duplicateWindowSeconds: number | null;
  readonly buckets: number;
  readonly createdAt: string;
}

/** Where the money of the cap is: cap = left + held + spent. */
export interface Money {
  readonly leftMinor: bigint;
  readonly heldMinor: bigint;
}

/** What a mandate has left: money under the cap, and room under each limit until it resets. */
export interface Left {
  readonly remainingMinor: bigint;
  readonly rooms: Partial<Record<PeriodName, { leftMinor: bigint; resetsAt: Date }>>;
  /** By the database's clock. */
  readonly now: Date;
}

const mandateColumns = new Columns<string>({ mandate_id: ["uuid", (id) => id] });

const select = new Fragment(`
  select mandate_id as "mandateId", tenant_id as "tenantId", name, state, currency, cap_minor as "capMinor",
  purchase_max_minor as "purchaseMaxMinor", day_limit_minor as "dayLimitMinor",
  week_limit_minor as "weekLimitMinor", month_limit_minor as "monthLimitMinor",
  time_zone as "timeZone", allowed_merchants as "allowedMerchants", allowed_items as "allowedItems",
  agent_id as "agentId", starts_at as "startsAt", expires_at as "expiresAt",
  duplicate_window_seconds as "duplicateWindowSeconds", buckets, created_at::text as "createdAt"
  from mandates`);

/** Whoever's it is: who asks decides what another tenant's means. */
export async function findMandate(tx: Tx, mandateId: string): Promise<Mandate | undefined> {
  const [mandate] = await tx.rows<Mandate>(sql`${select} where mandate_id = ${mandateId}`);
  return mandate;
}

export async function listMandates(
  tx: Tx,
  tenantId: string,
  page: Page,
  filter: {
    readonly state?: Mandate["state"] | undefined;
    readonly search?: string | undefined;
  } = {},
): Promise<Mandate[]> {
  const { state = null, search = null } = filter;
  const { createdAt, id } = startOf(page);
  return tx.rows<Mandate>(
    sql`${select}
         where tenant_id = ${tenantId} and (created_at, mandate_id) < (${createdAt}::timestamptz, ${id}::uuid)
           and (${state}::text is null or state = ${state})
           and (${search}::text is null or strpos(lower(name), lower(${search}::text)) > 0
                or mandate_id::text = lower(${search}::text))
         order by created_at desc, mandate_id desc
         limit ${page.limit}`,
  );
}

export const noMoney: Money = { leftMinor: 0n, heldMinor: 0n };

/** Of each of these mandates. What is neither left nor held is spent: purchases need not be counted. */
export async function moneyOf(tx: Tx, mandateIds: readonly string[]): Promise<Map<string, Money>> {
  if (mandateIds.length === 0) return new Map();
  const rows = await tx.rows<Money & { readonly mandateId: string }>(
    sql`select k.mandate_id as "mandateId",
               (select coalesce(sum(b.remaining_minor), 0)::bigint from mandate_buckets b
                 where b.mandate_id = k.mandate_id) as "leftMinor",
               (select coalesce(sum(u.amount_minor), 0)::bigint from purchases u
                 where u.mandate_id = k.mandate_id and u.state = 'held') as "heldMinor"
          from ${mandateColumns.of(mandateIds)} as k(mandate_id)`,
  );
  return new Map(rows.map(({ mandateId, ...money }) => [mandateId, money]));
}

/** By every rule that money is counted under, as a sale of this moment would find it. */
export async function leftOf(tx: Tx, mandateId: string): Promise<Left> {
  const [now] = await tx.tuples<[Date]>(sql`select now()`);
  const mandate = await wholeMandate(tx, mandateId);
  const rooms: Left["rooms"] = {};
  for (const name of periodNames) {
    const period = mandate.fact.periods[name];
    if (!period) continue;
    rooms[name] = { leftMinor: mandate.room[name] ?? 0n, resetsAt: new Date(period.resetsAtMs) };
  }
  return { remainingMinor: mandate.remaining, rooms, now: now?.[0] ?? new Date() };
}
