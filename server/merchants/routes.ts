import type { Request, Response } from "express";
import { record } from "../audit/record.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { transact, type Tx } from "../db/transact.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody } from "../http/body.ts";
import { createOnce } from "../http/create-once.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { pageOf, sendList } from "../http/list.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import { needIdempotencyKey } from "../http/request-keys.ts";
import { routesUnder, type Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import * as about from "./about.ts";
import { leaveEvent } from "../kernel/command-events.ts";
import { createMerchant, findMerchant, listMerchants } from "./store.ts";
import { listQuery, merchantBody, viewOfMerchant, type MerchantView } from "./wire.ts";

export function merchantRoutes(ctx: Context): readonly Route[] {
  const needs = { read: "merchants:read", write: "merchants:write" } as const;
  const { get, post } = routesUnder("/v1/merchants", needs);
  return [
    post("", about.aboutCreate, (req, res) => create(ctx, req, res)),
    get("", about.aboutList, (req, res) => list(ctx, req, res)),
    get("/:id", about.aboutShow, (req, res) => show(ctx, req, res)),
  ];
}

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, merchantBody);
  const asked = { tenantId, route: "/v1/merchants", key: needIdempotencyKey(req), body };
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, merchantId) => {
    await createMerchant(tx, { merchantId, tenantId, name: body.name });
    await leaveEvent(tx, ctx.db, { tenantId, kind: "merchant.created", subjectId: merchantId });
    const object = { kind: "merchant", id: merchantId };
    await record(tx, entryBy(res, { action: "merchant.create", object, after: body }));
    return undefined;
  });
  const view = JSON.stringify(await afterWrite(read(ctx, id, tenantId)));
  sendJson(res, 201, view, ["Idempotent-Replayed", String(replayed)]);
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  const query = readQueryBy(req, listQuery);
  const work = (tx: Tx, page: Page) => listMerchants(tx, tenantId, page, query.search);
  const readRows = (page: Page) =>
    transact(db, "list_merchants", (tx) => work(tx, page), { readOnly: true });
  const idOf = ({ merchantId }: { merchantId: string }): string => merchantId;
  await sendList(res, pageOf(query), readRows, { idOf, shape: viewOfMerchant });
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_MERCHANT");
  sendJson(res, 200, JSON.stringify(await read(ctx, id, callerOf(res).tenantId)));
}

async function read({ db }: Context, id: string, tenantId: string): Promise<MerchantView> {
  const merchant = await transact(db, "read_merchant", (tx) => findMerchant(tx, id), {
    readOnly: true,
  });
  if (!merchant) throw new Problem("UNKNOWN_MERCHANT");
  if (merchant.tenantId !== tenantId) throw new Problem("FORBIDDEN");
  return viewOfMerchant(merchant);
}
