import type { Request, Response } from "express";
import { record } from "../audit/record.ts";
import { callerOf, sessionOf } from "../auth/require-caller.ts";
import { sessionCookie } from "../auth/session-cookie.ts";
import {
  deleteSession,
  deleteSessions,
  ownerOfSession,
  readSessions,
} from "../auth/session-rows.ts";
import { sessionView, viewOfSession } from "../auth/wire.ts";
import { readWayIn, sendEntry, visitorOf } from "../auth/way-in.ts";
import type { Context } from "../context.ts";
import { transact, type Tx } from "../db/transact.ts";
import { readBody } from "../http/body.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import { refusable } from "../http/refusable.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import { changeName } from "./change-name.ts";
import { changePassword, signIn } from "./sign-in.ts";
import { endedView, nameBody, passwordBody, sessionListView, signInBody, viewOf } from "./wire.ts";

export function sessionRoutes(ctx: Context): readonly Route[] {
  return [...ownSessionRoutes(ctx), nameRoute(ctx), ...sessionListRoutes(ctx)];
}

function nameRoute(ctx: Context): Route {
  return {
    method: "post",
    path: "/v1/session/name",
    needs: "session:own",
    about: {
      summary: "Change one's name",
      body: nameBody,
      answers: { 200: sessionView },
    },
    async handle(req, res) {
      readQuery(req, []);
      const { name } = await readBody(req, res, nameBody);
      const session = sessionOf(res);
      const { ip, requestId } = visitOf(res);
      const by = { actor: callerOf(res).actor, ip, requestId };
      await changeName(ctx.db, name, session, by);
      ctx.sessions.forget();
      sendJson(res, 200, JSON.stringify(viewOfSession({ ...session, name })));
    },
  };
}

function ownSessionRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/session",
      needs: "nothing",
      limit: "sign-in",
      about: {
        summary: "Sign in",
        says: "Sets the cookie of a new session. An unknown address and a wrong password get the same answer.",
        body: signInBody,
        answers: { 200: sessionView },
        problems: ["WRONG_CREDENTIALS", "RATE_LIMITED", "OVERLOADED", "CROSS_SITE_REQUEST"],
      },
      async handle(req, res) {
        const body = await readWayIn(req, res, signInBody);
        await sendEntry(ctx, res, 200, await signIn(ctx, body, visitorOf(ctx, req, res)));
      },
    },
    {
      method: "get",
      path: "/v1/session",
      needs: "session:own",
      about: { summary: "Show who has signed in", answers: { 200: sessionView } },
      handle(req, res) {
        readQuery(req, []);
        sendJson(res, 200, JSON.stringify(viewOfSession(sessionOf(res))));
      },
    },
    {
      method: "delete",
      path: "/v1/session",
      needs: "session:own",
      about: { summary: "Sign out", answers: { 200: endedView } },
      handle: (req, res) => signOut(ctx, req, res),
    },
    {
      method: "post",
      path: "/v1/session/password",
      needs: "session:own",
      about: {
        summary: "Change one's password",
        says: "Ends all sessions of the person, and begins a new one.",
        body: passwordBody,
        answers: { 200: sessionView },
        problems: ["RATE_LIMITED", "WRONG_CREDENTIALS", "OVERLOADED"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const body = await readBody(req, res, passwordBody);
        const visitor = visitorOf(ctx, req, res);
        await sendEntry(ctx, res, 200, await changePassword(ctx, body, sessionOf(res), visitor));
      },
    },
  ];
}

function sessionListRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/sessions",
      needs: "session:own",
      about: { summary: "List one's sessions", answers: { 200: sessionListView } },
      handle: (req, res) => list(ctx, req, res),
    },
    {
      method: "delete",
      path: "/v1/sessions",
      needs: "session:own",
      about: { summary: "End all other sessions of oneself", answers: { 200: endedView } },
      handle: (req, res) => endOthers(ctx, req, res),
    },
    {
      method: "delete",
      path: "/v1/sessions/:id",
      needs: "session:own",
      about: {
        summary: "End one of one's sessions",
        answers: { 200: endedView },
        problems: ["UNKNOWN_SESSION"],
      },
      handle: (req, res) => endOne(ctx, req, res),
    },
  ];
}

async function list({ db, config }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const { personId, sessionId } = sessionOf(res);
  const read = (tx: Tx) => readSessions(tx, personId, config.sessionIdleMinutes);
  const sessions = await transact(db, "list_sessions", read, { readOnly: true });
  sendJson(res, 200, JSON.stringify({ data: sessions.map((one) => viewOf(one, sessionId)) }));
}

async function signOut(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  await end(ctx, res, sessionOf(res).sessionId);
  sendJson(res, 200, '{"ended":1}', sessionCookie(ctx.config, undefined));
}

async function endOne(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const ended = await end(ctx, res, readPathId(req, "UNKNOWN_SESSION"));
  if (ended === 0) throw new Problem("UNKNOWN_SESSION");
  sendJson(res, 200, '{"ended":1}');
}

async function end(ctx: Context, res: Response, sessionId: string): Promise<number> {
  const { personId } = sessionOf(res);
  const ended = await refusable(ctx.db, "end_session", async (tx) => {
    if ((await ownerOfSession(tx, sessionId)) === undefined) return 0;
    const count = await deleteSession(tx, personId, sessionId);
    if (count === 0) return new Problem("FORBIDDEN", "This session is another person's.");
    await record(tx, entryBy(res, sessionId));
    return count;
  });
  ctx.sessions.forget();
  return ended;
}

async function endOthers(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const { personId, sessionId } = sessionOf(res);
  const ended = await refusable(ctx.db, "end_sessions", async (tx) => {
    const count = await deleteSessions(tx, personId, sessionId);
    if (count > 0) await record(tx, { ...entryBy(res, "others"), after: { count } });
    return count;
  });
  ctx.sessions.forget();
  sendJson(res, 200, JSON.stringify({ ended }));
}

/** What people do with their accounts stands in the chain of their organisation's live tenant. */
function entryBy(res: Response, id: string) {
  const { ip, requestId } = visitOf(res);
  const { liveTenantId: tenantId } = sessionOf(res);
  const object = { kind: "session", id };
  return { tenantId, actor: callerOf(res).actor, ip, requestId, action: "session.end", object };
}
