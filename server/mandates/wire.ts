import { z } from "zod";
import { isTimeZone } from "../base/time-zone.ts";
import { rfc3339 } from "../http/cursor.ts";
import { currency, moment, uuid, whole, words } from "../http/shapes.ts";
import { periodNames } from "../kernel/facts.ts";
import type { MandateRules } from "../kernel/openings.ts";
import type { Left, Mandate } from "./store.ts";

/** The bodies and answers of /v1/mandates. */

const amount = whole(0);
const allowed = z
  .array(uuid, "must be a list of UUIDs")
  .max(500, "must have 500 elements at most")
  .optional();

const timeZone = z
  .string("must be a string")
  .max(100, "must have 100 characters at most")
  .refine(isTimeZone, "must be an IANA time zone");

/** An absent rule forbids nothing; an empty list allows nothing. */
const rules = {
  purchaseMaxMinor: amount.optional(),
  dayLimitMinor: amount.optional(),
  weekLimitMinor: amount.optional(),
  monthLimitMinor: amount.optional(),
  timeZone: timeZone.optional(),
  allowedMerchants: allowed,
  allowedItems: allowed,
  agentId: words(255).optional(),
  startsAt: moment.optional(),
  expiresAt: moment.optional(),
  duplicateWindowSeconds: whole(1, 2_592_000).optional(),
};

interface Times {
  readonly startsAt?: string | undefined;
  readonly expiresAt?: string | undefined;
}

const inOrder = ({ startsAt, expiresAt }: Times): boolean =>
  startsAt === undefined || expiresAt === undefined || Date.parse(startsAt) < Date.parse(expiresAt);
const order = { error: "must be later than startsAt", path: ["expiresAt"] };

/** All the rules, anew: one that is not named is none from now on. */
export const rulesBody = z.strictObject(rules).refine(inOrder, order);

export const mandateBody = z
  .strictObject({
    name: words(200),
    currency,
    capMinor: amount,
    ...rules,
    /** How many slices the money is dealt into: more for many agents at once. */
    buckets: whole(1, 256).optional(),
  })
  .refine(inOrder, order);

export const capBody = z.strictObject({ capMinor: amount });
export const topUpBody = z.strictObject({ amountMinor: whole(1) });
export const reshardBody = z.strictObject({ buckets: whole(1, 256) });
export const revokeBody = z.strictObject({
  /** Gives back what is held under it, too. */
  releaseHolds: z.boolean("must be true or false").optional(),
});

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

export interface MandateView {
  readonly id: string;
  readonly name: string;
  readonly state: "active" | "paused" | "revoked";
  readonly currency: string;
  readonly capMinor: number;
  readonly purchaseMaxMinor: number | null;
  readonly dayLimitMinor: number | null;
  readonly weekLimitMinor: number | null;
  readonly monthLimitMinor: number | null;
  readonly timeZone: string;
  readonly allowedMerchants: readonly string[] | null;
  readonly allowedItems: readonly string[] | null;
  readonly agentId: string | null;
  readonly startsAt: string | null;
  readonly expiresAt: string | null;
  readonly duplicateWindowSeconds: number | null;
  readonly buckets: number;
  readonly createdAt: string;
}

interface RoomView {
  readonly leftMinor: number;
  readonly resetsAt: string;
}

/** With what is left by the cap and by each limit that it has. */
export interface WholeMandateView extends MandateView {
  readonly left: {
    readonly capMinor: number;
    readonly day?: RoomView;
    readonly week?: RoomView;
    readonly month?: RoomView;
  };
}

export function mandateView(mandate: Mandate): MandateView {
  const { mandateId, name, state, currency: code, agentId, duplicateWindowSeconds } = mandate;
  return {
    id: mandateId,
    name,
    state,
    currency: code,
    capMinor: Number(mandate.capMinor),
    purchaseMaxMinor: numberOf(mandate.purchaseMaxMinor),
    dayLimitMinor: numberOf(mandate.dayLimitMinor),
    weekLimitMinor: numberOf(mandate.weekLimitMinor),
    monthLimitMinor: numberOf(mandate.monthLimitMinor),
    timeZone: mandate.timeZone,
    allowedMerchants: listOf(mandate.allowedMerchants),
    allowedItems: listOf(mandate.allowedItems),
    agentId,
    startsAt: mandate.startsAt?.toISOString() ?? null,
    expiresAt: mandate.expiresAt?.toISOString() ?? null,
    duplicateWindowSeconds,
    buckets: mandate.buckets,
    createdAt: rfc3339(mandate.createdAt),
  };
}

export function wholeMandateView(mandate: Mandate, left: Left): WholeMandateView {
  const rooms: Partial<Record<(typeof periodNames)[number], RoomView>> = {};
  for (const name of periodNames) {
    const room = left.rooms[name];
    if (!room) continue;
    rooms[name] = { leftMinor: Number(room.leftMinor), resetsAt: room.resetsAt.toISOString() };
  }
  return { ...mandateView(mandate), left: { capMinor: Number(left.remainingMinor), ...rooms } };
}

const numberOf = (amountMinor: bigint | null): number | null =>
  amountMinor === null ? null : Number(amountMinor);

const listOf = (json: string | null): readonly string[] | null =>
  json === null ? null : (JSON.parse(json) as string[]);
