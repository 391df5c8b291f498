import type { Request, Response } from "express";
import type { z } from "zod";
import { record } from "../audit/record.ts";
import { mayAct, type Caller } from "../auth/caller.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf, problemOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { transact, type Tx } from "../db/transact.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody } from "../http/body.ts";
import { commandOnce, readCommandKey } from "../http/command-once.ts";
import { createOnce } from "../http/create-once.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { pageOf, sendList } from "../http/list.ts";
import {
  findNamed,
  knowsTimeZone,
  mandateBody,
  problemOfNamed,
  rulesBody,
  rulesOf,
  type RulesBody,
} from "../http/new-mandate.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import { needIdempotencyKey } from "../http/request-keys.ts";
import { routesUnder, type Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { nothing } from "../http/shapes.ts";
import { leaveEvent } from "../kernel/command-events.ts";
import type { Beside, CommandResult } from "../kernel/gate.ts";
import * as commands from "../kernel/mandate-commands.ts";
import { openMandatesIn } from "../kernel/openings.ts";
import { releaseHolds } from "../kernel/release-holds.ts";
import * as about from "./about.ts";
import { constraintsOf } from "./constraints.ts";
import * as store from "./store.ts";
import * as views from "./views.ts";
import * as wire from "./wire.ts";

export function mandateRoutes(ctx: Context): readonly Route[] {
  const { db } = ctx;
  const { get, post } = routesUnder("/v1/mandates", {
    read: "mandates:read",
    write: "mandates:write",
  });
  return [
    post("", about.aboutCreate, (req, res) => create(ctx, req, res)),
    get("", about.aboutList, (req, res) => list(ctx, req, res)),
    get("/:id", about.aboutShow, (req, res) => show(ctx, req, res)),
    get("/:id/constraints", about.aboutConstraints, (req, res) => showConstraints(ctx, req, res)),
    post(
      "/:id/pause",
      about.aboutPause,
      change(ctx, "pause", nothing, (it, _, beside) => commands.pauseMandate(db, it, beside)),
    ),
    post(
      "/:id/activate",
      about.aboutActivate,
      change(ctx, "activate", nothing, (it, _, beside) => commands.activateMandate(db, it, beside)),
    ),
    post(
      "/:id/revoke",
      about.aboutRevoke,
      change(
        ctx,
        "revoke",
        wire.revokeBody,
        (it, _, beside) => commands.revokeMandate(db, it, beside),
        (it, body) => giveBack(ctx, it, body),
      ),
    ),
    post(
      "/:id/cap",
      about.aboutCap,
      change(ctx, "cap", wire.capBody, (it, { capMinor }, beside) =>
        commands.setCap(db, { ...it, capMinor: BigInt(capMinor) }, beside),
      ),
    ),
    post(
      "/:id/top-up",
      about.aboutTopUp,
      change(ctx, "top-up", wire.topUpBody, (it, { amountMinor }, beside) =>
        commands.topUp(db, { ...it, amountMinor: BigInt(amountMinor) }, beside),
      ),
    ),
    post(
      "/:id/reshard",
      about.aboutReshard,
      change(ctx, "reshard", wire.reshardBody, (it, { buckets }, beside) =>
        commands.reshardMandate(db, { ...it, buckets }, beside),
      ),
    ),
    post(
      "/:id/rules",
      about.aboutRules,
      change(ctx, "rules", rulesBody, (it, body, beside) => setRules(ctx, it, body, beside)),
    ),
  ];
}

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  const caller = callerOf(res);
  const { tenantId } = caller;
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, mandateBody);
  const asked = { tenantId, route: "/v1/mandates", key: needIdempotencyKey(req), body };
  checkBounds(caller, undefined);
  await checkTimeZone(ctx, body);
  const { name, currency, capMinor, buckets } = body;
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, mandateId) => {
    const problem = await problemOfLists(tx, tenantId, body);
    if (problem) return problem;
    const mandate = {
      mandateId,
      tenantId,
      name,
      currency,
      capMinor: BigInt(capMinor),
      ...rulesOf(body),
      ...(buckets !== undefined && { buckets }),
    };
    await openMandatesIn(tx, [mandate]);
    await leaveEvent(tx, ctx.db, { tenantId, kind: "mandate.created", subjectId: mandateId });
    const object = { kind: "mandate", id: mandateId };
    await record(tx, entryBy(res, { action: "mandate.create", object, after: body }));
    return undefined;
  });
  const view = JSON.stringify(await afterWrite(read(ctx, id, tenantId)));
  sendJson(res, 201, view, ["Idempotent-Replayed", String(replayed)]);
}

/** A key that is bound to agents changes no mandate, one that is bound to mandates only those. */
function checkBounds(caller: Caller, mandateId: string | undefined): void {
  const fault = mayAct(caller, { agentId: undefined, mandateId });
  if (fault) throw problemOf(fault);
}

function checkMandate(caller: Caller, mandateId: string | undefined): void {
  checkBounds({ ...caller, agentIds: null }, mandateId);
}

async function checkTimeZone({ db }: Context, { timeZone }: RulesBody): Promise<void> {
  if (timeZone === undefined || (await knowsTimeZone(db, timeZone))) return;
  const detail = "is no time zone that this server knows";
  const errors = [{ pointer: "/timeZone", code: "INVALID_VALUE", detail }];
  throw new Problem("VALIDATION_FAILED", `/timeZone ${detail}.`, { errors });
}

async function problemOfLists(
  tx: Tx,
  tenantId: string,
  body: RulesBody,
): Promise<Problem | undefined> {
  const { allowedMerchants: merchants = [], allowedItems: items = [] } = body;
  if (merchants.length + items.length === 0) return undefined;
  return problemOfNamed(tenantId, body, await findNamed(tx, { merchants, items }));
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const caller = callerOf(res);
  checkMandate(caller, undefined);
  const query = readQueryBy(req, wire.listQuery);
  const read = async (page: Page, tx: Tx) => {
    const mandates = await store.listMandates(tx, caller.tenantId, page, query);
    const ids = mandates.map(({ mandateId }) => mandateId);
    const money = await store.moneyOf(tx, ids);
    return mandates.map((one) => ({ ...one, money: money.get(one.mandateId) ?? store.noMoney }));
  };
  const readRows = (page: Page) =>
    transact(db, "list_mandates", (tx) => read(page, tx), { readOnly: true });
  const idOf = ({ mandateId }: store.Mandate): string => mandateId;
  const shape = ({ money, ...mandate }: store.Mandate & { money: store.Money }) =>
    views.viewOfMandate(mandate, money);
  await sendList(res, pageOf(query), readRows, { idOf, shape });
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_MANDATE");
  checkMandate(callerOf(res), id);
  sendJson(res, 200, JSON.stringify(await read(ctx, id, callerOf(res).tenantId)));
}

interface Subject {
  readonly tenantId: string;
  readonly mandateId: string;
}

/** What counts twice when it is done twice: these need a key, the others may have one. */
const counting: readonly string[] = ["top-up"];

/** A command by its body: answered with the mandate as it is after it. */
function change<Shape extends z.ZodType<object>>(
  ctx: Context,
  verb: string,
  schema: Shape,
  command: (it: Subject, body: z.infer<Shape>, beside: Beside) => Promise<CommandResult>,
  after?: (it: Subject, body: z.infer<Shape>) => Promise<void>,
): Route["handle"] {
  return async (req, res) => {
    readQuery(req, []);
    readIdempotencyKey(req);
    const mandateId = readPathId(req, "UNKNOWN_MANDATE");
    const caller = callerOf(res);
    const { tenantId } = caller;
    const body = await readBody(req, res, schema);
    const key = readCommandKey(req, counting.includes(verb));
    checkBounds(caller, mandateId);
    const object = { kind: "mandate", id: mandateId };
    const route = `/v1/mandates/${mandateId}/${verb}`;
    const what = { action: `mandate.${verb}`, object, route, body, key };
    const { replayed } = await commandOnce(ctx.db, res, what, (beside) =>
      command({ tenantId, mandateId }, body, beside),
    );
    await after?.({ tenantId, mandateId }, body);
    const view = JSON.stringify(await afterWrite(read(ctx, mandateId, tenantId)));
    sendJson(res, 200, view, ["Idempotent-Replayed", String(replayed)]);
  };
}

/** Once it is revoked, and again with a repeat: what a first time left held is given back then. */
async function giveBack(
  { db, kernel }: Context,
  it: Subject,
  { releaseHolds: wanted }: wire.RevokeBody,
): Promise<void> {
  if (wanted === true) await releaseHolds(kernel, db, it);
}

async function setRules(
  ctx: Context,
  it: Subject,
  body: RulesBody,
  beside: Beside,
): Promise<CommandResult> {
  await checkTimeZone(ctx, body);
  const problem = await transact(
    ctx.db,
    "check_rules",
    (tx) => problemOfLists(tx, it.tenantId, body),
    { readOnly: true },
  );
  if (problem) throw problem;
  return commands.setRules(ctx.db, { ...it, rules: rulesOf(body) }, beside);
}

async function showConstraints(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_MANDATE");
  const caller = callerOf(res);
  checkMandate(caller, id);
  const { mandate, left } = await find(ctx, id, caller.tenantId);
  sendJson(res, 200, JSON.stringify({ data: constraintsOf(mandate, left) }));
}

async function read(ctx: Context, id: string, tenantId: string): Promise<wire.WholeMandateView> {
  const { mandate, left, heldMinor } = await find(ctx, id, tenantId);
  return views.viewOfWholeMandate(mandate, left, heldMinor);
}

async function find({ db }: Context, id: string, tenantId: string) {
  const found = await transact(
    db,
    "read_mandate",
    async (tx) => {
      const mandate = await store.findMandate(tx, id);
      if (mandate?.tenantId !== tenantId) return { mandate };
      const { heldMinor } = (await store.moneyOf(tx, [id])).get(id) ?? store.noMoney;
      return { mandate, left: await store.leftOf(tx, id), heldMinor };
    },
    { readOnly: true },
  );
  if (!found.mandate) throw new Problem("UNKNOWN_MANDATE");
  if (found.left === undefined) throw new Problem("FORBIDDEN");
  const { mandate, left, heldMinor } = found;
  return { mandate, left, heldMinor };
}
