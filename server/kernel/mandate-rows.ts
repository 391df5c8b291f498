import { Columns } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import type { Tx } from "../db/transact.ts";
import { periodNames, type PeriodName } from "./facts.ts";
import { listText, type MandateRules } from "./openings.ts";
import * as read from "./load-rows.ts";
import { RunningMandate, shareOf } from "./running-mandate.ts";

export async function writeRules(tx: Tx, mandateId: string, rules: MandateRules): Promise<void> {
  const timeZone = rules.timeZone ?? "UTC";
  await tx.write(
    sql`update mandates
           set rules_version = rules_version + 1, purchase_max_minor = ${rules.purchaseMaxMinor},
               day_limit_minor = ${rules.dayLimitMinor}, week_limit_minor = ${rules.weekLimitMinor},
               month_limit_minor = ${rules.monthLimitMinor},
               time_zone = case when now() at time zone ${timeZone} is not null then ${timeZone} end,
               allowed_merchants = ${listText(rules.allowedMerchants)},
               allowed_items = ${listText(rules.allowedItems)}, agent_id = ${rules.agentId},
               starts_at = to_timestamp(${rules.startsAtMs}::float8 / 1000),
               expires_at = to_timestamp(${rules.expiresAtMs}::float8 / 1000),
               duplicate_window_seconds = ${rules.duplicateWindowSeconds},
               day_carried_from = null, day_carried_minor = null, week_carried_from = null,
               week_carried_minor = null, month_carried_from = null, month_carried_minor = null
         where mandate_id = ${mandateId}`,
    1,
  );
}

/** The rules as they are, for the audit log: those that there are, lists as lists. */
export async function readRules(tx: Tx, mandateId: string): Promise<object> {
  const [row] = await tx.rows<Record<string, unknown>>(
    sql`select purchase_max_minor as "purchaseMaxMinor", day_limit_minor as "dayLimitMinor",
               week_limit_minor as "weekLimitMinor", month_limit_minor as "monthLimitMinor",
               time_zone as "timeZone", allowed_merchants as "allowedMerchants",
               allowed_items as "allowedItems", agent_id as "agentId", starts_at as "startsAt",
               expires_at as "expiresAt", duplicate_window_seconds as "duplicateWindowSeconds"
          from mandates where mandate_id = ${mandateId}`,
  );
  const rules = Object.entries(row ?? {}).filter(([, rule]) => rule !== null);
  const shown = rules.map(([name, rule]) => {
    if (typeof rule === "bigint") return [name, Number(rule)];
    return [name, name.startsWith("allowed") ? JSON.parse(String(rule)) : rule];
  });
  return Object.fromEntries(shown) as object;
}

/** A mandate with all its buckets: what it has left, by money and by every limit. */
export async function wholeMandate(tx: Tx, mandateId: string): Promise<RunningMandate> {
  const fact = (await read.mandates(tx, [mandateId], 0)).get(mandateId);
  if (!fact) throw new Error(`mandate ${mandateId} has no bucket 0`);
  const others = (await read.otherMandateBuckets(tx, [fact])).get(mandateId) ?? [];
  return new RunningMandate({ ...fact, loaded: [...fact.loaded, ...others] });
}

/** What the mandate's purchases since then come to: held, or settled and not refunded. */
export async function spentSince(tx: Tx, mandateId: string, sinceMs: number): Promise<bigint> {
  const [row] = await tx.tuples<[bigint]>(
    sql`select coalesce(sum(case state when 'held' then amount_minor
                                       when 'settled' then settled_minor - refunded_minor else 0 end), 0)::bigint
          from purchases
         where mandate_id = ${mandateId} and created_at >= ${new Date(sinceMs)}`,
  );
  return row?.[0] ?? 0n;
}

interface Deal {
  readonly remaining?: bigint;
  readonly room?: Partial<Record<PeriodName, bigint>>;
  readonly buckets?: number;
}

/**
 * Deals money and room evenly over the buckets, under the mandate's present rules. Every bucket is
 * written, those beyond the number too: a late sale may hold any of them.
 */
export async function dealMandate(tx: Tx, mandate: RunningMandate, deal: Deal): Promise<void> {
  const { fact } = mandate;
  const { remaining = mandate.remaining, room = mandate.room, buckets = fact.buckets } = deal;
  const numbers = Array.from({ length: Math.max(buckets, fact.buckets) }, (_, bucket) => bucket);
  const left = (name: PeriodName) => (bucket: number) => {
    const total = room[name];
    return total === undefined ? null : shareOf(total, bucket, buckets);
  };
  const shares = new Columns<number>({
    bucket: ["integer", (bucket) => bucket],
    remaining: ["bigint", (bucket) => shareOf(remaining, bucket, buckets)],
    day_left: ["bigint?", left("day")],
    week_left: ["bigint?", left("week")],
    month_left: ["bigint?", left("month")],
  });
  const starts = Object.fromEntries(
    periodNames.map((name) => [
      name,
      room[name] === undefined ? null : new Date(mandate.startMs(name)),
    ]),
  );
  await tx.run(
    sql`insert into mandate_buckets (mandate_id, bucket, tenant_id, remaining_minor, active, rules_version, version)
        select b.mandate_id, new.bucket, b.tenant_id, 0, b.active, b.rules_version, 0
          from mandate_buckets b
         cross join lateral generate_series(1, ${buckets - 1}::integer) as new(bucket)
         where b.mandate_id = ${fact.mandateId} and b.bucket = 0
           and not exists (select 1 from mandate_buckets o
                            where o.mandate_id = ${fact.mandateId} and o.bucket = new.bucket)`,
  );
  await tx.run(
    sql`update mandate_buckets b
           set version = b.version + 1, rules_version = ${fact.rulesVersion},
               remaining_minor = coalesce(d.remaining, 0),
               day_start = ${starts["day"]}, day_left_minor = case when ${starts["day"]}::timestamptz is null then null else coalesce(d.day_left, 0) end,
               week_start = ${starts["week"]}, week_left_minor = case when ${starts["week"]}::timestamptz is null then null else coalesce(d.week_left, 0) end,
               month_start = ${starts["month"]}, month_left_minor = case when ${starts["month"]}::timestamptz is null then null else coalesce(d.month_left, 0) end
          from mandate_buckets every
          left join ${shares.of(numbers)} as d on d.bucket = every.bucket
         where every.mandate_id = ${fact.mandateId}
           and b.mandate_id = every.mandate_id and b.bucket = every.bucket`,
  );
}
