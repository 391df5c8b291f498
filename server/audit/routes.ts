import type { Request, Response } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { ExhaustedError } from "../db/faults.ts";
import { limitOf } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { listEntries } from "./list-entries.ts";
import { checkChain } from "./verify-chain.ts";
import * as wire from "./wire.ts";

export function auditRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/audit/entries",
      needs: "audit:read",
      about: {
        summary: "List the audit log",
        says: "Newest first. With a filter a page may be short, or empty, and yet not the last: go on while there is a `nextCursor`.",
        query: wire.entriesQuery,
        answers: { 200: wire.entriesView },
        problems: ["VALIDATION_FAILED", "BAD_CURSOR"],
      },
      handle: (req, res) => list(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/audit/verify",
      needs: "audit:read",
      about: {
        summary: "Verify the audit log",
        says: "Recomputes every hash of the chain. What takes longer than 10 seconds is for `zerorace audit verify` at the command line.",
        query: wire.verifyQuery,
        answers: { 200: wire.verdictView },
        problems: ["TAKES_TOO_LONG"],
      },
      handle: (req, res) => verify(ctx, req, res),
    },
  ];
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { limit, cursor, ...filter } = readQueryBy(req, wire.entriesQuery);
  if (cursor !== undefined && !/^[1-9]\d{0,15}$/.test(cursor)) throw new Problem("BAD_CURSOR");
  const { tenantId } = callerOf(res);
  const { entries, next } = await listEntries(db, tenantId, filter, {
    before: cursor === undefined ? undefined : BigInt(cursor),
    limit: limitOf({ limit }),
  });
  const nextCursor = next === undefined ? null : String(next);
  sendJson(res, 200, JSON.stringify({ data: entries.map(wire.viewOf), nextCursor }));
}

const patienceMs = 10_000;

async function verify({ db }: Context, req: Request, res: Response): Promise<void> {
  readQueryBy(req, wire.verifyQuery);
  try {
    const checked = await checkChain(db, callerOf(res).tenantId, patienceMs);
    sendJson(res, 200, JSON.stringify(wire.verdictOf(checked)));
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "Verify a log this long with zerorace audit verify.");
  }
}
