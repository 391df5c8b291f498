import type { Request, Response } from "express";
import type { z } from "zod";
import { record } from "../audit/record.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { afterWrite } from "../http/after-write.ts";
import type { Page } from "../db/page.ts";
import { transact, type Tx } from "../db/transact.ts";
import { readBody } from "../http/body.ts";
import { commandOnce, readCommandKey } from "../http/command-once.ts";
import { createOnce } from "../http/create-once.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { pageOf, readPage, sendList } from "../http/list.ts";
import { itemBody } from "../http/new-item.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import { needIdempotencyKey } from "../http/request-keys.ts";
import { routesUnder, type Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { nothing } from "../http/shapes.ts";
import { leaveEvent } from "../kernel/command-events.ts";
import type { Beside, CommandResult } from "../kernel/gate.ts";
import * as commands from "../kernel/item-commands.ts";
import { openItemsIn, type NewItem } from "../kernel/openings.ts";
import * as store from "./store.ts";
import * as about from "./about.ts";
import * as wire from "./wire.ts";

export function itemRoutes(ctx: Context): readonly Route[] {
  const { db } = ctx;
  const { get, post } = routesUnder("/v1/items", { read: "items:read", write: "items:write" });
  return [
    post("", about.aboutCreate, (req, res) => create(ctx, req, res)),
    get("", about.aboutList, (req, res) => list(ctx, req, res)),
    get("/:id", about.aboutShow, (req, res) => show(ctx, req, res)),
    get("/:id/prices", about.aboutPrices, (req, res) => showPrices(ctx, req, res)),
    get("/:id/stock-moves", about.aboutMoves, (req, res) => showMoves(ctx, req, res)),
    post(
      "/:id/close",
      about.aboutClose,
      change(ctx, "close", nothing, (it, _, beside) => commands.closeItem(db, it, beside)),
    ),
    post(
      "/:id/open",
      about.aboutOpen,
      change(ctx, "open", nothing, (it, _, beside) => commands.openItem(db, it, beside)),
    ),
    post(
      "/:id/price",
      about.aboutPrice,
      change(ctx, "price", wire.priceBody, (it, { priceMinor }, beside) =>
        commands.setPrice(db, { ...it, priceMinor: BigInt(priceMinor) }, beside),
      ),
    ),
    post(
      "/:id/adjust",
      about.aboutAdjust,
      change(ctx, "adjust", wire.adjustBody, (it, { quantity, reason }, beside) =>
        commands.adjustStock(db, { ...it, quantity: BigInt(quantity), reason }, beside),
      ),
    ),
    post(
      "/:id/reshard",
      about.aboutReshard,
      change(ctx, "reshard", wire.reshardBody, (it, { buckets }, beside) =>
        commands.reshardItem(db, { ...it, buckets }, beside),
      ),
    ),
  ];
}

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, itemBody);
  const { merchantId, sku, name, currency, buckets } = body;
  const asked = { tenantId, route: "/v1/items", key: needIdempotencyKey(req), body };
  // The work of a transaction may run many times, and each time it needs the same ids.
  const [poolId, moveId] = [ctx.db.dialect.newId(), ctx.db.dialect.newId()];
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, itemId) => {
    const owner = await store.tenantOfMerchant(tx, merchantId);
    if (owner === undefined) return new Problem("UNKNOWN_MERCHANT");
    if (owner !== tenantId) return new Problem("FORBIDDEN");
    if (await store.hasSku(tx, merchantId, sku)) return new Problem("SKU_TAKEN");
    const item: NewItem = {
      itemId,
      tenantId,
      merchantId,
      sku,
      name,
      currency,
      priceMinor: BigInt(body.priceMinor),
      stock: BigInt(body.stock),
      ...(buckets !== undefined && { buckets }),
    };
    const ids = [poolId, moveId].values();
    await openItemsIn(tx, [item], () => ids.next().value ?? "");
    await leaveEvent(tx, ctx.db, { tenantId, kind: "item.created", subjectId: itemId });
    const object = { kind: "item", id: itemId };
    await record(tx, entryBy(res, { action: "item.create", object, after: body }));
    return undefined;
  });
  const view = JSON.stringify(await afterWrite(read(ctx, id, tenantId)));
  sendJson(res, 201, view, ["Idempotent-Replayed", String(replayed)]);
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  const query = readQueryBy(req, wire.listQuery);
  const { merchantId, search } = query;
  const open = query.open === undefined ? undefined : query.open === "true";
  const readRows = async (page: Page) => {
    const found = await transact(
      db,
      "list_items",
      async (tx) => {
        const owner = merchantId && (await store.tenantOfMerchant(tx, merchantId));
        if (owner !== tenantId && merchantId !== undefined) return { owner };
        const items = await store.listItems(tx, tenantId, page, { merchantId, open, search });
        const poolIds = items.map(({ poolId }) => poolId);
        return { items, stocks: await store.stocksOf(tx, poolIds) };
      },
      { readOnly: true },
    );
    if (found.items === undefined) {
      throw new Problem(found.owner === undefined ? "UNKNOWN_MERCHANT" : "FORBIDDEN");
    }
    const { items, stocks } = found;
    return items.map((item) => ({ ...item, stock: stocks.get(item.poolId) ?? store.noStock }));
  };
  const idOf = ({ itemId }: store.Item): string => itemId;
  const shape = ({ stock, ...item }: store.Item & { stock: store.Stock }) =>
    wire.viewOfWholeItem(item, stock);
  await sendList(res, pageOf(query), readRows, { idOf, shape });
}

async function showPrices({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_ITEM");
  const prices = await ofOwnItem(db, res, id, (tx) => store.pricesOf(tx, id, wire.pricesMax));
  sendJson(res, 200, JSON.stringify({ data: prices.map(wire.viewOfPrice) }));
}

async function showMoves({ db }: Context, req: Request, res: Response): Promise<void> {
  const asked = readPage(req);
  const id = readPathId(req, "UNKNOWN_ITEM");
  const readRows = (page: Page) =>
    ofOwnItem(db, res, id, (tx, { poolId }) => store.listMoves(tx, poolId, page));
  const idOf = ({ moveId }: store.StockMove): string => moveId;
  await sendList(res, asked, readRows, { idOf, shape: wire.viewOfMove });
}

/** What belongs to an item of the caller's tenant; another's is refused. */
async function ofOwnItem<Found>(
  db: Context["db"],
  res: Response,
  itemId: string,
  find: (tx: Tx, item: store.Item) => Promise<Found>,
): Promise<Found> {
  const { tenantId } = callerOf(res);
  const read = async (tx: Tx) => {
    const item = await store.findItem(tx, itemId);
    const isOwn = item?.tenantId === tenantId;
    return { item, found: isOwn ? await find(tx, item) : undefined };
  };
  const { item, found } = await transact(db, "read_of_item", read, { readOnly: true });
  if (!item) throw new Problem("UNKNOWN_ITEM");
  if (found === undefined) throw new Problem("FORBIDDEN");
  return found;
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_ITEM");
  sendJson(res, 200, JSON.stringify(await read(ctx, id, callerOf(res).tenantId)));
}

interface Subject {
  readonly tenantId: string;
  readonly itemId: string;
}

/** What counts twice when it is done twice: these need a key, the others may have one. */
const counting: readonly string[] = ["adjust"];

/** A command by its body: answered with the item as it is after it. */
function change<Shape extends z.ZodType<object>>(
  ctx: Context,
  verb: string,
  schema: Shape,
  command: (it: Subject, body: z.infer<Shape>, beside: Beside) => Promise<CommandResult>,
): Route["handle"] {
  return async (req, res) => {
    readQuery(req, []);
    readIdempotencyKey(req);
    const itemId = readPathId(req, "UNKNOWN_ITEM");
    const { tenantId } = callerOf(res);
    const body = await readBody(req, res, schema);
    const key = readCommandKey(req, counting.includes(verb));
    const object = { kind: "item", id: itemId };
    const what = {
      action: `item.${verb}`,
      object,
      route: `/v1/items/${itemId}/${verb}`,
      body,
      key,
    };
    const { replayed } = await commandOnce(ctx.db, res, what, (beside) =>
      command({ tenantId, itemId }, body, beside),
    );
    const view = JSON.stringify(await afterWrite(read(ctx, itemId, tenantId)));
    sendJson(res, 200, view, ["Idempotent-Replayed", String(replayed)]);
  };
}

async function read({ db }: Context, id: string, tenantId: string): Promise<wire.WholeItemView> {
  const found = await transact(
    db,
    "read_item",
    async (tx) => {
      const item = await store.findItem(tx, id);
      return item && { item, stock: await store.stockOf(tx, item.poolId) };
    },
    { readOnly: true },
  );
  if (!found) throw new Problem("UNKNOWN_ITEM");
  if (found.item.tenantId !== tenantId) throw new Problem("FORBIDDEN");
  return wire.viewOfWholeItem(found.item, found.stock);
}
