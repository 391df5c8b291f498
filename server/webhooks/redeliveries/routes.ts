import type { Request, Response } from "express";
import { record } from "../../audit/record.ts";
import { entryBy } from "../../auth/entry-by.ts";
import { callerOf } from "../../auth/require-caller.ts";
import type { Context } from "../../context.ts";
import type { Db } from "../../db/open.ts";
import { transact } from "../../db/transact.ts";
import { afterWrite } from "../../http/after-write.ts";
import { readBody } from "../../http/body.ts";
import { createOnce } from "../../http/create-once.ts";
import { readIdempotencyKey } from "../../http/idempotency-key.ts";
import { readPage, sendList } from "../../http/list.ts";
import { readPathId } from "../../http/path-id.ts";
import { Problem } from "../../http/problem.ts";
import { readQuery } from "../../http/query.ts";
import { needIdempotencyKey } from "../../http/request-keys.ts";
import type { About, Route } from "../../http/route.ts";
import { sendJson } from "../../http/send.ts";
import { nothing } from "../../http/shapes.ts";
import { readEnabled, readEndpoint } from "../own.ts";
import * as about from "./about.ts";
import * as store from "./store.ts";
import type { Redelivery } from "./store.ts";
import * as wire from "./wire.ts";

type Make = (path: string, about_: About, handle: Route["handle"]) => Route;

export function redeliveryRoutes(
  ctx: Context,
  { get, post }: { readonly get: Make; readonly post: Make },
): readonly Route[] {
  const [webhook, one] = ["/v1/webhooks/:id", "/v1/webhook-redeliveries/:id"];
  return [
    post(`${webhook}/redeliver`, about.aboutBegin, (req, res) => begin(ctx, req, res)),
    get(`${webhook}/redeliveries`, about.aboutList, (req, res) => list(ctx, req, res)),
    get(one, about.aboutShow, (req, res) => show(ctx, req, res)),
    post(`${one}/stop`, about.aboutStop, (req, res) => stop(ctx, req, res)),
  ];
}

/** Its row, its first piece and its entry in the audit log: all of them, or none. */
async function begin(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const endpointId = readPathId(req, "UNKNOWN_WEBHOOK");
  const body = await readBody(req, res, wire.redeliverBody);
  const key = needIdempotencyKey(req);
  const { tenantId } = callerOf(res);
  const { since, delivered = false } = body;
  await readEnabled(ctx.db, endpointId, tenantId);
  const asked = { tenantId, route: `/v1/webhooks/${endpointId}/redeliver`, key, body };
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, redeliveryId) => {
    const begun = { redeliveryId, endpointId, tenantId, since, delivered };
    await store.beginRedelivery(tx, begun);
    await store.redeliverSome(tx, redeliveryId);
    const object = { kind: "webhook", id: endpointId };
    await record(tx, entryBy(res, { action: "webhook.redeliver", object, after: body }));
    return undefined;
  });
  const view = wire.viewOfRedelivery(await afterWrite(readOwn(ctx.db, id, tenantId)));
  sendJson(res, 201, JSON.stringify(view), ["Idempotent-Replayed", String(replayed)]);
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const page = readPage(req);
  const { tenantId } = callerOf(res);
  const { endpointId } = await readEndpoint(db, readPathId(req, "UNKNOWN_WEBHOOK"), tenantId);
  const readRows = (asked: typeof page): Promise<Redelivery[]> =>
    transact(db, "list_redeliveries", (tx) => store.listRedeliveries(tx, endpointId, asked), {
      readOnly: true,
    });
  const idOf = ({ redeliveryId }: Redelivery): string => redeliveryId;
  await sendList(res, page, readRows, { idOf, shape: wire.viewOfRedelivery });
}

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_REDELIVERY");
  const found = await readOwn(db, id, callerOf(res).tenantId);
  sendJson(res, 200, JSON.stringify(wire.viewOfRedelivery(found)));
}

async function stop({ db, live }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_REDELIVERY");
  await readBody(req, res, nothing);
  const { tenantId } = callerOf(res);
  const { endpointId } = await readOwn(db, id, tenantId);
  const object = { kind: "webhook", id: endpointId };
  const entry = entryBy(res, {
    action: "webhook.redelivery_stop",
    object,
    after: { redeliveryId: id },
  });
  await transact(db, "stop_redelivery", async (tx) => {
    await store.stopRedelivery(tx, id);
    await record(tx, entry);
  });
  const view = wire.viewOfRedelivery(await afterWrite(readOwn(db, id, tenantId)));
  live.change(tenantId, "webhooks", endpointId);
  sendJson(res, 200, JSON.stringify(view));
}

async function readOwn(db: Db, id: string, tenantId: string): Promise<Redelivery> {
  const found = await transact(db, "read_redelivery", (tx) => store.findRedelivery(tx, id), {
    readOnly: true,
  });
  if (!found) throw new Problem("UNKNOWN_REDELIVERY");
  if (found.tenantId !== tenantId) throw new Problem("FORBIDDEN");
  return found;
}
