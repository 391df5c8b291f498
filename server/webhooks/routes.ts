import type { Request, Response } from "express";
import { record } from "../audit/record.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf } from "../auth/require-caller.ts";
import { readSealingKey, seal } from "../base/seal.ts";
import type { Context } from "../context.ts";
import { transact, type Tx } from "../db/transact.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody } from "../http/body.ts";
import { createOnce } from "../http/create-once.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { readPage, sendList } from "../http/list.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import { needIdempotencyKey } from "../http/request-keys.ts";
import type { About, Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { nothing } from "../http/shapes.ts";
import * as about from "./about.ts";
import { deliveryRoutes } from "./deliveries/routes.ts";
import * as endpoints from "./endpoints.ts";
import type { Endpoint } from "./endpoints.ts";
import { toColumn } from "./kinds.ts";
import { readEndpoint } from "./own.ts";
import { redeliveryRoutes } from "./redeliveries/routes.ts";
import { newSecret } from "./signature.ts";
import { faultOfTarget } from "./target.ts";
import * as wire from "./wire.ts";

export function webhookRoutes(ctx: Context): readonly Route[] {
  const get = (path: string, about_: About, handle: Route["handle"]): Route => ({
    method: "get",
    path,
    needs: "webhooks:read",
    about: about_,
    handle,
  });
  const post = (path: string, about_: About, handle: Route["handle"]): Route => ({
    ...get(path, about_, handle),
    method: "post",
    needs: "webhooks:write",
  });
  const at = "/v1/webhooks";
  return [
    get("/v1/webhook-events", about.aboutKinds, listKinds),
    post(at, about.aboutCreate, (req, res) => create(ctx, req, res)),
    get(at, about.aboutList, (req, res) => list(ctx, req, res)),
    get(`${at}/:id`, about.aboutShow, (req, res) => show(ctx, req, res)),
    post(`${at}/:id/change`, about.aboutChange, (req, res) => change(ctx, req, res)),
    post(`${at}/:id/enable`, about.aboutEnable, (req, res) => switchTo(ctx, req, res, true)),
    post(`${at}/:id/disable`, about.aboutDisable, (req, res) => switchTo(ctx, req, res, false)),
    post(`${at}/:id/rotate`, about.aboutRotate, (req, res) => rotate(ctx, req, res)),
    post(`${at}/:id/expire-old-secret`, about.aboutExpire, (req, res) => expire(ctx, req, res)),
    {
      ...post(`${at}/:id`, about.aboutDelete, (req, res) => remove(ctx, req, res)),
      method: "delete",
    },
    ...deliveryRoutes(ctx, { get, post }),
    ...redeliveryRoutes(ctx, { get, post }),
  ];
}

function listKinds(req: Request, res: Response): void {
  readQuery(req, []);
  sendJson(res, 200, JSON.stringify(wire.viewOfKinds()));
}

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, wire.endpointBody);
  checkTarget(ctx, body.url);
  const sealingKey = readSealingKey(ctx.config);
  const secret = newSecret();
  const asked = { tenantId, route: "/v1/webhooks", key: needIdempotencyKey(req), body };
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, endpointId) => {
    const { url, description = "", events } = body;
    const sealedSecret = seal(sealingKey, secret, endpointId);
    const kinds = toColumn(events);
    const made = { endpointId, tenantId, url, description, kinds, sealedSecret };
    if (!(await endpoints.createEndpoint(tx, made))) return new Problem("TOO_MANY_WEBHOOKS");
    const object = { kind: "webhook", id: endpointId };
    await record(tx, entryBy(res, { action: "webhook.create", object, after: body }));
    return undefined;
  });
  const made = await afterWrite(readEndpoint(ctx.db, id, callerOf(res).tenantId));
  const view = wire.viewOfEndpoint(made);
  const told = replayed ? view : { ...view, secret };
  sendJson(res, 201, JSON.stringify(told), ["Idempotent-Replayed", String(replayed)]);
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  const readRows = (page: ReturnType<typeof readPage>) =>
    transact(db, "list_webhooks", (tx) => endpoints.listEndpoints(tx, tenantId, page), {
      readOnly: true,
    });
  const idOf = ({ endpointId }: Endpoint): string => endpointId;
  await sendList(res, readPage(req), readRows, { idOf, shape: wire.viewOfEndpoint });
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  sendJson(
    res,
    200,
    JSON.stringify(wire.viewOfEndpoint(await readEndpoint(ctx.db, id, callerOf(res).tenantId))),
  );
}

async function change(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  const body = await readBody(req, res, wire.changeBody);
  if (body.url !== undefined) checkTarget(ctx, body.url);
  await command(ctx, res, { id, action: "webhook.change" }, async (tx, before) => {
    const kinds = body.events === undefined ? before.kinds : toColumn(body.events ?? undefined);
    const { url = before.url, description = before.description } = body;
    const texts = { url, description: description ?? "", kinds };
    await endpoints.changeEndpoint(tx, { endpointId: id, ...texts });
  });
  sendJson(
    res,
    200,
    JSON.stringify(wire.viewOfEndpoint(await readEndpoint(ctx.db, id, callerOf(res).tenantId))),
  );
}

async function switchTo(ctx: Context, req: Request, res: Response, on: boolean): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  await readBody(req, res, nothing);
  const action = on ? "webhook.enable" : "webhook.disable";
  await command(ctx, res, { id, action }, (tx) =>
    on ? endpoints.enableEndpoint(tx, id) : endpoints.disableEndpoint(tx, id, "by_hand"),
  );
  sendJson(
    res,
    200,
    JSON.stringify(wire.viewOfEndpoint(await readEndpoint(ctx.db, id, callerOf(res).tenantId))),
  );
}

async function rotate(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  const body = await readBody(req, res, wire.rotateBody);
  const { tenantId } = callerOf(res);
  await readEndpoint(ctx.db, id, callerOf(res).tenantId);
  const secret = newSecret();
  const sealedSecret = seal(readSealingKey(ctx.config), secret, id);
  const { overlapSeconds = wire.overlapDefault } = body;
  const route = `/v1/webhooks/${id}/rotate`;
  const asked = { tenantId, route, key: needIdempotencyKey(req), body };
  const { replayed } = await createOnce(ctx.db, asked, async (tx) => {
    if (!(await endpoints.findEndpoint(tx, id))) return new Problem("UNKNOWN_WEBHOOK");
    await endpoints.rotateSecret(tx, { endpointId: id, sealedSecret, overlapSeconds });
    const object = { kind: "webhook", id };
    await record(tx, entryBy(res, { action: "webhook.rotate", object, after: { overlapSeconds } }));
    return undefined;
  });
  const made = await afterWrite(readEndpoint(ctx.db, id, callerOf(res).tenantId));
  const view = wire.viewOfEndpoint(made);
  const told = replayed ? view : { ...view, secret };
  sendJson(res, 200, JSON.stringify(told), ["Idempotent-Replayed", String(replayed)]);
}

async function expire(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  await readBody(req, res, nothing);
  await command(ctx, res, { id, action: "webhook.expire_old_secret" }, (tx) =>
    endpoints.expireOldSecret(tx, id),
  );
  sendJson(
    res,
    200,
    JSON.stringify(wire.viewOfEndpoint(await readEndpoint(ctx.db, id, callerOf(res).tenantId))),
  );
}

async function remove(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  const last = await readEndpoint(ctx.db, id, callerOf(res).tenantId);
  await command(ctx, res, { id, action: "webhook.delete" }, (tx) =>
    endpoints.deleteEndpoint(tx, id),
  );
  sendJson(res, 200, JSON.stringify(wire.viewOfEndpoint(last)));
}

interface Commanded {
  readonly id: string;
  readonly action: string;
}

/** A change with its entry in the audit log. Done twice it is the same as done once. */
async function command(
  { db }: Context,
  res: Response,
  { id, action }: Commanded,
  work: (tx: Tx, before: Endpoint) => Promise<void>,
): Promise<void> {
  const { tenantId } = callerOf(res);
  const refused = await transact(db, "change_webhook", async (tx) => {
    const found = await endpoints.findEndpoint(tx, id);
    if (!found) return new Problem("UNKNOWN_WEBHOOK");
    if (found.tenantId !== tenantId) return new Problem("FORBIDDEN");
    await work(tx, found);
    const left = await endpoints.findEndpoint(tx, id);
    const object = { kind: "webhook", id };
    const change = { before: inLog(found), ...(left && { after: inLog(left) }) };
    await record(tx, entryBy(res, { action, object, ...change }));
    return undefined;
  });
  if (refused) throw refused;
}

function inLog({ url, description, kinds, state }: Endpoint): object {
  return { url, description, kinds: kinds.trim(), state };
}

function checkTarget({ config }: Context, url: string): void {
  const detail = faultOfTarget(url, config.webhookTargets);
  if (detail === undefined) return;
  const errors = [{ pointer: "/url", code: "INVALID_VALUE", detail }];
  throw new Problem("VALIDATION_FAILED", `/url ${detail}.`, { errors });
}
