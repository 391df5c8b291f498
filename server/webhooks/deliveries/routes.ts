import type { Request, Response } from "express";
import { record } from "../../audit/record.ts";
import { entryBy } from "../../auth/entry-by.ts";
import { callerOf } from "../../auth/require-caller.ts";
import type { Context } from "../../context.ts";
import { transact, type Tx } from "../../db/transact.ts";
import { afterWrite } from "../../http/after-write.ts";
import { readBody } from "../../http/body.ts";
import { createOnce } from "../../http/create-once.ts";
import { readIdempotencyKey } from "../../http/idempotency-key.ts";
import { pageOf, sendList } from "../../http/list.ts";
import { readPathId } from "../../http/path-id.ts";
import { Problem } from "../../http/problem.ts";
import { readQuery, readQueryBy } from "../../http/query.ts";
import { needIdempotencyKey } from "../../http/request-keys.ts";
import type { About, Route } from "../../http/route.ts";
import { sendJson } from "../../http/send.ts";
import { nothing } from "../../http/shapes.ts";
import * as about from "../about.ts";
import * as deliveries from "../deliveries.ts";
import type { Delivery } from "../deliveries.ts";
import { readDelivery, readEnabled, readEndpoint } from "../own.ts";
import * as wire from "../wire.ts";

type Make = (path: string, about_: About, handle: Route["handle"]) => Route;

export function deliveryRoutes(
  ctx: Context,
  { get, post }: { readonly get: Make; readonly post: Make },
): readonly Route[] {
  const [webhook, delivery] = ["/v1/webhooks/:id", "/v1/webhook-deliveries/:id"];
  return [
    post(`${webhook}/test`, about.aboutTest, (req, res) => test(ctx, req, res)),
    get(`${webhook}/deliveries`, about.aboutDeliveries, (req, res) => list(ctx, req, res)),
    get("/v1/webhook-deliveries", about.aboutOfPurchase, (req, res) => ofPurchase(ctx, req, res)),
    get(delivery, about.aboutDelivery, (req, res) => show(ctx, req, res)),
    post(`${delivery}/redeliver`, about.aboutRedeliver, (req, res) => redeliver(ctx, req, res)),
  ];
}

async function test({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const endpointId = readPathId(req, "UNKNOWN_WEBHOOK");
  const body = await readBody(req, res, nothing);
  const key = needIdempotencyKey(req);
  const { tenantId } = callerOf(res);
  await readEnabled(db, endpointId, tenantId);
  const asked = { tenantId, route: `/v1/webhooks/${endpointId}/test`, key, body };
  const { id, replayed } = await createOnce(db, asked, async (tx, deliveryId) => {
    await deliveries.oweTest(tx, { deliveryId, endpointId, tenantId });
    return undefined;
  });
  const view = wire.viewOfDelivery(await afterWrite(readDelivery(db, id, tenantId)));
  sendJson(res, 201, JSON.stringify(view), ["Idempotent-Replayed", String(replayed)]);
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { limit, cursor, ...filter } = readQueryBy(req, wire.deliveriesQuery);
  const page = pageOf({ limit, cursor });
  const { endpointId } = await readOwn(db, req, res);
  const readRows = (asked: typeof page): Promise<Delivery[]> =>
    transact(
      db,
      "list_deliveries",
      (tx) => deliveries.listDeliveries(tx, endpointId, { ...asked, ...filter }),
      { readOnly: true },
    );
  const idOf = ({ deliveryId }: Delivery): string => deliveryId;
  await sendList(res, page, readRows, { idOf, shape: wire.viewOfDelivery });
}

async function ofPurchase({ db }: Context, req: Request, res: Response): Promise<void> {
  const { purchaseId } = readQueryBy(req, wire.ofPurchaseQuery);
  const { tenantId } = callerOf(res);
  const read = async (tx: Tx): Promise<[string | undefined, Delivery[]]> =>
    Promise.all([
      deliveries.ownerOfPurchase(tx, purchaseId),
      deliveries.deliveriesOfPurchase(tx, { tenantId, purchaseId }),
    ]);
  const [owner, found] = await transact(db, "list_deliveries", read, { readOnly: true });
  if (owner === undefined) throw new Problem("UNKNOWN_PURCHASE");
  if (owner !== tenantId) throw new Problem("FORBIDDEN");
  sendJson(res, 200, JSON.stringify({ data: found.map(wire.viewOfDelivery) }));
}

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_DELIVERY");
  const delivery = await readDelivery(db, id, callerOf(res).tenantId);
  const attempts = await transact(db, "list_attempts", (tx) => deliveries.listAttempts(tx, id), {
    readOnly: true,
  });
  sendJson(res, 200, JSON.stringify(wire.wholeViewOf(delivery, attempts)));
}

async function redeliver({ db, live }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_DELIVERY");
  await readBody(req, res, nothing);
  const { tenantId } = callerOf(res);
  const { endpointId } = await readDelivery(db, id, tenantId);
  await readEnabled(db, endpointId, tenantId);
  const object = { kind: "webhook-delivery", id };
  const entry = entryBy(res, { action: "webhook-delivery.redeliver", object, after: {} });
  await transact(db, "redeliver", async (tx) => {
    await deliveries.redeliver(tx, id);
    await record(tx, entry);
  });
  const view = wire.viewOfDelivery(await afterWrite(readDelivery(db, id, tenantId)));
  // Its path names the delivery, and who listens hears of webhooks.
  live.change(tenantId, "webhooks", endpointId);
  sendJson(res, 200, JSON.stringify(view));
}

async function readOwn(db: Context["db"], req: Request, res: Response) {
  const id = readPathId(req, "UNKNOWN_WEBHOOK");
  return readEndpoint(db, id, callerOf(res).tenantId);
}
