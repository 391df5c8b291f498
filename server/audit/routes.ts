import type { Request, Response } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Scope } from "../auth/scopes.ts";
import type { Context } from "../context.ts";
import { ExhaustedError } from "../db/faults.ts";
import { limitOf } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { instanceChain } from "./instance-chain.ts";
import { listEntries } from "./list-entries.ts";
import { checkChain } from "./verify-chain.ts";
import * as wire from "./wire.ts";

export function auditRoutes(ctx: Context): readonly Route[] {
  return [
    ...chainRoutes(ctx, {
      path: "/v1/audit",
      needs: "audit:read",
      log: "the audit log",
      chainOf: (res) => callerOf(res).tenantId,
    }),
    ...chainRoutes(ctx, {
      path: "/v1/instance/audit",
      needs: "instance:read",
      log: "the instance's audit log",
      chainOf: () => instanceChain,
    }),
  ];
}

interface Place {
  readonly path: string;
  readonly needs: Scope;
  /** As the summaries call it. */
  readonly log: string;
  readonly chainOf: (res: Response) => string;
}

function chainRoutes(ctx: Context, { path, needs, log, chainOf }: Place): readonly Route[] {
  return [
    {
      method: "get",
      path: `${path}/entries`,
      needs,
      about: {
        summary: `List ${log}`,
        says: "Newest first. With a filter a page may be short, or empty, and yet not the last: go on while there is a `nextCursor`.",
        query: wire.entriesQuery,
        answers: { 200: wire.entriesView },
        problems: ["VALIDATION_FAILED", "BAD_CURSOR"],
      },
      handle: (req, res) => list(ctx, req, res, chainOf(res)),
    },
    {
      method: "get",
      path: `${path}/verify`,
      needs,
      about: {
        summary: `Verify ${log}`,
        says: "Recomputes every hash of the chain. What takes longer than 10 seconds is for `zerorace audit verify` at the command line.",
        query: wire.verifyQuery,
        answers: { 200: wire.verdictView },
        problems: ["TAKES_TOO_LONG"],
      },
      handle: (req, res) => verify(ctx, req, res, chainOf(res)),
    },
  ];
}

async function list({ db }: Context, req: Request, res: Response, chain: string): Promise<void> {
  const { limit, cursor, ...filter } = readQueryBy(req, wire.entriesQuery);
  if (cursor !== undefined && !/^[1-9]\d{0,15}$/.test(cursor)) throw new Problem("BAD_CURSOR");
  const { entries, next } = await listEntries(db, chain, filter, {
    before: cursor === undefined ? undefined : BigInt(cursor),
    limit: limitOf({ limit }),
  });
  const nextCursor = next === undefined ? null : String(next);
  sendJson(res, 200, JSON.stringify({ data: entries.map(wire.viewOf), nextCursor }));
}

const patienceMs = 10_000;

async function verify({ db }: Context, req: Request, res: Response, chain: string): Promise<void> {
  readQueryBy(req, wire.verifyQuery);
  try {
    const checked = await checkChain(db, chain, patienceMs);
    sendJson(res, 200, JSON.stringify(wire.verdictOf(checked)));
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "Verify a log this long with zerorace audit verify.");
  }
}
