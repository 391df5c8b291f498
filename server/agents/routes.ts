import type { Request, Response } from "express";
import { mayAct } from "../auth/caller.ts";
import { callerOf, problemOf } from "../auth/require-caller.ts";
import { holdsSecret } from "../base/log.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody } from "../http/body.ts";
import { commandOnce, readCommandKey } from "../http/command-once.ts";
import { rfc3339, writeCursor } from "../http/cursor.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { pageOf } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import { routesUnder, type Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { blockAgent, unblockAgent } from "../kernel/agent-commands.ts";
import * as about from "./about.ts";
import { rollUpAgents } from "./roll-up.ts";
import { findAgent, listAgents, listBlocked, readMark } from "./store.ts";
import * as wire from "./wire.ts";

export function agentRoutes(ctx: Context): readonly Route[] {
  const needs = { read: "purchases:read", write: "mandates:write" } as const;
  const { get, post } = routesUnder("/v1/agents", needs);
  return [
    get("", about.aboutList, (req, res) => list(ctx, req, res)),
    get("/:id", about.aboutShow, (req, res) => show(ctx, req, res)),
    post("/:id/block", about.aboutBlock, (req, res) => block(ctx, req, res)),
    post("/:id/unblock", about.aboutUnblock, (req, res) => unblock(ctx, req, res)),
  ];
}

/** Who looks counts on, for a while: mostly there is little to count. */
const patienceMs = 2_000;

async function countOn({ db }: Context, tenantId: string): Promise<string | undefined> {
  await rollUpAgents(db, tenantId, { deadlineAt: performance.now() + patienceMs });
  return readMark(db, tenantId);
}

async function list(ctx: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  const { state, ...paging } = readQueryBy(req, wire.listQuery);
  const { limit, ...page } = pageOf(paging);
  const asOf = await countOn(ctx, tenantId);
  const read = state === "blocked" ? listBlocked : listAgents;
  const rows = await read(ctx.db, tenantId, { ...page, limit: limit + 1 } satisfies Page);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  const nextCursor = last ? writeCursor({ createdAt: last.createdAt, id: last.placeId }) : null;
  const view: wire.AgentListView = {
    data: shown.map(wire.viewOf),
    nextCursor,
    asOf: asOf === undefined ? null : rfc3339(asOf),
  };
  sendJson(res, 200, JSON.stringify(view));
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const agentId = agentIn(req);
  const { tenantId } = callerOf(res);
  const asOf = await countOn(ctx, tenantId);
  const agent = await findAgent(ctx.db, tenantId, agentId);
  sendJson(res, 200, JSON.stringify(wire.viewOfWhole(agent, asOf)));
}

async function block(ctx: Context, req: Request, res: Response): Promise<void> {
  const { agentId, body, what } = await readCommand(req, res, "block");
  const { tenantId, actor } = callerOf(res);
  const by = `${actor.kind}:${actor.id}`;
  const { replayed } = await blockAgent(
    ctx.db,
    { tenantId, agentId, reason: body.reason, by },
    (command) => commandOnce(ctx.db, res, what, command),
  );
  await answer(ctx, res, agentId, replayed);
}

async function unblock(ctx: Context, req: Request, res: Response): Promise<void> {
  const { agentId, what } = await readCommand(req, res, "unblock");
  const { tenantId } = callerOf(res);
  const { replayed } = await commandOnce(ctx.db, res, what, (beside) =>
    unblockAgent(ctx.db, { tenantId, agentId }, beside),
  );
  await answer(ctx, res, agentId, replayed);
}

async function readCommand(req: Request, res: Response, verb: "block" | "unblock") {
  readQuery(req, []);
  readIdempotencyKey(req);
  const agentId = agentIn(req);
  const body = await readBody(req, res, wire.blockBody);
  const key = readCommandKey(req, false);
  // Who is bound to a mandate has no say over what others' mandates are spent by.
  const fault = mayAct(callerOf(res), { agentId, mandateId: undefined });
  if (fault) throw problemOf(fault);
  const object = { kind: "agent", id: agentId };
  const route = `/v1/agents/${encodeURIComponent(agentId)}/${verb}`;
  return { agentId, body, what: { action: `agent.${verb}`, object, route, body, key } };
}

async function answer(
  ctx: Context,
  res: Response,
  agentId: string,
  replayed: boolean,
): Promise<void> {
  const { tenantId } = callerOf(res);
  const asOf = await readMark(ctx.db, tenantId);
  const agent = await afterWrite(findAgent(ctx.db, tenantId, agentId));
  const view = JSON.stringify(wire.viewOfWhole(agent, asOf));
  sendJson(res, 200, view, ["Idempotent-Replayed", String(replayed)]);
}

function agentIn(req: Request): string {
  const read = wire.agentField.safeParse(req.params.id);
  if (!read.success) throw new Problem("UNKNOWN_AGENT");
  if (holdsSecret(read.data)) throw new Problem("CREDENTIALS_IN_URL");
  return read.data;
}
