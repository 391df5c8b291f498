import type { Request, Response } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { buyingOf, readAsk, readAskOnPurchase } from "../http/asks.ts";
import { readBody, readJsonBody } from "../http/body.ts";
import { writeCursor } from "../http/cursor.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { readPathId } from "../http/path-id.ts";
import { pageOf } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { replyOf, sendAnswer } from "../http/send-answer.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import { quote } from "../kernel/quote.ts";
import * as about from "./about.ts";
import { answerMany, manyBytesMax, splitAsks } from "./commit-many.ts";
import { checkOwners, filterOf, textOf } from "./list.ts";
import { findAsk, findAskByKey, listAsks, ownersOf, type AskRow } from "./store.ts";
import { commitBody, listQuery, quoteBody, quoteOf, refundBody } from "./wire.ts";

export function purchaseRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/purchases/commit",
      needs: "purchases:write",
      about: about.aboutCommit,
      handle: (req, res) => commit(ctx, req, res),
    },
    {
      method: "post",
      path: "/v1/purchases/commit-many",
      needs: "purchases:write",
      about: about.aboutCommitMany,
      handle: (req, res) => commitMany(ctx, req, res),
    },
    {
      method: "post",
      path: "/v1/purchases/quote",
      needs: "purchases:read",
      about: about.aboutQuote,
      handle: (req, res) => showQuote(ctx, req, res),
    },
    {
      method: "post",
      path: "/v1/purchases/:id/refunds",
      needs: "refunds:write",
      about: about.aboutRefund,
      handle: (req, res) => refund(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/purchases",
      needs: "purchases:read",
      about: about.aboutList,
      handle: (req, res) => find(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/purchases/:id",
      needs: "purchases:read",
      about: about.aboutShow,
      handle: (req, res) => show(ctx, req, res),
    },
  ];
}

async function commit({ kernel }: Context, req: Request, res: Response): Promise<void> {
  const { body, key } = await readAsk(req, res, commitBody);
  sendAnswer(res, await kernel.ask({ kind: "commit", ...buyingOf(callerOf(res), body), key }));
}

async function commitMany(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  if (req.headers["idempotency-key"] !== undefined) {
    const detail = "Each ask of a list has an idempotencyKey of its own: leave the header out.";
    throw new Problem("IDEMPOTENCY_KEY_INVALID", detail);
  }
  const asks = splitAsks(await readJsonBody(req, res, manyBytesMax));
  sendJson(res, 200, await answerMany(ctx, callerOf(res), asks, visitOf(res)));
}

async function showQuote({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const body = await readBody(req, res, quoteBody);
  const asked = { kind: "commit", ...buyingOf(callerOf(res), body) } as const;
  const { answer, constraints } = await quote(db, asked, body.explain);
  const { text } = replyOf(answer);
  sendJson(res, 200, JSON.stringify(quoteOf(answer.kind === "granted", text, constraints)));
}

async function refund(ctx: Context, req: Request, res: Response): Promise<void> {
  const { body, about } = await readAskOnPurchase(ctx, req, res, refundBody);
  const { returnQuantity } = body;
  const units = returnQuantity === undefined ? {} : { returnQuantity: BigInt(returnQuantity) };
  const amountMinor = BigInt(body.amountMinor);
  sendAnswer(res, await ctx.kernel.ask({ kind: "refund", ...about, amountMinor, ...units }));
}

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const ask = await findAsk(db, readPathId(req, "UNKNOWN_PURCHASE"));
  if (!ask) throw new Problem("UNKNOWN_PURCHASE");
  sendAsk(res, ask);
}

/** One ask by its key, or a page of them. */
async function find(ctx: Context, req: Request, res: Response): Promise<void> {
  const query = readQueryBy(req, listQuery);
  if (query.idempotencyKey !== undefined) return lookUp(ctx, req, res);
  const { tenantId } = callerOf(res);
  const page = pageOf(query);
  const wanted = filterOf(query);
  checkOwners(tenantId, wanted, await ownersOf(ctx.db, wanted));
  const { asks, next } = await listAsks(ctx.db, tenantId, wanted, page);
  const nextCursor = JSON.stringify(next ? writeCursor(next) : null);
  sendJson(res, 200, `{"data":[${asks.map(textOf).join()}],"nextCursor":${nextCursor}}`);
}

async function lookUp({ db }: Context, req: Request, res: Response): Promise<void> {
  const { idempotencyKey, merchantId } = readQuery(req, ["idempotencyKey", "merchantId"]);
  if (idempotencyKey === undefined || merchantId === undefined) {
    throw new Problem("UNKNOWN_PARAMETER", "Both idempotencyKey and merchantId are needed.");
  }
  const key = readIdempotencyKey({ headers: {} }, idempotencyKey) ?? "";
  const at = await findAskByKey(db, merchantId, key);
  if (!at) throw new Problem("UNKNOWN_MERCHANT");
  if (at.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  if (!at.ask) throw new Problem("NOT_KNOWN_YET");
  sendAsk(res, at.ask);
}

function sendAsk(res: Response, ask: AskRow): void {
  if (ask.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  sendJson(res, 200, textOf(ask));
}
