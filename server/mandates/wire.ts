import { z } from "zod";
import { pageQuery, searchField } from "../http/list.ts";
import { amount, buckets, newMandateExample as example } from "../http/new-mandate.ts";
import { count, currency, id, listOf, minor, time, whole } from "../http/shapes.ts";
import { periodNames } from "../kernel/facts.ts";
import { buyingReasons } from "../kernel/reasons.ts";

/** The bodies and answers of /v1/mandates. */

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

export type CapBody = z.infer<typeof capBody>;
export type TopUpBody = z.infer<typeof topUpBody>;
export type ReshardBody = z.infer<typeof reshardBody>;
export type RevokeBody = z.infer<typeof revokeBody>;

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
