import type { Request, Response } from "express";
import type { Caller } from "../auth/caller.ts";
import { callerOf } from "../auth/require-caller.ts";
import { withoutSecrets } from "../base/log.ts";
import type { Context } from "../context.ts";
import { transact } from "../db/transact.ts";
import { pageOf, sendList } from "../http/list.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import type { Answered } from "./log.ts";
import { findRequest, listRequests, type ShownRequest } from "./store.ts";
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
    {
      method: "get",
      path: "/v1/requests/:id",
      needs: "requests:read",
      about: {
        summary: "Get a request",
        says: "By the id of the header `Request-Id`, a second after its answer.",
        answers: { 200: wire.requestView },
        problems: ["UNKNOWN_REQUEST"],
      },
      handle: (req, res) => show(ctx, req, res),
    },
  ];
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { limit, cursor, ...query } = readQueryBy(req, wire.requestsQuery);
  const { route, status, replayed, ...filter } = query;
  const { tenantId } = callerOf(res);
  const page = pageOf({ limit, cursor });
  const wanted = {
    ...filter,
    ...(route !== undefined && { route: wire.routeOf(route) }),
    ...(status !== undefined && { statuses: wire.statusesOf(status) }),
    ...(replayed !== undefined && { replayed: replayed === "true" }),
  };
  const readRows = (asked: typeof page): Promise<ShownRequest[]> =>
    transact(db, "list_requests", (tx) => listRequests(tx, tenantId, { ...asked, ...wanted }), {
      readOnly: true,
    });
  const idOf = ({ requestId }: ShownRequest): string => requestId;
  await sendList(res, page, readRows, { idOf, shape: wire.viewOfRequest });
}

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_REQUEST");
  const found = await transact(db, "read_request", (tx) => findRequest(tx, id), { readOnly: true });
  if (!found) throw new Problem("UNKNOWN_REQUEST");
  if (found.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  sendJson(res, 200, JSON.stringify(wire.viewOfRequest(found)));
}

/** What the log keeps of a request that is over. */
export function answeredBy(req: Request, res: Response, { tenantId, actor }: Caller): Answered {
  const { requestId, route, code, replayed, startedAt, subjectId } = visitOf(res);
  const key = req.headers["idempotency-key"];
  const program = req.headers["user-agent"];
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
    subjectId,
    userAgent: program === undefined ? null : shownProgram(program),
  };
}

function shownProgram(text: string): string {
  return withoutSecrets(text.replaceAll(/[^\x20-\x7e]/g, "?")).slice(0, 200);
}
