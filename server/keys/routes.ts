import type { Request, Response } from "express";
import { isKeyId } from "../auth/api-key.ts";
import { nameActors, type NameActor } from "../auth/actors.ts";
import type { ApiKey } from "../auth/key-rows.ts";
import * as keys from "../auth/keys.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { limitOf, pageQuery } from "../http/list.ts";
import { Problem } from "../http/problem.ts";
import type { ProblemCode } from "../http/problem-codes.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import { needIdempotencyKey, recallKey, rememberKey, reused } from "../http/request-keys.ts";
import { routesUnder, type About, type Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import { faultOfGift, faultOfReach, type Terms } from "./may-give.ts";
import { ownersOfMandates } from "./store.ts";
import * as wire from "./wire.ts";

export function keyRoutes(ctx: Context): readonly Route[] {
  const { get, post } = routesUnder("/v1/keys", { read: "keys:read", write: "keys:write" });
  return [
    { ...post("", aboutCreate, (req, res) => create(ctx, req, res)), limit: "new-keys" },
    get("", aboutList, (req, res) => list(ctx, req, res)),
    get("/:id", aboutShow, (req, res) => show(ctx, req, res)),
    { ...post("/:id/roll", aboutRoll, (req, res) => roll(ctx, req, res)), limit: "new-keys" },
    post("/:id/revoke", aboutRevoke, (req, res) => revoke(ctx, req, res)),
  ];
}

const aboutCreate: About = {
  summary: "Create an API key",
  says: "`apiKey` stands in the first answer and nowhere else: sent again under its key the request answers with the key and without its secret. Nobody gives more than they have: scopes, bounds and lifetime of the new key lie within the caller's own.",
  body: wire.keyBody,
  key: "required",
  answers: { 201: wire.madeView },
  problems: ["UNKNOWN_MANDATE", "KEY_REUSED"],
};

const aboutList: About = {
  summary: "List the API keys",
  says: "The newest first, those that are over too.",
  query: pageQuery,
  answers: { 200: wire.keysView },
  problems: ["VALIDATION_FAILED", "BAD_CURSOR"],
};

const aboutShow: About = {
  summary: "Show an API key",
  answers: { 200: wire.keyView },
  problems: ["UNKNOWN_KEY"],
};

const aboutRoll: About = {
  summary: "Roll an API key",
  says: "Makes a new key on the terms of the old one, which ends after the overlap. A key may roll itself; another one only if it could have made it.",
  body: wire.rollBody,
  key: "required",
  answers: { 201: wire.madeView },
  problems: ["UNKNOWN_KEY", "API_KEY_ENDED", "KEY_REUSED"],
};

const aboutRevoke: About = {
  summary: "Revoke an API key",
  says: "For good, and seen everywhere within a second. A second time changes nothing.",
  body: wire.revokeBody,
  answers: { 200: wire.keyView },
  problems: ["UNKNOWN_KEY"],
};

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, wire.keyBody);
  const key = needIdempotencyKey(req);
  const { tenantId } = callerOf(res);
  const { reason, expiresAt, ...terms } = body;
  const expiresAtMs = expiresAt === undefined ? null : Date.parse(expiresAt);
  const { agentIds = null, mandateIds = null, scopes } = terms;
  await checkGift(ctx, res, { scopes, agentIds, mandateIds, expiresAtMs });
  await checkMandates(ctx, tenantId, mandateIds ?? []);
  const nameSelf = await nameCaller(ctx, res);
  const made = await keys.createKey(
    ctx.db,
    {
      tenantId,
      name: terms.name,
      scopes,
      ...(agentIds && { agentIds }),
      ...(mandateIds && { mandateIds }),
      ...(expiresAtMs !== null && { expiresAtMs }),
    },
    onBehalf(res, reason),
    once(res, { route: "/v1/keys", key, body }),
  );
  return sendMade(ctx, res, made, nameSelf);
}

async function roll(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const keyId = readKeyId(req);
  const body = await readBody(req, res, wire.rollBody);
  const key = needIdempotencyKey(req);
  const { tenantId, actor } = callerOf(res);
  const old = await readOwn(ctx, res, keyId);
  // Rolled, it lives as long again as it was made for.
  const lifeMs = old.expiresAt && old.expiresAt.getTime() - old.createdAt.getTime();
  const expiresAtMs = lifeMs && Date.now() + lifeMs;
  const isItself = actor.kind === "key" && actor.id === keyId;
  if (!isItself) await checkGift(ctx, res, { ...old, expiresAtMs });
  const { overlapSeconds = overlapDefault, reason } = body;
  const nameSelf = await nameCaller(ctx, res);
  const made = await keys.rollKey(
    ctx.db,
    { tenantId, keyId, overlapSeconds },
    onBehalf(res, reason),
    once(res, { route: `/v1/keys/${keyId}/roll`, key, body }),
  );
  return sendMade(ctx, res, made, nameSelf);
}

const overlapDefault = 86_400;

async function revoke(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const keyId = readKeyId(req);
  const { reason } = await readBody(req, res, wire.revokeBody);
  const caller = callerOf(res);
  const old = await readOwn(ctx, res, keyId);
  const isItself = caller.actor.kind === "key" && caller.actor.id === keyId;
  const says = isItself ? undefined : faultOfReach(caller, old);
  if (says !== undefined) throw new Problem("FORBIDDEN", says);
  const { tenantId } = caller;
  const ended = await keys.revokeKey(ctx.db, { tenantId, keyId }, onBehalf(res, reason));
  if (ended.kind === "refused") throw problemOf(ended);
  ctx.keyring.forget();
  return sendKey(ctx, res, ended.key);
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { cursor, ...query } = readQueryBy(req, pageQuery);
  if (cursor !== undefined && !isKeyId(cursor)) throw new Problem("BAD_CURSOR");
  const limit = limitOf(query);
  const caller = callerOf(res);
  const { tenantId } = caller;
  const before = cursor === undefined ? {} : { before: cursor };
  const found = await keys.listKeys(db, { tenantId, limit: limit + 1, ...before });
  const data = found.slice(0, limit);
  const makers = data.map(({ createdBy }) => createdBy);
  const nameActor = await nameActors(db, caller, makers);
  const nextCursor = found.length > limit ? (data.at(-1)?.keyId ?? null) : null;
  sendJson(
    res,
    200,
    JSON.stringify({ data: data.map((key) => wire.viewOf(key, nameActor)), nextCursor }),
  );
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const key = await readOwn(ctx, res, readKeyId(req));
  return sendKey(ctx, res, key);
}

async function sendKey({ db }: Context, res: Response, key: ApiKey): Promise<void> {
  const nameActor = await nameActors(db, callerOf(res), [key.createdBy]);
  sendJson(res, 200, JSON.stringify(wire.viewOf(key, nameActor)));
}

function readKeyId(req: Request): string {
  const { id } = req.params;
  if (typeof id !== "string" || !isKeyId(id)) throw new Problem("UNKNOWN_KEY");
  return id;
}

async function readOwn({ db }: Context, res: Response, keyId: string): Promise<ApiKey> {
  const key = await keys.findKey(db, keyId);
  if (!key) throw new Problem("UNKNOWN_KEY");
  if (key.tenantId !== callerOf(res).tenantId) throw new Problem("FORBIDDEN");
  return key;
}

async function checkGift({ db }: Context, res: Response, terms: Terms): Promise<void> {
  const caller = callerOf(res);
  const { kind, id } = caller.actor;
  const own = kind === "key" ? await keys.findKey(db, id) : undefined;
  const says = faultOfGift(caller, own?.expiresAt?.getTime() ?? null, terms);
  if (says !== undefined) throw new Problem("FORBIDDEN", says);
}

async function checkMandates(
  { db }: Context,
  tenantId: string,
  mandateIds: readonly string[],
): Promise<void> {
  if (mandateIds.length === 0) return;
  const owners = await ownersOfMandates(db, mandateIds);
  if ([...owners.values()].some((owner) => owner !== tenantId)) throw new Problem("FORBIDDEN");
  if (mandateIds.some((id) => !owners.has(id))) throw new Problem("UNKNOWN_MANDATE");
}

function onBehalf(res: Response, reason: string | undefined): keys.OnBehalf {
  const { ip, requestId } = visitOf(res);
  return { actor: callerOf(res).actor, ip, requestId, ...(reason !== undefined && { reason }) };
}

/** The request is remembered with the id of its key, and never with the secret. */
function once(
  res: Response,
  request: { readonly route: string; readonly key: string; readonly body: object },
): keys.Once {
  const keyed = { tenantId: callerOf(res).tenantId, ...request };
  return {
    async recall(tx) {
      const known = await recallKey(tx, keyed);
      if (known && !known.same) {
        return { kind: "refused", code: "KEY_REUSED", says: reused().message };
      }
      return known && { keyId: known.objectId };
    },
    async remember(tx, keyId) {
      const { requestId } = visitOf(res);
      await rememberKey(tx, keyed, { objectId: keyId, requestId });
    },
  };
}

/** Before a key is made: once its secret is there, nothing that may fail stands before the answer. */
async function nameCaller({ db }: Context, res: Response): Promise<NameActor> {
  const caller = callerOf(res);
  return nameActors(db, caller, [`${caller.actor.kind}:${caller.actor.id}`]);
}

async function sendMade(
  { db }: Context,
  res: Response,
  made: keys.KeyMade | keys.KeyRefused | keys.KeyKnown,
  nameSelf: NameActor,
): Promise<void> {
  if (made.kind === "refused") throw problemOf(made);
  const isNew = made.kind === "done";
  const nameActor = isNew ? nameSelf : await nameActors(db, callerOf(res), [made.key.createdBy]);
  const view = wire.madeViewOf(made.key, nameActor, isNew ? made.apiKey : undefined);
  const replayed = ["Idempotent-Replayed", String(made.kind === "known")];
  sendJson(res, 201, JSON.stringify(view), replayed);
}

const codes: Readonly<Record<keys.KeyRefusalCode, ProblemCode>> = {
  INVALID_COMMAND: "VALIDATION_FAILED",
  UNKNOWN_TENANT: "FORBIDDEN",
  UNKNOWN_KEY: "UNKNOWN_KEY",
  FORBIDDEN: "FORBIDDEN",
  API_KEY_REVOKED: "API_KEY_ENDED",
  API_KEY_EXPIRED: "API_KEY_ENDED",
  API_KEY_REPLACED: "API_KEY_ENDED",
  KEY_REUSED: "KEY_REUSED",
};

function problemOf({ code, says }: keys.KeyRefused): Problem {
  return new Problem(codes[code], says);
}
