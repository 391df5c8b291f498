import type { Request, RequestHandler, Response } from "express";
import { assert } from "../base/assert.ts";
import { DoubtError, ExhaustedError } from "../db/faults.ts";
import { Problem } from "../http/problem.ts";
import { problemKinds } from "../http/problem-codes.ts";
import { authenticate } from "./authenticate.ts";
import { mayUse, type AuthFault, type AuthFaultCode, type Caller } from "./caller.ts";
import type { Keyring } from "./keyring.ts";
import type { Scope } from "./scopes.ts";

/** Lets through whoever sends a valid key with this scope; what comes after asks `callerOf`. */
export function requireKey(
  { keyring }: { readonly keyring: Keyring },
  scope: Scope,
): RequestHandler {
  return async (req, res, next) => {
    if (holdsKey(req)) throw problemOf(inUrl);
    const caller = await callerBy(keyring, req.headers.authorization);
    if ("fault" in caller) throw problemOf(caller);
    const fault = mayUse(caller, scope);
    if (fault) throw problemOf(fault, scope);
    res.locals.caller = caller;
    next();
  };
}

async function callerBy(keyring: Keyring, header: string | undefined): Promise<Caller | AuthFault> {
  try {
    return await authenticate(keyring, header);
  } catch (error) {
    if (!(error instanceof ExhaustedError || error instanceof DoubtError)) throw error;
    throw new Problem("NOT_READY", "API keys cannot be looked up just now. Nothing was recorded.");
  }
}

export function callerOf(res: Response): Caller {
  const { caller } = res.locals as { caller?: Caller };
  assert(caller, "a route that asks for its caller stands behind requireKey");
  return caller;
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
  if (scope === undefined) return undefined;
  return `${realm}, error="insufficient_scope", scope="${scope}"`;
}

const inUrl: AuthFault = {
  fault: "CREDENTIALS_IN_URL",
  detail:
    "An API key stands in the URL, where logs and histories keep it: revoke it, and send the new one " +
    "in the Authorization header.",
};

const credential =
  /zr(?:_|%5f)(?:live|test)(?:_|%5f)|[?&](?:access_token|api_?key|authorization)=/i;

/** Also a key that is cut off or mistyped: most of a secret is a secret. */
function holdsKey({ originalUrl }: Request): boolean {
  const query = originalUrl.indexOf("?");
  return query >= 0 && credential.test(originalUrl.slice(query));
}
