import type { Request, Response } from "express";
import type { z } from "zod";
import { mayAct, type Caller } from "../auth/caller.ts";
import { callerOf, problemOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { findBuyer } from "../kernel/buyer.ts";
import { readBody } from "./body.ts";
import type { BuyingBody } from "./fields.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { readPathId } from "./path-id.ts";
import { Problem } from "./problem.ts";
import { readQuery } from "./query.ts";

/** What all requests have in common that ask the kernel for something. */

interface Keyed {
  readonly idempotencyKey?: string | undefined;
}

/** A valid body and the key that it goes under. */
export async function readAsk<Shape extends z.ZodType<Keyed>>(
  req: Request,
  res: Response,
  schema: Shape,
): Promise<{ body: z.output<Shape>; key: string }> {
  readQuery(req, []);
  // A bad header is told before the body is looked at, a missing one only after.
  readIdempotencyKey(req);
  const body = await readBody(req, res, schema);
  const key = readIdempotencyKey(req, body.idempotencyKey);
  if (key === undefined) throw new Problem("IDEMPOTENCY_KEY_MISSING");
  return { body, key };
}

/** The kernel's words for what a commit, a hold or a quote would buy. */
export function buyingOf(caller: Caller, body: BuyingBody) {
  const fault = mayAct(caller, body);
  if (fault) throw problemOf(fault);
  const { merchantId, mandateId, itemId, agentId, currency } = body;
  return {
    tenantId: caller.tenantId,
    by: nameOf(caller),
    merchantId,
    mandateId,
    agentId,
    lines: [{ itemId, quantity: BigInt(body.quantity) }],
    amountMinor: BigInt(body.amountMinor),
    currency,
    ...(body.again === true && { again: true }),
  };
}

/** The same for an ask about the purchase or the hold in the path. */
export async function readAskOnPurchase<
  Shape extends z.ZodType<Keyed & { readonly merchantId: string }>,
>(ctx: Context, req: Request, res: Response, schema: Shape) {
  const { body, key } = await readAsk(req, res, schema);
  const caller = callerOf(res);
  const purchaseId = readPathId(req, "UNKNOWN_PURCHASE");
  await checkActing(ctx, caller, purchaseId);
  const { merchantId } = body;
  const by = nameOf(caller);
  return { body, about: { tenantId: caller.tenantId, by, merchantId, purchaseId, key } };
}

/** As the ask's row keeps it. */
const nameOf = ({ actor }: Caller): string => `${actor.kind}:${actor.id}`;

/** A bound key acts on the purchases of its own agents and mandates. The kernel looks at the tenant. */
async function checkActing({ db }: Context, caller: Caller, purchaseId: string): Promise<void> {
  if (caller.agentIds === null && caller.mandateIds === null) return;
  const buyer = await findBuyer(db, purchaseId);
  if (!buyer) throw new Problem("UNKNOWN_PURCHASE");
  if (buyer.tenantId !== caller.tenantId) throw new Problem("FORBIDDEN");
  const fault = mayAct(caller, buyer);
  if (fault) throw problemOf(fault);
}
