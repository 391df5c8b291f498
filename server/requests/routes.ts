import type { Request, Response } from "express";
import type { Caller } from "../auth/caller.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { transact } from "../db/transact.ts";
import { pageOf, sendList } from "../http/list.ts";
import { readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { visitOf } from "../http/visit.ts";
import type { Answered } from "./log.ts";
import { listRequests, type ShownRequest } from "./store.ts";
import * as wire from "./wire.ts";

export function requestRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/requests",
      needs: "requests:read",
      about: {
        summary: "List requests",
        says: "The tenant's last 10,000 of the last seven days, a second late: every failure, and a sample of the rest while there are more than 20 a second. Nothing that was in them.",
        query: wire.requestsQuery,
        answers: { 200: wire.requestList },
        problems: ["VALIDATION_FAILED", "BAD_CURSOR"],
      },
      handle: (req, res) => list(ctx, req, res),
    },
  ];
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { limit, cursor, route, ...filter } = readQueryBy(req, wire.requestsQuery);
  const { tenantId } = callerOf(res);
  const page = pageOf({ limit, cursor });
  const wanted = { ...filter, ...(route !== undefined && { route: wire.routeOf(route) }) };
  const readRows = (asked: typeof page): Promise<ShownRequest[]> =>
    transact(db, "list_requests", (tx) => listRequests(tx, tenantId, { ...asked, ...wanted }), {
      readOnly: true,
    });
  const idOf = ({ requestId }: ShownRequest): string => requestId;
  await sendList(res, page, readRows, { idOf, shape: wire.viewOfRequest });
}

/** What the log keeps of a request that is over. */
export function answeredBy(req: Request, res: Response, { tenantId, actor }: Caller): Answered {
  const { requestId, route, code, replayed, startedAt } = visitOf(res);
  const key = req.headers["idempotency-key"];
  return {
    tenantId,
    requestId,
    method: req.method,
    route,
    status: res.headersSent ? res.statusCode : null,
    code,
    ms: Math.round(performance.now() - startedAt),
    caller: `${actor.kind}:${actor.id}`,
    idempotencyKey: typeof key === "string" ? key : null,
    replayed,
  };
}
