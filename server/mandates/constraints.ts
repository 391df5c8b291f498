import { inOrder } from "../kernel/checks.ts";
import { periodNames } from "../kernel/facts.ts";
import type { Left, Mandate } from "./store.ts";
import { idsIn } from "./views.ts";
import type { ConstraintListView } from "./wire.ts";

type ConstraintView = ConstraintListView["data"][number];

/** The rules as a list, in the order in which the kernel asks them. */
export function constraintsOf(mandate: Mandate, left: Left): ConstraintView[] {
  const { state, startsAt, expiresAt, agentId, purchaseMaxMinor: most, capMinor } = mandate;
  const allows = (reason: ConstraintView["reason"], list: readonly string[] | null) => ({
    reason,
    isSet: list !== null,
    blocks: list?.length === 0,
    ...(list && { allowed: [...list] }),
  });
  const windowSeconds = mandate.duplicateWindowSeconds;
  return inOrder<ConstraintView>([
    { reason: "REVOKED", isSet: true, blocks: state === "revoked" },
    { reason: "PAUSED", isSet: true, blocks: state === "paused" },
    {
      reason: "NOT_STARTED",
      isSet: startsAt !== null,
      blocks: startsAt !== null && left.now < startsAt,
      ...(startsAt && { resetsAt: startsAt.toISOString() }),
    },
    {
      reason: "EXPIRED",
      isSet: expiresAt !== null,
      blocks: expiresAt !== null && left.now >= expiresAt,
      ...(expiresAt && { resetsAt: expiresAt.toISOString() }),
    },
    allows("AGENT", agentId === null ? null : [agentId]),
    allows("MERCHANT", idsIn(mandate.allowedMerchants)),
    allows("ITEM", idsIn(mandate.allowedItems)),
    { reason: "CURRENCY", isSet: true, blocks: false, allowed: [mandate.currency] },
    {
      reason: "PURCHASE_MAX",
      isSet: most !== null,
      blocks: false,
      ...(most !== null && { limit: Number(most), headroom: Number(most) }),
    },
    {
      reason: "DUPLICATE_SUSPECTED",
      isSet: windowSeconds !== null,
      blocks: false,
      ...(windowSeconds !== null && { windowSeconds }),
    },
    ...periodsOf(mandate, left),
    { reason: "CAP", isSet: true, ...arithmetic(capMinor, left.remainingMinor) },
  ]);
}

function periodsOf(mandate: Mandate, left: Left): ConstraintView[] {
  const limits = {
    day: mandate.dayLimitMinor,
    week: mandate.weekLimitMinor,
    month: mandate.monthLimitMinor,
  };
  return periodNames.map((period) => {
    const [limit, room] = [limits[period], left.rooms[period]];
    if (limit === null || !room) {
      return { reason: "PERIOD", period, isSet: false, blocks: false };
    }
    const resetsAt = room.resetsAt.toISOString();
    return {
      reason: "PERIOD",
      period,
      isSet: true,
      ...arithmetic(limit, room.leftMinor),
      resetsAt,
    };
  });
}

function arithmetic(limit: bigint, headroom: bigint) {
  return {
    blocks: headroom <= 0n,
    limit: Number(limit),
    used: Number(limit - headroom),
    headroom: Number(headroom),
  };
}
