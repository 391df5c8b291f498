import type { Request, Response } from "express";
import type { z } from "zod";
import { record } from "../audit/record.ts";
import { mayAct } from "../auth/caller.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf, problemOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { transact } from "../db/transact.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody, readCsvBytes } from "../http/body.ts";
import { createOnce } from "../http/create-once.ts";
import { sendCsv, type Cell } from "../http/csv.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { limitOf, pageOf, sendList } from "../http/list.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import { needIdempotencyKey } from "../http/request-keys.ts";
import { routesUnder, type Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { nothing } from "../http/shapes.ts";
import * as about from "./about.ts";
import * as commands from "./commands.ts";
import type { Own } from "./commands.ts";
import { uploadBytesMax } from "./limits.ts";
import { listFaults, listMade } from "./row-results.ts";
import * as store from "./store.ts";
import type { Import } from "./store.ts";
import * as views from "./views.ts";
import * as wire from "./wire.ts";

export function importRoutes(ctx: Context): readonly Route[] {
  const { get, post } = routesUnder("/v1/imports", {
    read: "imports:read",
    write: "imports:write",
  });
  const { db } = ctx;
  return [
    post("", about.aboutCreate, (req, res) => create(ctx, req, res)),
    get("", about.aboutList, (req, res) => list(ctx, req, res)),
    get("/:id", about.aboutShow, (req, res) => show(ctx, req, res)),
    post("/:id/parts", about.aboutUpload, (req, res) => upload(ctx, req, res)),
    get("/:id/preview", about.aboutPreview, (req, res) => preview(ctx, req, res)),
    post(
      "/:id/check",
      about.aboutCheck,
      change(ctx, wire.checkBody, (own, body) => commands.check(db, own, body)),
    ),
    post(
      "/:id/start",
      about.aboutStart,
      change(ctx, wire.startBody, (own, body, res) =>
        commands.start(db, own, entryOf(res, own, "start", body), body),
      ),
    ),
    post(
      "/:id/cancel",
      about.aboutCancel,
      change(ctx, nothing, (own, _, res) => commands.cancel(db, own, entryOf(res, own, "cancel"))),
    ),
    post(
      "/:id/undo",
      about.aboutUndo,
      change(ctx, nothing, (own, _, res) => commands.undo(db, own, entryOf(res, own, "undo"))),
    ),
    get("/:id/faults", about.aboutFaults, (req, res) => showFaults(ctx, req, res)),
    get("/:id/rows", about.aboutRows, (req, res) => showRows(ctx, req, res)),
  ];
}

function entryOf(res: Response, { importId: id }: Own, verb: string, after?: object) {
  const object = { kind: "import", id };
  return entryBy(res, { action: `import.${verb}`, object, ...(after && { after }) });
}

/** A key that is bound to agents or to mandates has to do with none but those. */
function tenantOf(res: Response): string {
  const caller = callerOf(res);
  const fault = mayAct(caller, { agentId: undefined, mandateId: undefined });
  if (fault) throw problemOf(fault);
  return caller.tenantId;
}

function ownOf(req: Request, res: Response): Own {
  const importId = readPathId(req, "UNKNOWN_IMPORT");
  return { tenantId: tenantOf(res), importId };
}

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, wire.importBody);
  const tenantId = tenantOf(res);
  const asked = { tenantId, route: "/v1/imports", key: needIdempotencyKey(req), body };
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, importId) => {
    if ((await store.countOpen(tx, tenantId)) >= openMax) return new Problem("TOO_MANY_IMPORTS");
    await store.insertImport(tx, { importId, tenantId, ...body, actor: callerOf(res).actor });
    await record(tx, entryOf(res, { tenantId, importId }, "create", body));
    return undefined;
  });
  const made = await afterWrite(commands.readImport(ctx.db, { tenantId, importId: id }));
  sendJson(res, 201, JSON.stringify(views.viewOf(made)), ["Idempotent-Replayed", String(replayed)]);
}

const openMax = 5;

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const query = readQueryBy(req, wire.listQuery);
  const tenantId = tenantOf(res);
  const readRows = (page: Page) =>
    transact(db, "list_imports", (tx) => store.listImports(tx, tenantId, page, query), {
      readOnly: true,
    });
  const idOf = ({ importId }: Import): string => importId;
  await sendList(res, pageOf(query), readRows, { idOf, shape: views.viewOf });
}

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const it = await commands.readImport(db, ownOf(req, res));
  sendJson(res, 200, JSON.stringify(views.viewOf(it)));
}

async function upload({ db }: Context, req: Request, res: Response): Promise<void> {
  const { at } = readQueryBy(req, wire.uploadQuery);
  const own = ownOf(req, res);
  const bytes = await readCsvBytes(req, res, uploadBytesMax);
  await commands.upload(db, own, at, bytes);
  const it = await afterWrite(commands.readImport(db, own));
  sendJson(res, 200, JSON.stringify(views.viewOf(it)));
}

async function preview({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const it = await commands.readImport(db, ownOf(req, res));
  const { delimiter, headers, rows, suggested } = await commands.previewOf(db, it);
  const data = rows.map(({ cells }) => cells);
  const fields = views.viewOfFields(it.kind);
  const view = { delimiter, headers, data, fields, suggested };
  sendJson(res, 200, JSON.stringify(view));
}

/** Answered with the import as it is after it. */
function change<Shape extends z.ZodType<object>>(
  { db }: Context,
  schema: Shape,
  work: (own: Own, body: z.infer<Shape>, res: Response) => Promise<void>,
): Route["handle"] {
  return async (req, res) => {
    readQuery(req, []);
    const own = ownOf(req, res);
    const body = await readBody(req, res, schema);
    await work(own, body, res);
    const it = await afterWrite(commands.readImport(db, own));
    sendJson(res, 200, JSON.stringify(views.viewOf(it)));
  };
}

const rowsAtOnce = 500;

async function showFaults({ db }: Context, req: Request, res: Response): Promise<void> {
  const query = readQueryBy(req, wire.faultsQuery);
  const own = ownOf(req, res);
  const it = await commands.readImport(db, own);
  const pass = it.startedAt ? "import" : "check";
  const { format, after = 0 } = query;
  const read = (from: number, limit: number) =>
    transact(
      db,
      "list_import_faults",
      (tx) => listFaults(tx, own.importId, pass, { after: from, limit }),
      { readOnly: true },
    );
  const headers = await headersOf(db, it);
  if (format === "csv") {
    const columns = [...views.faultColumns, ...headers];
    const name = `import-${own.importId}-bad-rows`;
    await sendCsv(res, { name, columns }, pagesOf(read, after, views.linesOf));
    return;
  }
  const limit = limitOf(query);
  const rows = await read(after, limit + 1);
  const data = rows.slice(0, limit);
  const nextAfter = rows.length > limit ? (data.at(-1)?.row ?? null) : null;
  sendJson(res, 200, JSON.stringify({ data, headers, nextAfter }));
}

/** The file may be gone, or none: then the cells have no names. */
async function headersOf(db: Context["db"], it: Import): Promise<readonly string[]> {
  if (it.bytes === 0 || it.fileGone) return [];
  try {
    return (await commands.previewOf(db, it, it.delimiter ?? undefined)).headers;
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

async function showRows({ db }: Context, req: Request, res: Response): Promise<void> {
  const query = readQueryBy(req, wire.rowsQuery);
  const own = ownOf(req, res);
  await commands.readImport(db, own);
  const { format, undo, after = 0 } = query;
  const read = (from: number, limit: number) =>
    transact(
      db,
      "list_import_rows",
      (tx) => listMade(tx, own.importId, { after: from, limit, undo }),
      { readOnly: true },
    );
  if (format === "csv") {
    const file = { name: `import-${own.importId}-rows`, columns: views.rowColumns };
    await sendCsv(
      res,
      file,
      pagesOf(read, after, (row) => [views.lineOfMade(row)]),
    );
    return;
  }
  const limit = limitOf(query);
  const rows = await read(after, limit + 1);
  const data = rows.slice(0, limit).map(({ objectId: id, ...row }) => ({ ...row, id }));
  const nextAfter = rows.length > limit ? (data.at(-1)?.row ?? null) : null;
  sendJson(res, 200, JSON.stringify({ data, nextAfter }));
}

async function* pagesOf<Row extends { readonly row: number }>(
  read: (after: number, limit: number) => Promise<Row[]>,
  after: number,
  linesOf: (row: Row) => Cell[][],
): AsyncGenerator<Cell[][]> {
  for (let from = after; ;) {
    const rows = await read(from, rowsAtOnce);
    yield rows.flatMap(linesOf);
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtOnce) return;
    from = last.row;
  }
}
