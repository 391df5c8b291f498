import type { Request, Response } from "express";
import { callerOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { ExhaustedError } from "../db/faults.ts";
import { sendCsv } from "../http/csv.ts";
import { Problem } from "../http/problem.ts";
import { readQuery, readQueryBy } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { readCallers } from "./by-caller.ts";
import { rollUp } from "./roll-up.ts";
import { readToday, readUsage } from "./store.ts";
import { readTodaysSales } from "./today.ts";
import * as wire from "./wire.ts";

export function usageRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/usage",
      needs: "usage:read",
      about: {
        summary: "Count what was asked, by day",
        says: "Days are counted in UTC, from the asks themselves and up to now; `replays` come up to 5 seconds late, and a process that is killed loses those of its last 5 seconds. 366 days at most. `format=csv` answers with the same as a file.",
        query: wire.usageQuery,
        answers: { 200: wire.usageView },
        csv: true,
        problems: ["VALIDATION_FAILED", "TAKES_TOO_LONG"],
      },
      handle: (req, res) => show(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/usage/callers",
      needs: "usage:read",
      about: {
        summary: "Count what was asked, by caller",
        says: "Who sent the asks of some days in UTC, by key or person: counted from the asks themselves, up to now. Replays are not told apart by caller. What cannot be read in 5 seconds is for fewer days.",
        query: wire.callersQuery,
        answers: { 200: wire.callersView },
        problems: ["VALIDATION_FAILED", "TAKES_TOO_LONG"],
      },
      handle: (req, res) => showCallers(ctx, req, res),
    },
    {
      method: "get",
      path: "/v1/usage/today",
      needs: "usage:read",
      about: {
        summary: "Sum up today",
        says: "What the running day in UTC brought, why asks of it were declined, and how long answers took.",
        answers: { 200: wire.todayView },
        problems: ["TAKES_TOO_LONG"],
      },
      handle: (req, res) => showToday(ctx, req, res),
    },
  ];
}

const dayMs = 86_400_000;
const daysDefault = 30;
const patienceMs = 5_000;

async function show({ db }: Context, req: Request, res: Response): Promise<void> {
  const { format, ...asked } = readQueryBy(req, wire.usageQuery);
  const { tenantId } = callerOf(res);
  const to = asked.to ?? (await readToday(db));
  const from = asked.from ?? daysBefore(to, daysDefault - 1);
  checkSpan(from, to);
  // Nobody has looked for long, and there is much to count: what is counted by now stays counted.
  if (!(await rollUp(db, tenantId, { deadlineAt: performance.now() + patienceMs }))) {
    const says = "There is much to count since this was last asked for: ask again to count on.";
    throw new Problem("TAKES_TOO_LONG", says);
  }
  const view = wire.viewOf(await readUsage(db, tenantId, { from, to }), from, to);
  if (format !== "csv") {
    sendJson(res, 200, JSON.stringify(view));
    return;
  }
  const pages = async function* () {
    yield view.data.map(wire.cellsOf);
  };
  await sendCsv(res, { name: `usage-${from}-${to}`, columns: wire.columns }, pages());
}

async function showCallers({ db }: Context, req: Request, res: Response): Promise<void> {
  const asked = readQueryBy(req, wire.callersQuery);
  const to = asked.to ?? (await readToday(db));
  const from = asked.from ?? daysBefore(to, daysDefault - 1);
  checkSpan(from, to);
  try {
    const rows = await readCallers(db, callerOf(res).tenantId, { from, to });
    sendJson(res, 200, JSON.stringify(wire.viewOfCallers(rows, from, to)));
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "Ask for fewer days: these hold too many asks.");
  }
}

async function showToday({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  try {
    const today = await readTodaysSales(db, callerOf(res).tenantId);
    sendJson(res, 200, JSON.stringify(wire.viewOfToday(today, new Date())));
  } catch (error) {
    if (!(error instanceof ExhaustedError)) throw error;
    throw new Problem("TAKES_TOO_LONG", "Today could not be summed up in 5 seconds.");
  }
}

function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * dayMs).toISOString().slice(0, 10);
}

function checkSpan(from: string, to: string): void {
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  if (days >= 1 && days <= wire.daysMax) return;
  const detail = `must be 1 to ${wire.daysMax} days after from`;
  const errors = [{ pointer: "to", code: "INVALID_VALUE", detail }];
  throw new Problem("VALIDATION_FAILED", `to ${detail}.`, { errors });
}
