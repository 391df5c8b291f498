import { aboutIn, anyId, anyText, problem } from "./expect.ts";
import { declined, ending, newId, recall, store, whose, type Decline } from "./records.ts";
import type { Asked, Prediction, Reply } from "./request.ts";
import { giveBack, type Purchase, type World } from "./world.ts";

/** For capture, extend, release and refund. */
export function settle(world: World, asked: Asked): Prediction {
  const known = recall(world, asked);
  if (known) return known;
  const purchase = world.purchases.find(({ id }) => id === asked.id);
  if (!purchase) {
    const isOther = whose(world, asked.who, asked.id ?? "") === "other";
    return isOther ? problem(403, "FORBIDDEN") : problem(404, "UNKNOWN_PURCHASE");
  }
  if (purchase.merchantId !== asked.body?.["merchantId"]) return problem(404, "UNKNOWN_PURCHASE");
  const verdict = verdictOn(world, asked, purchase);
  if ("failureCode" in verdict) return declined(world, asked, verdict);
  if ("status" in verdict) return verdict;
  const { outcome, amountMinor, expiresAt, change } = verdict;
  const answer = {
    outcome,
    intentId: newId(world),
    purchaseId: purchase.id,
    ...(outcome === "EXTENDED" ? { expiresAt } : { ledgerTxnId: anyId }),
    amountMinor,
    currency: purchase.currency,
    ...ending,
  };
  const learn = (reply: Reply): void => {
    store(world, asked, reply, true);
    change(reply);
  };
  return { status: 201, body: answer, replayed: false, learn };
}

interface Grant {
  readonly outcome: string;
  readonly amountMinor: number;
  readonly expiresAt?: unknown;
  readonly change: (reply: Reply) => void;
}

function verdictOn(world: World, asked: Asked, of: Purchase): Grant | Decline | Prediction {
  const asks = asked.body as Readonly<Record<string, number | undefined>>;
  switch (asked.does) {
    case "capture":
      return notHeld(of) ?? capture(world, of, asks["quantity"]);
    case "extend":
      return notHeld(of) ?? extend(of, asks["holdSeconds"] ?? 0);
    case "release":
      return (of.state === "held" ? undefined : notHeld(of)) ?? release(world, of);
    default:
      return refund(world, of, asks["amountMinor"] ?? 0, asks["returnQuantity"] ?? 0);
  }
}

function notHeld({ state, lapsed }: Purchase): Decline | undefined {
  if (state === "settled") return { failureCode: "ALREADY_SETTLED", reason: "CAPTURED" };
  if (state === "released") return { failureCode: "ALREADY_SETTLED", reason: "RELEASED" };
  if (state === "held" && !lapsed) return undefined;
  return { failureCode: "HOLD_EXPIRED", reason: "HOLD_EXPIRED" };
}

function capture(world: World, of: Purchase, part = of.quantity): Grant | Prediction {
  if (part > of.quantity) return problem(422, "INVALID_ASK");
  const settled = { settledQuantity: part, settledMinor: part * of.unitMinor };
  const change = (): void => {
    giveBack(world, of, of.quantity - part, of.amountMinor - settled.settledMinor);
    Object.assign(of, settled, { state: "settled" });
  };
  return { outcome: "CAPTURED", amountMinor: settled.settledMinor, change };
}

/** Never sooner than it was. */
function extend(of: Purchase, seconds: number): Grant {
  const isLater = Date.now() + seconds * 1_000 > of.expiresAtMs;
  const expiresAt = isLater ? aboutIn(seconds) : anyText;
  const change = ({ body }: Reply): void => {
    of.expiresAtMs = Date.parse(body.expiresAt as string);
  };
  return { outcome: "EXTENDED", amountMinor: of.amountMinor, expiresAt, change };
}

export function release(world: World, of: Purchase): Grant {
  const change = (): void => {
    giveBack(world, of, of.quantity, of.amountMinor);
    of.state = "released";
  };
  return { outcome: "RELEASED", amountMinor: of.amountMinor, change };
}

function refund(world: World, of: Purchase, minor: number, units: number): Grant | Decline {
  const no = (reason: string, limit: number, used: number, asked: number) => ({
    failureCode: "OVER_REFUND",
    reason,
    limit,
    used,
    asked,
  });
  if (of.state !== "settled") return no("NOT_SETTLED", 0, 0, minor);
  if (of.refundedMinor + minor > of.settledMinor) {
    return no("OVER_REFUND", of.settledMinor, of.refundedMinor, minor);
  }
  if (of.returned + units > of.settledQuantity) {
    return no("OVER_RETURN", of.settledQuantity, of.returned, units);
  }
  const change = (): void => {
    giveBack(world, of, units, minor);
    of.refundedMinor += minor;
    of.returned += units;
  };
  return { outcome: "REFUNDED", amountMinor: minor, change };
}
