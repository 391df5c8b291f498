import type { MandateBucket, MandateFact, Period, PeriodName, Room } from "./facts.ts";

/** A mandate's bucket as its statement returns it. */
export type RoomTuple = [
  bucket: number,
  remainingMinor: bigint,
  active: boolean,
  rulesVersion: bigint,
  version: bigint,
  dayStart: Date | null,
  dayLeft: bigint | null,
  weekStart: Date | null,
  weekLeft: bigint | null,
  monthStart: Date | null,
  monthLeft: bigint | null,
];

/** A mandate with its lucky bucket as the statement returns it. */
export type MandateTuple = [
  mandateId: string,
  tenantId: string,
  state: MandateFact["state"],
  currency: string,
  capMinor: bigint,
  purchaseMaxMinor: bigint | null,
  allowedMerchants: string | null,
  allowedItems: string | null,
  agentId: string | null,
  startsAt: Date | null,
  expiresAt: Date | null,
  duplicateWindowSeconds: number | null,
  rulesVersion: bigint,
  buckets: number,
  gate: MandateFact["gate"],
  dayLimit: bigint | null,
  weekLimit: bigint | null,
  monthLimit: bigint | null,
  dayStart: Date | null,
  dayReset: Date | null,
  weekStart: Date | null,
  weekReset: Date | null,
  monthStart: Date | null,
  monthReset: Date | null,
  ...RoomTuple,
];

export function mandateOf(row: MandateTuple): MandateFact {
  const [
    mandateId,
    tenantId,
    state,
    currency,
    capMinor,
    purchaseMaxMinor,
    allowedMerchants,
    allowedItems,
    agentId,
    startsAt,
    expiresAt,
    duplicateWindowSeconds,
    rulesVersion,
    buckets,
    gate,
    dayLimit,
    weekLimit,
    monthLimit,
    dayStart,
    dayReset,
    weekStart,
    weekReset,
    monthStart,
    monthReset,
    ...bucket
  ] = row;
  const periods: Partial<Record<PeriodName, Period>> = {};
  addPeriod(periods, "day", dayLimit, dayStart, dayReset);
  addPeriod(periods, "week", weekLimit, weekStart, weekReset);
  addPeriod(periods, "month", monthLimit, monthStart, monthReset);
  return {
    mandateId,
    tenantId,
    state,
    currency,
    capMinor,
    purchaseMaxMinor,
    periods,
    allowedMerchants: listOf(allowedMerchants),
    allowedItems: listOf(allowedItems),
    agentId,
    startsAtMs: startsAt?.getTime() ?? null,
    expiresAtMs: expiresAt?.getTime() ?? null,
    duplicateWindowMs: duplicateWindowSeconds === null ? null : duplicateWindowSeconds * 1000,
    rulesVersion,
    buckets,
    gate,
    loaded: [mandateBucketOf(bucket)],
  };
}

export function mandateBucketOf(row: RoomTuple): MandateBucket {
  const [
    bucket,
    remainingMinor,
    active,
    rulesVersion,
    version,
    dayStart,
    dayLeft,
    weekStart,
    weekLeft,
    monthStart,
    monthLeft,
  ] = row;
  const rooms: Partial<Record<PeriodName, Room>> = {};
  addRoom(rooms, "day", dayStart, dayLeft);
  addRoom(rooms, "week", weekStart, weekLeft);
  addRoom(rooms, "month", monthStart, monthLeft);
  return { bucket, remainingMinor, active, rulesVersion, rooms, version };
}

function addPeriod(
  periods: Partial<Record<PeriodName, Period>>,
  name: PeriodName,
  limitMinor: bigint | null,
  start: Date | null,
  reset: Date | null,
): void {
  if (limitMinor === null || start === null || reset === null) return;
  periods[name] = { limitMinor, startMs: start.getTime(), resetsAtMs: reset.getTime() };
}

function addRoom(
  rooms: Partial<Record<PeriodName, Room>>,
  name: PeriodName,
  start: Date | null,
  leftMinor: bigint | null,
): void {
  if (start !== null && leftMinor !== null) rooms[name] = { startMs: start.getTime(), leftMinor };
}

function listOf(text: string | null): readonly string[] | null {
  return text === null ? null : (JSON.parse(text) as readonly string[]);
}
