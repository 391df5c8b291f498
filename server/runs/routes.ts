import { randomInt } from "node:crypto";
import type { Request, Response } from "express";
import { record } from "../audit/record.ts";
import { entryBy } from "../auth/entry-by.ts";
import { mayUse } from "../auth/caller.ts";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { transact } from "../db/transact.ts";
import { afterWrite } from "../http/after-write.ts";
import { readBody } from "../http/body.ts";
import { createOnce } from "../http/create-once.ts";
import { readIdempotencyKey } from "../http/idempotency-key.ts";
import { readPage, sendList } from "../http/list.ts";
import { readPathId } from "../http/path-id.ts";
import { Problem } from "../http/problem.ts";
import { readQuery } from "../http/query.ts";
import { needIdempotencyKey } from "../http/request-keys.ts";
import type { Route } from "../http/route.ts";
import { retryAfter } from "../http/send-answer.ts";
import { sendJson } from "../http/send.ts";
import { nothing } from "../http/shapes.ts";
import * as about from "./about.ts";
import { askToStop, countQueued, findRun, insertRun, listRuns, type Run } from "./store.ts";
import { lineOfRun, runBody, viewOfRun, type RunBody } from "./wire.ts";

export function runRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/runs",
      needs: "runs:write",
      about: about.aboutCreate,
      handle: (req, res) => create(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/runs",
      needs: "runs:read",
      about: about.aboutList,
      handle: (req, res) => list(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/runs/:id",
      needs: "runs:read",
      about: about.aboutShow,
      handle: (req, res) => show(ctx, req, res),
    },
    {
      method: "post",
      path: "/v1/runs/:id/stop",
      needs: "runs:write",
      about: about.aboutStop,
      handle: (req, res) => stop(ctx, req, res),
    },
  ];
}

/** Each is a minute of the machine's time, or two. */
const queuedMax = { own: 5, all: 20 };

async function create(ctx: Context, req: Request, res: Response): Promise<void> {
  const { tenantId, actor } = callerOf(res);
  readQuery(req, []);
  readIdempotencyKey(req);
  const body = await readBody(req, res, runBody);
  const asked = { tenantId, route: "/v1/runs", key: needIdempotencyKey(req), body };
  checkFaults(ctx, res, body);
  const sizes = sizesOf(body);
  const faults = body.faults === undefined ? null : JSON.stringify(body.faults);
  const { id, replayed } = await createOnce(ctx.db, asked, async (tx, runId) => {
    const queued = await countQueued(tx, tenantId);
    if (queued.own >= queuedMax.own || queued.all >= queuedMax.all) return tooMany();
    const startedBy = `${actor.kind}:${actor.id}`;
    await insertRun(tx, { runId, tenantId, ...sizes, faults, startedBy });
    const object = { kind: "run", id: runId };
    await record(
      tx,
      entryBy(res, { action: "run.create", object, after: { ...sizes, faults: body.faults } }),
    );
    return undefined;
  });
  ctx.live.change(tenantId, "runs", id);
  ctx.runs.nudge();
  const view = JSON.stringify(viewOfRun(await afterWrite(read(ctx, id, tenantId))));
  sendJson(res, 201, view, ["Idempotent-Replayed", String(replayed)]);
}

/** They touch the run's own connections only, and yet take the machine's time: so not for everybody. */
function checkFaults({ config, db }: Context, res: Response, { faults }: RunBody): void {
  if (faults === undefined) return;
  if (config.runFaults === "0") {
    throw new Problem(
      "FORBIDDEN",
      "This server does no faults: set ZERORACE_RUN_FAULTS=1 for them.",
    );
  }
  if (mayUse(callerOf(res), "instance:write") !== undefined) {
    throw new Problem("FORBIDDEN", "Faults are for the instance operator, signed in as a person.");
  }
  if (faults.homeAway === true && db.place.endpoints.length < 2) {
    const says = "must be left out: this database has one endpoint only";
    const errors = [{ pointer: "/faults/homeAway", code: "INVALID_VALUE", detail: says }];
    throw new Problem("VALIDATION_FAILED", undefined, { errors });
  }
}

function sizesOf({ agents, units, ...given }: RunBody) {
  const { mandates = Math.min(agents, 1_000), concurrency = 2_000, duplicatePercent = 1 } = given;
  const { seed = randomInt(2 ** 31) } = given;
  return { agents, units, mandates, concurrency, duplicatePercent, seed };
}

function tooMany(): Problem {
  return new Problem("TOO_MANY_RUNS", undefined, { headers: retryAfter(30) });
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  const readRows = (page: Page) =>
    transact(db, "list_runs", (tx) => listRuns(tx, tenantId, page), { readOnly: true });
  const idOf = ({ runId }: Run): string => runId;
  await sendList(res, readPage(req), readRows, { idOf, shape: lineOfRun });
}

async function show(ctx: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  const id = readPathId(req, "UNKNOWN_RUN");
  const run = await read(ctx, id, callerOf(res).tenantId);
  sendJson(res, 200, JSON.stringify(viewOfRun(run)));
}

async function stop(ctx: Context, req: Request, res: Response): Promise<void> {
  const { tenantId } = callerOf(res);
  readQuery(req, []);
  const runId = readPathId(req, "UNKNOWN_RUN");
  await readBody(req, res, nothing);
  const work = async (tx: Parameters<typeof findRun>[0]): Promise<void> => {
    const run = ownRun(await findRun(tx, runId), tenantId);
    if (run instanceof Problem || run.endedAt !== null || run.isStopping) return;
    await askToStop(tx, runId);
    const object = { kind: "run", id: runId };
    await record(tx, entryBy(res, { action: "run.stop", object, before: { state: run.state } }));
  };
  await transact(ctx.db, "stop_run", work, { recalls: true });
  const run = await read(ctx, runId, tenantId);
  ctx.live.change(tenantId, "runs", runId);
  ctx.runs.nudge();
  sendJson(res, 200, JSON.stringify(viewOfRun(run)));
}

async function read({ db }: Context, runId: string, tenantId: string): Promise<Run> {
  const found = await transact(db, "read_run", (tx) => findRun(tx, runId), { readOnly: true });
  const run = ownRun(found, tenantId);
  if (run instanceof Problem) throw run;
  return run;
}

/** A Problem is never thrown inside a transaction: it would be taken for a broken connection. */
function ownRun(run: Run | undefined, tenantId: string): Run | Problem {
  if (!run) return new Problem("UNKNOWN_RUN");
  return run.tenantId === tenantId ? run : new Problem("FORBIDDEN");
}
