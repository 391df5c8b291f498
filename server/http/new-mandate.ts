import { z } from "zod";
import { isTimeZone } from "../base/time-zone.ts";
import type { Db } from "../db/open.ts";
import { lines } from "../db/rows.ts";
import { sql } from "../db/sql.ts";
import { transact, type Tx } from "../db/transact.ts";
import type { MandateRules } from "../kernel/openings.ts";
import { Problem } from "./problem.ts";
import { currency, moment, uuid, whole, words } from "./shapes.ts";

/** What a mandate is made of: by POST /v1/mandates, and by every row of an import. */

export const amount = whole(0).meta({ description: "In minor units." });
const allowed = z
  .array(uuid, "must be a list of UUIDs")
  .max(500, "must have 500 elements at most")
  .optional()
  .meta({ description: "Absent: any. Empty: none." });

const timeZone = z
  .string("must be a string")
  .max(100, "must have 100 characters at most")
  .refine(isTimeZone, "must be an IANA time zone")
  .meta({ description: "IANA name of the zone in which days, weeks and months begin." });

/** An absent rule forbids nothing; an empty list allows nothing. */
const rules = {
  purchaseMaxMinor: amount.optional().meta({ description: "Of one purchase, in minor units." }),
  dayLimitMinor: amount.optional().meta({ description: "Of a day." }),
  weekLimitMinor: amount.optional().meta({ description: "Of a week, from Monday." }),
  monthLimitMinor: amount.optional().meta({ description: "Of a month." }),
  timeZone: timeZone.optional().meta({ default: "UTC" }),
  allowedMerchants: allowed,
  allowedItems: allowed,
  agentId: words(255).optional().meta({ description: "The one agent that may spend from it." }),
  startsAt: moment.optional().meta({ description: "From when on it counts." }),
  expiresAt: moment.optional().meta({ description: "When it ends." }),
  duplicateWindowSeconds: whole(1, 2_592_000).optional().meta({
    description:
      "For how long the same purchase by the same agent is taken for a mistake, unless it says `again`.",
  }),
};

const someRules = {
  dayLimitMinor: 20_000,
  timeZone: "Europe/Paris",
  expiresAt: "2027-01-01T00:00:00Z",
  duplicateWindowSeconds: 60,
};
export const newMandateExample = { name: "office", currency: "EUR", capMinor: 100_000 };

interface Times {
  readonly startsAt?: string | undefined;
  readonly expiresAt?: string | undefined;
}

const inOrder = ({ startsAt, expiresAt }: Times): boolean =>
  startsAt === undefined || expiresAt === undefined || Date.parse(startsAt) < Date.parse(expiresAt);
const order = { error: "must be later than startsAt", path: ["expiresAt"] };

/** All the rules, anew: one that is not named is none from now on. */
export const rulesBody = z
  .strictObject(rules)
  .refine(inOrder, order)
  .meta({ id: "MandateRules", examples: [someRules] });

export const buckets = whole(1, 256).meta({
  description: "How many slices the money is dealt into: more for many agents at once.",
});

export const mandateBody = z
  .strictObject({
    name: words(200),
    currency,
    capMinor: amount.meta({ description: "What may be spent in all, in minor units." }),
    ...rules,
    buckets: buckets.optional().meta({ default: 20 }),
  })
  .refine(inOrder, order)
  .meta({ id: "NewMandate", examples: [{ ...newMandateExample, ...someRules }] });

export type RulesBody = z.infer<typeof rulesBody>;
export type MandateBody = z.infer<typeof mandateBody>;

export function rulesOf(body: RulesBody): MandateRules {
  const { purchaseMaxMinor, dayLimitMinor, weekLimitMinor, monthLimitMinor } = body;
  const { startsAt, expiresAt, allowedMerchants, allowedItems, agentId } = body;
  const { timeZone: zone, duplicateWindowSeconds } = body;
  return {
    ...(purchaseMaxMinor !== undefined && { purchaseMaxMinor: BigInt(purchaseMaxMinor) }),
    ...(dayLimitMinor !== undefined && { dayLimitMinor: BigInt(dayLimitMinor) }),
    ...(weekLimitMinor !== undefined && { weekLimitMinor: BigInt(weekLimitMinor) }),
    ...(monthLimitMinor !== undefined && { monthLimitMinor: BigInt(monthLimitMinor) }),
    ...(zone !== undefined && { timeZone: zone }),
    ...(allowedMerchants && { allowedMerchants }),
    ...(allowedItems && { allowedItems }),
    ...(agentId !== undefined && { agentId }),
    ...(startsAt !== undefined && { startsAtMs: Date.parse(startsAt) }),
    ...(expiresAt !== undefined && { expiresAtMs: Date.parse(expiresAt) }),
    ...(duplicateWindowSeconds !== undefined && { duplicateWindowSeconds }),
  };
}

export interface Named {
  readonly id: string;
  readonly tenantId: string;
}

/** Of these merchants and items, those that exist, and whose they are. */
export async function findNamed(
  tx: Tx,
  { merchants, items }: { merchants: readonly string[]; items: readonly string[] },
): Promise<Map<string, Named>> {
  const rows = await tx.rows<Named>(
    sql`select merchant_id as id, tenant_id as "tenantId" from merchants
         where merchant_id = any(string_to_array(${lines(merchants)}, E'\n')::uuid[])
         union all
        select item_id, tenant_id from items
         where item_id = any(string_to_array(${lines(items)}, E'\n')::uuid[])`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Whether the database counts days by it, too: its list of zones is not the one of Node.js. */
export async function knowsTimeZone(db: Db, timeZone: string): Promise<boolean> {
  try {
    const query = sql`select now() at time zone ${timeZone}`;
    await transact(db, "check_time_zone", (tx) => tx.tuples(query), { readOnly: true });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "22023") return false;
    throw error;
  }
}

/** What a list allows is the tenant's own. */
export function problemOfNamed(
  tenantId: string,
  { allowedMerchants: merchants = [], allowedItems: items = [] }: RulesBody,
  found: ReadonlyMap<string, Named>,
): Problem | undefined {
  const named = [...merchants, ...items];
  const isOthers = (id: string): boolean => (found.get(id)?.tenantId ?? tenantId) !== tenantId;
  if (named.some(isOthers)) return new Problem("FORBIDDEN");
  if (!merchants.every((id) => found.has(id))) {
    return new Problem("UNKNOWN_MERCHANT", "allowedMerchants names one that does not exist.");
  }
  if (!items.every((id) => found.has(id))) {
    return new Problem("UNKNOWN_ITEM", "allowedItems names one that does not exist.");
  }
  return undefined;
}
