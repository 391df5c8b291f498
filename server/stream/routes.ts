import type { Request, Response } from "express";
import { mayUse } from "../auth/caller.ts";
import { callerOf, faultSince, problemOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { retryAfter } from "../http/send-answer.ts";
import { streamHeaders } from "../http/send.ts";
import { aboutStream } from "./about.ts";
import { scopeOf } from "./topics.ts";
import { streamQuery, topicsIn } from "./wire.ts";

export function streamRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/stream",
      needs: "purchases:read",
      about: aboutStream,
      handle: (req, res) => listen(ctx, req, res),
    },
  ];
}

async function listen(ctx: Context, req: Request, res: Response): Promise<void> {
  const caller = callerOf(res);
  const query = readQueryBy(req, streamQuery);
  const { maxSeconds = Infinity } = query;
  const topics = topicsIn(query.topics);
  const scopes = topics.flatMap((topic) => scopeOf(topic) ?? []);
  for (const scope of scopes) {
    const fault = mayUse(caller, scope);
    if (fault) throw problemOf(fault, scope);
  }
  const headers = streamHeaders(res, "text/event-stream");
  if (req.method === "HEAD") {
    res.writeHead(200, headers).end();
    return;
  }
  const { tenantId, actor } = caller;
  const who = { tenantId, caller: `${actor.kind}:${actor.id}` };
  checkRoom(ctx, who);
  const lastEventId = req.headers["last-event-id"]?.toString();
  await ctx.live.hub.open(res, {
    ...who,
    topics: new Set(topics),
    headers,
    lastEventId,
    endsAt: performance.now() + maxSeconds * 1_000,
    refusal: async () => (await faultSince(ctx, req, caller, scopes))?.fault,
  });
}

const says = {
  caller: "This key or person has as many streams open as it may have.",
  tenant: "This tenant has as many streams open as it may have.",
  server: "This server has as many streams open as it may have.",
};

function checkRoom({ live }: Context, who: { tenantId: string; caller: string }): void {
  const full = live.hub.fullFor(who);
  if (full === undefined) return;
  throw new Problem("TOO_MANY_STREAMS", says[full], { headers: retryAfter(5) });
}
