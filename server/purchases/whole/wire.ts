import { z } from "zod";
import { actorView } from "../../auth/actors.ts";
import { decimalOf } from "../../base/currency.ts";
import type { Cell } from "../../http/csv.ts";
import { binding } from "../../http/answer-views.ts";
import { buyingExample } from "../../http/fields.ts";
import { count, id, listOf, minor, time } from "../../http/shapes.ts";
import { checks, type Check } from "../../kernel/checks.ts";
import { buyingReasons } from "../../kernel/reasons.ts";
import { askView } from "../wire.ts";
import type { Step } from "./history.ts";
import type { Asked, Standing, WholeAsk } from "./read.ts";

/** An ask with what stands around it, for people: `view=whole`, the CSV, and the history. */

const request = z
  .object({
    merchantId: id,
    mandateId: id.optional(),
    itemId: id.optional(),
    agentId: z.string().optional(),
    quantity: count.optional(),
    amountMinor: minor.optional(),
    currency: z.string().optional(),
    holdSeconds: z.int().optional(),
    again: z.literal(true).optional(),
    purchaseId: id.optional().meta({ description: "In the path of the request." }),
    returnQuantity: count.optional(),
  })
  .meta({ description: "What was asked, as the body of its route has it." });

const checkView = z.object({
  reason: z.enum(Object.keys(buyingReasons) as (keyof typeof buyingReasons)[]),
  period: binding.period,
  result: z.enum(["passed", "stopped", "not_reached"]).meta({
    description: "`not_reached`: another stood before it and stopped the ask.",
  }),
  limit: binding.limit,
  used: binding.used,
  asked: binding.asked,
  headroom: count.optional().meta({ description: "What of the limit was left." }),
});

const standing = z
  .object({
    state: z.enum(["held", "settled", "released", "expired"]),
    quantity: count,
    settledQuantity: count,
    returnedQuantity: count,
    amountMinor: minor,
    settledMinor: minor,
    refundedMinor: minor,
    expiresAt: time.nullable(),
  })
  .meta({ id: "PurchaseNow", description: "How the purchase stands now." });

const name = z.string().nullable();

const exampleAsk = {
  id: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
  kind: "commit",
  merchantId: buyingExample.merchantId,
  idempotencyKey: "order-1",
  createdAt: "2026-11-20T16:00:00.000Z",
  answer: {
    outcome: "DECLINED",
    intentId: "019aa0f5-1d52-7c04-93a7-2f6b8e0d4c44",
    failureCode: "OUT_OF_STOCK",
    reason: "SOLD_OUT",
    detail: buyingReasons.SOLD_OUT,
    limit: 0,
    asked: 1,
    attempts: 1,
    replayed: false,
  },
} as const;

export const wholeAskView = askView
  .extend({
    askedBy: z.string().nullable().meta({
      description: "Who sent it first, `key:…` or `person:…`; null before that was kept.",
    }),
    asker: actorView.nullable().meta({ description: "The same, with a name." }),
    request,
    names: z
      .object({ merchant: name, item: name, mandate: name })
      .meta({ description: "Of what it was about, as they are now." }),
    checks: z.array(checkView).meta({
      description:
        "What a commit or a hold was held against, in order; numbers of the one that stopped it.",
    }),
    purchase: standing.nullable().meta({ description: "Null where none was made." }),
  })
  .meta({
    id: "WholeAsk",
    description: "What is on record of an ask, and what stands around it.",
    examples: [
      {
        ...exampleAsk,
        askedBy: "key:4kJ0mD2x9QwErTyUiOpAsD",
        asker: { kind: "key", id: "4kJ0mD2x9QwErTyUiOpAsD", name: "checkout" },
        request: buyingExample,
        names: { merchant: "Lamps & Co", item: "a lamp", mandate: "office" },
        checks: [
          { reason: "ITEM_CLOSED", result: "passed" },
          { reason: "SOLD_OUT", result: "stopped", limit: 0, asked: 1, headroom: 0 },
          { reason: "REVOKED", result: "not_reached" },
        ],
        purchase: null,
      },
    ],
  });

export type WholeAskView = z.output<typeof wholeAskView>;

export const wholeAskList = listOf("WholeAskList", wholeAskView);

export type WholeAskList = z.output<typeof wholeAskList>;

type Answer = Partial<Extract<WholeAskView["answer"], { outcome: "DECLINED" }>> & {
  readonly period?: Check["period"];
};

/** All that was looked at for an answer: what stands before the one that stopped it, it passed. */
export function checksOf({ kind, granted, answer }: WholeAsk["ask"]): WholeAskView["checks"] {
  if (kind !== "commit" && kind !== "hold") return [];
  if (granted) return checks.map((check) => ({ ...check, result: "passed" }));
  const { reason, period, limit, used, asked } = JSON.parse(answer) as Answer;
  const at = checks.findIndex((check) => check.reason === reason && check.period === period);
  return checks.map((check, index) => {
    if (index !== at) return { ...check, result: index < at ? "passed" : "not_reached" };
    const headroom = limit === undefined ? undefined : Math.max(0, limit - (used ?? 0));
    return { ...check, result: "stopped", limit, used, asked, headroom };
  });
}

function viewOfStanding(purchase: Standing): z.output<typeof standing> {
  return {
    state: purchase.state,
    quantity: Number(purchase.quantity),
    settledQuantity: Number(purchase.settledQuantity),
    returnedQuantity: Number(purchase.returnedQuantity),
    amountMinor: Number(purchase.amountMinor),
    settledMinor: Number(purchase.settledMinor),
    refundedMinor: Number(purchase.refundedMinor),
    expiresAt: purchase.expiresAt?.toISOString() ?? null,
  };
}

/** As JSON; the answer's bytes are what was promised for ever: they are put in, not written anew. */
export function wholeText({ ask, asked, nameOf, standing: purchase, asker }: WholeAsk): string {
  const { askId, kind, merchantId, key: idempotencyKey, createdAt } = ask;
  const about = JSON.stringify({ id: askId, kind, merchantId, idempotencyKey, createdAt });
  const around = JSON.stringify({
    askedBy: ask.askedBy,
    asker,
    request: asked,
    names: namesOf(asked, nameOf),
    checks: checksOf(ask),
    purchase: purchase ? viewOfStanding(purchase) : null,
  });
  return `${about.slice(0, -1)},"answer":${ask.answer},${around.slice(1)}`;
}

function namesOf(asked: Asked, nameOf: WholeAsk["nameOf"]): WholeAskView["names"] {
  const { merchantId, itemId, mandateId } = asked;
  return { merchant: nameOf(merchantId), item: nameOf(itemId), mandate: nameOf(mandateId) };
}

/** Of the CSV: what was asked, what came of it, the arithmetic of a decline, and the money in whole units. */
export const columns = (
  "id createdAt outcome reason amountMinor currency quantity state settledMinor refundedMinor merchantId " +
  "merchant itemId item mandateId mandate agentId idempotencyKey period limit used asked resetsAt amount settled refunded"
).split(" ");

export function cellsOf(whole: WholeAsk): Cell[] {
  const { ask, asked, nameOf, standing: purchase } = whole;
  const cells: Readonly<Record<string, unknown>> = {
    ...asked,
    ...namesOf(asked, nameOf),
    ...(purchase && viewOfStanding(purchase)),
    ...pick(JSON.parse(ask.answer) as Record<string, unknown>),
    amountMinor: asked.amountMinor,
    quantity: asked.quantity,
    id: ask.askId,
    createdAt: ask.createdAt.toISOString(),
    idempotencyKey: ask.key,
    ...inUnits(asked, purchase),
  };
  return columns.map((column) => (cells[column] ?? null) as Cell);
}

function inUnits({ amountMinor, currency }: Asked, purchase: Standing | undefined | null) {
  const cell = (minor: bigint | number | undefined): Cell =>
    minor === undefined || currency === undefined ? null : { decimal: decimalOf(minor, currency) };
  return {
    amount: cell(amountMinor),
    settled: cell(purchase?.settledMinor),
    refunded: cell(purchase?.refundedMinor),
  };
}

function pick({ outcome, reason, period, limit, used, asked, resetsAt }: Record<string, unknown>) {
  return { outcome, reason, period, limit, used, asked, resetsAt };
}

const stepView = z.object({
  id: id.meta({ description: "Of the ask; of the ledger transaction where a hold ran out." }),
  kind: z.enum(["commit", "hold", "capture", "extend", "release", "refund", "expire"]),
  at: time,
  granted: z.boolean(),
  amountMinor: minor.nullable(),
  currency: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  answer: askView.shape.answer.nullable(),
});

export const historyView = z
  .object({ data: z.array(stepView).meta({ description: "Oldest first; 500 at most." }) })
  .meta({ id: "PurchaseHistory", description: "All that was asked about one purchase." });

export type HistoryView = z.output<typeof historyView>;
export type StepView = HistoryView["data"][number];

export function viewOfStep(step: Step): StepView {
  const answer = step.answer === null ? null : (JSON.parse(step.answer) as StepView["answer"]);
  const told = answer && "amountMinor" in answer ? answer : undefined;
  return {
    id: step.id,
    kind: step.kind,
    at: step.at.toISOString(),
    granted: step.granted,
    amountMinor: step.amountMinor === null ? (told?.amountMinor ?? null) : Number(step.amountMinor),
    currency: step.currency ?? told?.currency ?? null,
    idempotencyKey: step.key,
    answer,
  };
}
