import type { Request, Response } from "express";
import { callerOf } from "../auth/require-key.ts";
import type { Context } from "../context.ts";
import { ExhaustedError } from "../db/faults.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQueryBy } from "../http/query.ts";
import type { About, Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { readCopies } from "./read-copies.ts";
import { isUntold, readBooks, tenantOf, type Owner } from "./store.ts";
import { currencyView, summaryQuery, summaryView, type SummaryView } from "./wire.ts";

const says =
  "Counters and sums since the beginning. They come from copies that follow the books by some " +
  "moments, and `asOf` says how far; with `after` they have at least what that ask changed, from the " +
  "books where need be. Nothing is decided by them.";

const about = (summary: string, more: Partial<About> = {}): About => ({
  summary,
  says,
  query: summaryQuery,
  answers: { 200: summaryView },
  problems: ["VALIDATION_FAILED", "TAKES_TOO_LONG", ...(more.problems ?? [])],
});

export function summaryRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/merchants/:id/summary",
      needs: "ledger:read",
      about: about("Sum up a merchant", { problems: ["UNKNOWN_MERCHANT"] }),
      async handle(req, res) {
        const { after } = readQueryBy(req, summaryQuery);
        const ownerId = readPathId(req, "UNKNOWN_MERCHANT");
        const { tenantId } = callerOf(res);
        const owner = await tenantOf(ctx.db, ownerId);
        if (owner === undefined) throw new Problem("UNKNOWN_MERCHANT");
        if (owner !== tenantId) throw new Problem("FORBIDDEN");
        await answer(ctx, res, { tenantId, ownerId }, after);
      },
    },
    {
      method: "get",
      path: "/v1/tenant/summary",
      needs: "ledger:read",
      about: about("Sum up the tenant"),
      async handle(req: Request, res: Response) {
        const { after } = readQueryBy(req, summaryQuery);
        const { tenantId } = callerOf(res);
        await answer(ctx, res, { tenantId, ownerId: tenantId }, after);
      },
    },
  ];
}

async function answer(ctx: Context, res: Response, owner: Owner, after?: string): Promise<void> {
  sendJson(res, 200, JSON.stringify(await summaryOf(ctx, owner, after)));
}

async function summaryOf(ctx: Context, owner: Owner, after?: string): Promise<SummaryView> {
  const { db, plane } = ctx;
  const isBehind = after !== undefined && (await isUntold(db, owner, after));
  const copied = plane && !isBehind ? await readCopies(plane, owner.ownerId) : undefined;
  return copied ?? booksOf(ctx, owner);
}

async function booksOf({ db }: Context, owner: Owner): Promise<SummaryView> {
  try {
    const { asOf, sums } = await readBooks(db, owner);
    const byCurrency = [...Map.groupBy(sums, ({ currency }) => currency)];
    const currencies = byCurrency.map(([currency, group]) => currencyView(currency, group));
    return { source: "books", asOf, currencies };
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "The books could not be summed up in 5 seconds.");
  }
}
