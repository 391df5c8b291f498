import type { Request, Response } from "express";
import type { Caller } from "../auth/caller.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { buyingOf, readAsk, readAskOnPurchase } from "../http/asks.ts";
import { readBody, readJsonBody } from "../http/body.ts";
import { sendCsv } from "../http/csv.ts";
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
import { findAsk, findAskByKey, listAsks, ownersOf, type AskFilter, type AskRow } from "./store.ts";
import { readHistory } from "./whole/history.ts";
import { readWhole } from "./whole/read.ts";
import { cellsOf, columns, viewOfStep, wholeText } from "./whole/wire.ts";
import { commitBody, listQuery, quoteBody, quoteOf, refundBody, showQuery } from "./wire.ts";

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
    {
      method: "get",
      path: "/v1/purchases/:id/history",
      needs: "purchases:read",
      about: about.aboutHistory,
      handle: (req, res) => showHistory(ctx, req, res),
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
  const { view } = readQueryBy(req, showQuery);
  const ask = await readOwn(db, req, res);
  const [whole] = view === "whole" ? await readWhole(db, callerOf(res), [ask]) : [];
  sendJson(res, 200, whole ? wholeText(whole) : textOf(ask));
}

async function showHistory({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const { purchaseId } = await readOwn(db, req, res);
  const data = (await readHistory(db, purchaseId)).map(viewOfStep);
  sendJson(res, 200, JSON.stringify({ data }));
}

async function readOwn(db: Context["db"], req: Request, res: Response): Promise<AskRow> {
  const ask = await findAsk(db, readPathId(req, "UNKNOWN_PURCHASE"));
  if (!ask) throw new Problem("UNKNOWN_PURCHASE");
  if (ask.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  return ask;
}

/** One ask by its key, a page of them, or all as a file. */
async function find(ctx: Context, req: Request, res: Response): Promise<void> {
  const query = readQueryBy(req, listQuery);
  if (query.idempotencyKey !== undefined) return lookUp(ctx, req, res);
  const caller = callerOf(res);
  const { tenantId } = caller;
  const page = pageOf(query);
  const wanted = filterOf(query);
  checkOwners(tenantId, wanted, await ownersOf(ctx.db, wanted));
  if (query.format === "csv") {
    if ((query.limit ?? query.cursor ?? query.view) !== undefined) {
      const detail = "A CSV is the whole list: leave limit, cursor and view out.";
      throw new Problem("UNKNOWN_PARAMETER", detail);
    }
    return sendCsv(res, { name: "purchases", columns }, csvPages(ctx, caller, wanted));
  }
  const { asks, next } = await listAsks(ctx.db, tenantId, wanted, page);
  const texts =
    query.view === "whole"
      ? (await readWhole(ctx.db, caller, asks)).map(wholeText)
      : asks.map(textOf);
  const nextCursor = JSON.stringify(next ? writeCursor(next) : null);
  sendJson(res, 200, `{"data":[${texts.join()}],"nextCursor":${nextCursor}}`);
}

const csvPageRows = 1_000;

/** A transaction a page: a slow reader holds none open. What is asked meanwhile is newer than all of it. */
async function* csvPages({ db }: Context, caller: Caller, wanted: AskFilter) {
  let after: Page["after"];
  do {
    const page = { limit: csvPageRows, ...(after && { after }) };
    const { asks, next } = await listAsks(db, caller.tenantId, wanted, page);
    yield (await readWhole(db, caller, asks)).map(cellsOf);
    after = next;
  } while (after);
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
  sendJson(res, 200, textOf(at.ask));
}
