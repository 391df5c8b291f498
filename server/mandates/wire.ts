import { z } from "zod";
import { isTimeZone } from "../base/time-zone.ts";
import { pageQuery, searchField } from "../http/list.ts";
import {
  count,
  currency,
  id,
  listOf,
  minor,
  moment,
  time,
  uuid,
  whole,
  words,
} from "../http/shapes.ts";
import { periodNames } from "../kernel/facts.ts";
import type { MandateRules } from "../kernel/openings.ts";
import { buyingReasons } from "../kernel/reasons.ts";

/** The bodies and answers of /v1/mandates. */

const amount = whole(0).meta({ description: "In minor units." });
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
const example = { name: "office", currency: "EUR", capMinor: 100_000 };

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

const buckets = whole(1, 256).meta({
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
  .meta({ id: "NewMandate", examples: [{ ...example, ...someRules }] });

export const capBody = z
  .strictObject({ capMinor: amount })
  .meta({ examples: [{ capMinor: 250_000 }] });
export const topUpBody = z
  .strictObject({
    amountMinor: whole(1).meta({ description: "Added to the cap, in minor units." }),
  })
  .meta({ examples: [{ amountMinor: 50_000 }] });
export const reshardBody = z.strictObject({ buckets }).meta({ examples: [{ buckets: 64 }] });
export const revokeBody = z
  .strictObject({
    releaseHolds: z
      .boolean("must be true or false")
      .optional()
      .meta({ description: "Gives back what is held under it, too." }),
  })
  .meta({ examples: [{ releaseHolds: true }] });

export type RulesBody = z.infer<typeof rulesBody>;
export type MandateBody = z.infer<typeof mandateBody>;
export type CapBody = z.infer<typeof capBody>;
export type TopUpBody = z.infer<typeof topUpBody>;
export type ReshardBody = z.infer<typeof reshardBody>;
export type RevokeBody = z.infer<typeof revokeBody>;

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

const exampleView = {
  id: "019aa0f2-6c20-7d41-8a3e-5b9f2d6c4a22",
  ...example,
  state: "active",
  purchaseMaxMinor: null,
  dayLimitMinor: 20_000,
  weekLimitMinor: null,
  monthLimitMinor: null,
  timeZone: "Europe/Paris",
  allowedMerchants: null,
  allowedItems: null,
  agentId: null,
  startsAt: null,
  expiresAt: "2027-01-01T00:00:00.000Z",
  duplicateWindowSeconds: 60,
  buckets: 20,
  createdAt: "2026-11-20T15:49:31.120Z",
  money: { leftMinor: 97_500, heldMinor: 500, spentMinor: 2_000 },
} as const;

const limit = minor.nullable().meta({ description: "In minor units; null: no such limit." });
const money = z
  .object({ leftMinor: minor, heldMinor: minor, spentMinor: minor })
  .meta({ description: "Where the money of the cap is: `capMinor = left + held + spent`." });
const list = z.array(id).nullable().meta({ description: "null: any." });

export const mandateView = z
  .object({
    id,
    name: z.string(),
    state: z.enum(["active", "paused", "revoked"]),
    currency,
    capMinor: minor,
    purchaseMaxMinor: limit,
    dayLimitMinor: limit,
    weekLimitMinor: limit,
    monthLimitMinor: limit,
    timeZone: z.string(),
    allowedMerchants: list,
    allowedItems: list,
    agentId: z.string().nullable().meta({ description: "null: any agent." }),
    startsAt: time.nullable(),
    expiresAt: time.nullable(),
    duplicateWindowSeconds: z.int().nullable(),
    buckets: z.int(),
    createdAt: time,
    money,
  })
  .meta({
    id: "Mandate",
    description: "A permission to spend, and its rules.",
    examples: [exampleView],
  });

export type MandateView = z.output<typeof mandateView>;

export const mandateList = listOf("MandateList", mandateView);

export type MandateListView = z.output<typeof mandateList>;

export const listQuery = z.object({
  ...pageQuery.shape,
  state: z
    .enum(["active", "paused", "revoked"], "must be active, paused or revoked")
    .optional()
    .meta({ description: "Those in this state." }),
  search: searchField,
});

const room = z.object({ leftMinor: minor, resetsAt: time }).meta({
  id: "MandateRoom",
  description: "What is left in a running period, and when the next one begins.",
});

export type RoomView = z.output<typeof room>;

const left = z
  .object({
    capMinor: minor,
    day: room.optional(),
    week: room.optional(),
    month: room.optional(),
  })
  .meta({ description: "What is left by the cap and by each limit that it has." });

export const wholeMandateView = mandateView.extend({ left }).meta({
  id: "MandateWithLeft",
  description: "A permission to spend, its rules and what is left.",
  examples: [
    {
      ...exampleView,
      left: { capMinor: 97_500, day: { leftMinor: 17_500, resetsAt: "2026-11-20T23:00:00.000Z" } },
    },
  ],
});

export type WholeMandateView = z.output<typeof wholeMandateView>;

/** One step of the way that a sale takes through the rules. */
const constraint = z
  .object({
    reason: z
      .enum(Object.keys(buyingReasons) as (keyof typeof buyingReasons)[])
      .meta({ description: "What a decline by it says." }),
    period: z.enum(periodNames).optional(),
    isSet: z.boolean().meta({ description: "False: it is not a rule of this mandate." }),
    blocks: z.boolean().meta({ description: "Whether it forbids every sale at this moment." }),
    limit: minor.optional(),
    used: minor.optional(),
    headroom: minor.optional().meta({ description: "What a purchase may come to by it, now." }),
    resetsAt: time.optional().meta({ description: "When it changes by itself." }),
    windowSeconds: count.optional(),
    allowed: z.array(z.string()).optional().meta({ description: "Ids of what it lets through." }),
  })
  .meta({
    id: "MandateConstraint",
    description: "One thing that a sale under a mandate is held against.",
  });

export const constraintList = z.object({ data: z.array(constraint) }).meta({
  id: "ConstraintList",
  examples: [
    {
      data: [
        { reason: "PAUSED", isSet: true, blocks: false },
        {
          reason: "PERIOD",
          period: "day",
          isSet: true,
          blocks: false,
          limit: 20_000,
          used: 2_500,
          headroom: 17_500,
          resetsAt: "2026-11-20T23:00:00.000Z",
        },
      ],
    },
  ],
});

export type ConstraintListView = z.output<typeof constraintList>;
