import type { Request, RequestHandler, Response } from "express";
import { assert } from "../base/assert.ts";
import type { Context } from "../context.ts";
import { DoubtError, ExhaustedError } from "../db/faults.ts";
import { Problem } from "../http/problem.ts";
import { problemKinds } from "../http/problem-codes.ts";
import { retryAfter } from "../http/send-answer.ts";
import { authenticate } from "./authenticate.ts";
import { callerIn, mayUse, type AuthFault, type AuthFaultCode, type Caller } from "./caller.ts";
import { refuseCrossSite } from "./cross-site.ts";
import type { Scope } from "./scopes.ts";
import { readSessionCookie } from "./session-cookie.ts";
import type { KnownSession } from "./sessions.ts";

type Door = Pick<Context, "keyring" | "sessions" | "config">;

/**
 * Lets through who may use this scope: a program with a key, or a person in a session. Where both are
 * sent the key counts, and the cookie is not looked at. What comes after asks `callerOf`.
 */
export function requireCaller(door: Door, scope: Scope): RequestHandler {
  return async (req, res, next) => {
    if (holdsKey(req)) throw problemOf(inUrl);
    const caller = await callerBy(door, req);
    if ("session" in caller && caller.session) door.sessions.noteUse(caller.session.sessionId);
    if ("fault" in caller) throw problemOf(caller);
    // Before it is let in: what is refused to somebody known is on record as theirs.
    res.locals.caller = caller;
    const fault = mayUse(caller, scope);
    if (fault) throw problemOf(fault, scope);
    next();
  };
}

async function callerBy(door: Door, req: Request): Promise<Caller | AuthFault> {
  const { authorization } = req.headers;
  const token = authorization === undefined ? readSessionCookie(req, door.config) : undefined;
  try {
    if (token === undefined) return await authenticate(door.keyring, authorization);
    refuseCrossSite(req);
    const session = await door.sessions.find(token);
    if (!session) return sessionOver;
    return callerIn(session, req.headers["zerorace-tenant"]?.toString());
  } catch (error) {
    if (!(error instanceof ExhaustedError || error instanceof DoubtError)) throw error;
    const says = "It cannot be looked up who calls. Nothing was recorded.";
    throw new Problem("NOT_READY", says, { headers: retryAfter(1) });
  }
}

/**
 * For an answer that goes on for long: why its caller may not have it any more. It is looked up as for
 * a new request, but a session does not last longer for it.
 */
export async function faultSince(
  door: Door,
  req: Request,
  { tenantId }: Caller,
  scopes: readonly Scope[],
): Promise<AuthFault | undefined> {
  try {
    const now = await callerBy(door, req);
    if ("fault" in now) return now;
    if (now.tenantId !== tenantId) return sessionOver;
    return scopes.map((scope) => mayUse(now, scope)).find((fault) => fault !== undefined);
  } catch {
    // Who cannot be looked up now is looked up again in a moment.
    return undefined;
  }
}

const sessionOver: AuthFault = {
  fault: "SESSION_OVER",
  detail: "This session is over: sign in again.",
};

/** Also of a request that is refused; undefined while nobody has said who calls. */
export function knownCallerOf(res: Response): Caller | undefined {
  return (res.locals as { caller?: Caller }).caller;
}

export function callerOf(res: Response): Caller {
  const caller = knownCallerOf(res);
  assert(caller, "a route that asks for its caller stands behind requireCaller");
  return caller;
}

/** Who has signed in, on a route whose scope no key can have. */
export function sessionOf(res: Response): KnownSession {
  const { session } = callerOf(res);
  assert(session, "a route for people has a scope that no key can have");
  return session;
}

/** The response to a fault, with the challenge that its status demands (RFC 6750). */
export function problemOf({ fault, detail }: AuthFault, scope?: Scope): Problem {
  const challenge = challengeOf(fault, scope);
  const headers = challenge === undefined ? [] : ["WWW-Authenticate", challenge];
  return new Problem(fault, detail, { headers });
}

function challengeOf(fault: AuthFaultCode, scope: Scope | undefined): string | undefined {
  const realm = 'Bearer realm="zerorace"';
  if (fault === "AUTHENTICATION_REQUIRED") return realm;
  if (problemKinds[fault].status === 401) return `${realm}, error="invalid_token"`;
  if (scope === undefined || fault === "ORGANISATION_SUSPENDED") return undefined;
  return `${realm}, error="insufficient_scope", scope="${scope}"`;
}

const inUrl: AuthFault = {
  fault: "CREDENTIALS_IN_URL",
  detail:
    "An API key or a token stands in the URL, where logs and histories keep it: revoke it, and send " +
    "the new key in the Authorization header.",
};

const credential =
  /zr(?:_|%5f)(?:live|test)(?:_|%5f)|zr[sl](?:_|%5f)|[?&](?:access_token|api_?key|authorization)=/i;

/** Also one that is cut off or mistyped: most of a secret is a secret. */
function holdsKey({ originalUrl }: Request): boolean {
  const query = originalUrl.indexOf("?");
  return query >= 0 && credential.test(originalUrl.slice(query));
}
