import type { Request, Response } from "express";
import { mayAct } from "../auth/caller.ts";
import { callerOf, problemOf } from "../auth/require-key.ts";
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendAnswer } from "../http/send-answer.ts";
import { sendJson } from "../http/send.ts";
import { findAsk, findAskByKey, type AskRow } from "./store.ts";
import { commitBody } from "./wire.ts";

export function purchaseRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/purchases/commit",
      needs: "purchases:write",
      handle: (req, res) => commit(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/purchases",
      needs: "purchases:read",
      handle: (req, res) => lookUp(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/purchases/:id",
      needs: "purchases:read",
      handle: (req, res) => show(ctx, req, res),
    },
  ];
}

async function commit({ kernel }: Context, req: Request, res: Response): Promise<void> {
  const caller = callerOf(res);
  readQuery(req, []);
  // A bad header is told before the body is looked at, a missing one only after.
  readIdempotencyKey(req);
  const body = await readBody(req, res, commitBody);
  const key = readIdempotencyKey(req, body.idempotencyKey);
  if (key === undefined) throw new Problem("IDEMPOTENCY_KEY_MISSING");
  const fault = mayAct(caller, body);
  if (fault) throw problemOf(fault);
  const { merchantId, mandateId, itemId, agentId, currency } = body;
  const answer = await kernel.ask({
    kind: "commit",
    tenantId: caller.tenantId,
    merchantId,
    mandateId,
    agentId,
    key,
    lines: [{ itemId, quantity: BigInt(body.quantity) }],
    amountMinor: BigInt(body.amountMinor),
    currency,
  });
  sendAnswer(res, answer);
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = String(req.params.id);
  const ask = uuid.test(id) ? await findAsk(db, id) : undefined;
  if (!ask) throw new Problem("UNKNOWN_PURCHASE");
  sendAsk(res, ask);
}

async function lookUp({ db }: Context, req: Request, res: Response): Promise<void> {
  const { idempotencyKey, merchantId } = readQuery(req, ["idempotencyKey", "merchantId"]);
  if (idempotencyKey === undefined || merchantId === undefined) {
    throw new Problem("UNKNOWN_PARAMETER", "Both idempotencyKey and merchantId are needed.");
  }
  const key = readIdempotencyKey({ headers: {} }, idempotencyKey) ?? "";
  const at = uuid.test(merchantId) ? await findAskByKey(db, merchantId, key) : undefined;
  if (!at) throw new Problem("UNKNOWN_MERCHANT");
  if (at.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  if (!at.ask) throw new Problem("NOT_KNOWN_YET");
  sendAsk(res, at.ask);
}

function sendAsk(res: Response, ask: AskRow): void {
  if (ask.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  const { askId: id, kind, merchantId, key: idempotencyKey, createdAt } = ask;
  const about = JSON.stringify({ id, kind, merchantId, idempotencyKey, createdAt });
  // The answer's bytes are what was promised for ever: they are put in, not written anew.
  sendJson(res, 200, `${about.slice(0, -1)},"answer":${ask.answer}}`);
}
