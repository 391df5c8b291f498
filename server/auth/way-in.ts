import type { Request, Response } from "express";
import type { z } from "zod";
import { assert } from "../base/assert.ts";
import { withoutSecrets } from "../base/log.ts";
import type { Context } from "../context.ts";
import type { Db } from "../db/open.ts";
import type { Tx } from "../db/transact.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody } from "../http/body.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import { comeBack } from "../http/send-answer.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import { networkOf } from "./attempts.ts";
import { refuseCrossSite } from "./cross-site.ts";
import { TooManyHashes } from "./password.ts";
import { noteArrival } from "./people.ts";
import { hashOfToken, mintToken, type SecretToken } from "./secret-token.ts";
import { readSessionCookie, sessionCookie } from "./session-cookie.ts";
import { deleteByToken, insertSession } from "./session-rows.ts";
import { viewOfSession } from "./wire.ts";

/** What every way in has in common: to claim, to sign up, to sign in, to recover. */

/** Where a person comes in from. */
export interface Visitor {
  readonly ip: string;
  readonly requestId: string;
  readonly userAgent: string;
  /** The session that the browser had until now: it ends when another begins. */
  readonly tokenBefore: string | undefined;
}

/** A session to be: drawn once, so that writing it may run again. */
export interface Entry extends SecretToken {
  readonly sessionId: string;
  readonly hours: number;
  readonly visitor: Visitor;
}

export function visitorOf(
  { config }: Pick<Context, "config">,
  req: Request,
  res: Response,
): Visitor {
  const { ip, requestId } = visitOf(res);
  const agent = req.headers["user-agent"] ?? "";
  // It is kept with the session, and shown.
  const userAgent = withoutSecrets(agent.replaceAll(/[^\x20-\x7e]/g, "?")).slice(0, 200);
  return { ip, requestId, userAgent, tokenBefore: readSessionCookie(req, config) };
}

export function newEntry({ db, config }: Pick<Context, "db" | "config">, visitor: Visitor): Entry {
  const hours = config.sessionHours;
  return { ...mintToken("session"), sessionId: newId(db), hours, visitor };
}

const newId = ({ dialect }: Db): string => dialect.newId();

/** Signs somebody in: always with a new token, whatever the browser sent. */
export async function enterAs(tx: Tx, personId: string, entry: Entry): Promise<void> {
  const { ip, userAgent, tokenBefore } = entry.visitor;
  const hashBefore = tokenBefore && hashOfToken("session", tokenBefore);
  if (hashBefore) await deleteByToken(tx, hashBefore);
  await Promise.all([
    insertSession(tx, { ...entry, personId, ip, userAgent }),
    noteArrival(tx, personId, networkOf(ip)),
  ]);
}

/** The body of a way in. Nobody is signed in on behalf of another site either. */
export async function readWayIn<Shape extends z.ZodType>(
  req: Request,
  res: Response,
  schema: Shape,
): Promise<z.output<Shape>> {
  refuseCrossSite(req);
  readQuery(req, []);
  return readBody(req, res, schema);
}

/** The new session's view, and its token where no script can read it. */
export async function sendEntry(
  { sessions, config }: Context,
  res: Response,
  status: 200 | 201,
  { token }: Entry,
): Promise<void> {
  sessions.forget();
  const known = await afterWrite(sessions.find(token));
  assert(known, "who has just come in is known");
  sendJson(res, status, JSON.stringify(viewOfSession(known)), sessionCookie(config, token));
}

/** More people at once than the machine can check the passwords of: they may come again. */
export async function orComeBack<T>(hashing: Promise<T>, orElse?: () => Promise<void>): Promise<T> {
  try {
    return await hashing;
  } catch (error) {
    if (!(error instanceof TooManyHashes)) throw error;
    await orElse?.();
    throw comeBack("OVERLOADED");
  }
}

/** Said of an unknown address and of a wrong password alike. */
export function wrongCredentials(): Problem {
  return new Problem("WRONG_CREDENTIALS", undefined, {
    headers: ["WWW-Authenticate", 'Session realm="zerorace"'],
  });
}
