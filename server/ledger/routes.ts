import type { Request, Response } from "express";
import { z } from "zod";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { ExhaustedError } from "../db/faults.ts";
import { sendCsv } from "../http/csv.ts";
import { limitOf } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { readCopies } from "./read-copies.ts";
import { listLegs, ownersOf, readBalances, type LegFilter, type Place } from "./store.ts";
import { readWhole } from "./whole.ts";
import * as wire from "./wire.ts";

export function ledgerRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/ledger/entries",
      needs: "ledger:read",
      about: {
        summary: "List the legs of the ledger",
        says: "Newest first. With a filter a page may be short, or empty, and yet not the last: go on while there is a `nextCursor`. `format=csv` answers with all of them as one file, without `limit` and `cursor`, with `owner` by name and `amount` in whole units.",
        query: wire.entriesQuery,
        answers: { 200: z.union([wire.entriesView, wire.wholeEntriesView]) },
        csv: true,
        problems: [
          "VALIDATION_FAILED",
          "BAD_CURSOR",
          "UNKNOWN_MERCHANT",
          "UNKNOWN_MANDATE",
          "UNKNOWN_PURCHASE",
        ],
      },
      handle: (req, res) => list(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/ledger/balances",
      needs: "ledger:read",
      about: {
        summary: "Sum up the ledger",
        says: "Per account and currency, with the trial balance, as of now and from every leg there is; a merchant's with `merchantId`. Summing takes 5 seconds at most: beyond that the answer is `TAKES_TOO_LONG`. With `to` they are as they were at that moment. With `maxAgeSeconds` copies may answer, if they are no older than that; they are some 5 seconds behind at best.",
        query: wire.balancesQuery,
        answers: { 200: wire.balancesView },
        problems: ["VALIDATION_FAILED", "UNKNOWN_MERCHANT", "TAKES_TOO_LONG", "SUM_TOO_LARGE"],
      },
      handle: (req, res) => balances(ctx, req, res),
    },
  ];
}

async function list(ctx: Context, req: Request, res: Response): Promise<void> {
  const { limit, cursor, format, view, ...filter } = readQueryBy(req, wire.entriesQuery);
  const { tenantId } = callerOf(res);
  if (format === "csv" && (limit ?? cursor ?? view) !== undefined) {
    throw new Problem(
      "UNKNOWN_PARAMETER",
      "A CSV is the whole list: leave limit, cursor and view out.",
    );
  }
  const after = cursor === undefined ? undefined : wire.readPlace(cursor);
  await checkOwners(ctx, tenantId, filter);
  if (format === "csv") {
    const pages = csvPages(ctx, tenantId, filter);
    await sendCsv(res, { name: "ledger", columns: wire.columns }, pages);
    return;
  }
  const { legs, next } = await listLegs(ctx.db, tenantId, filter, {
    after,
    limit: limitOf({ limit }),
  });
  const nextCursor = next ? wire.placeText(next) : null;
  const data =
    view === "whole"
      ? (await readWhole(ctx.db, legs)).map(wire.viewOfWhole)
      : legs.map(wire.viewOf);
  sendJson(res, 200, JSON.stringify({ data, nextCursor }));
}

const csvPageRows = 1_000;

/** A transaction a page: a slow reader holds none open. What is booked meanwhile is newer than all of it. */
async function* csvPages({ db }: Context, tenantId: string, filter: LegFilter) {
  let after: Place | undefined;
  do {
    const { legs, next } = await listLegs(db, tenantId, filter, { after, limit: csvPageRows });
    yield (await readWhole(db, legs)).map(wire.cellsOf);
    after = next;
  } while (after);
}

/** A filter names what is one's own; an empty list would be a wrong answer about anything else. */
async function checkOwners(
  { db }: Context,
  tenantId: string,
  { merchantId, mandateId, purchaseId }: Pick<LegFilter, "merchantId" | "mandateId" | "purchaseId">,
): Promise<void> {
  if ((merchantId ?? mandateId ?? purchaseId) === undefined) return;
  const owners = await ownersOf(db, { merchantId, mandateId, purchaseId });
  const named = [
    [merchantId, owners.merchant, "UNKNOWN_MERCHANT"],
    [mandateId, owners.mandate, "UNKNOWN_MANDATE"],
    [purchaseId, owners.purchase, "UNKNOWN_PURCHASE"],
  ] as const;
  for (const [id, owner, unknown] of named) {
    if (id === undefined) continue;
    if (owner === null) throw new Problem(unknown);
    if (owner !== tenantId) throw new Problem("FORBIDDEN");
  }
}

async function balances(ctx: Context, req: Request, res: Response): Promise<void> {
  const { merchantId, to, maxAgeSeconds } = readQueryBy(req, wire.balancesQuery);
  const { tenantId } = callerOf(res);
  await checkOwners(ctx, tenantId, { merchantId });
  const owner = { tenantId, merchantId };
  const mayBeOld = to === undefined ? maxAgeSeconds : undefined;
  const copied = mayBeOld && (await readCopies(ctx, owner, Number(mayBeOld) * 1_000));
  try {
    const sums = copied || (await readBalances(ctx.db, tenantId, { merchantId, to }));
    sendJson(res, 200, JSON.stringify(wire.balancesOf(sums, merchantId)));
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "The ledger could not be summed up in 5 seconds.");
  }
}
