import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import { agentRoutes } from "../agents/routes.ts";
import { auditRoutes } from "../audit/routes.ts";
import type { Caller } from "../auth/caller.ts";
import { knownCallerOf, requireCaller } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { docsRoutes } from "../docs/routes.ts";
import { entranceRoutes } from "../entrance/routes.ts";
import { holdRoutes } from "../holds/routes.ts";
import { importRoutes } from "../imports/routes.ts";
import { instanceRoutes } from "../instance/routes.ts";
import { itemRoutes } from "../items/routes.ts";
import { keyRoutes } from "../keys/routes.ts";
import { ledgerRoutes } from "../ledger/routes.ts";
import { mandateRoutes } from "../mandates/routes.ts";
import { merchantRoutes } from "../merchants/routes.ts";
import { overviewRoutes } from "../overview/routes.ts";
import { organisationRoutes } from "../organisation/routes.ts";
import { peopleRoutes } from "../people/routes.ts";
import { purchaseRoutes } from "../purchases/routes.ts";
import { requestRoutes } from "../requests/routes.ts";
import { runRoutes } from "../runs/routes.ts";
import { sandboxRoutes } from "../sandbox/routes.ts";
import { streamRoutes } from "../stream/routes.ts";
import { summaryRoutes } from "../summaries/routes.ts";
import { usageRoutes } from "../usage/routes.ts";
import { sessionRoutes } from "../sessions/routes.ts";
import { webhookRoutes } from "../webhooks/routes.ts";
import { announceChanges } from "./announce-changes.ts";
import { serveConsole } from "./console.ts";
import { healthRoutes } from "./health.ts";
import { lastWord } from "./last-word.ts";
import { limitCalls, WrongKeys } from "./limit-calls.ts";
import { nearPath } from "./near-path.ts";
import { problemPages } from "./problem-pages.ts";
import { Problem } from "./problem.ts";
import { referenceRoutes } from "./reference-routes.ts";
import type { Route } from "./route.ts";
import { sendNothing } from "./send.ts";
import { enter, visitOf } from "./visit.ts";

/** Every path there is. A noun adds its line here. */
export function routesOf(ctx: Context): readonly Route[] {
  const routes = [
    ...healthRoutes(ctx),
    ...sandboxRoutes(ctx),
    ...purchaseRoutes(ctx),
    ...holdRoutes(ctx),
    ...merchantRoutes(ctx),
    ...itemRoutes(ctx),
    ...mandateRoutes(ctx),
    ...agentRoutes(ctx),
    ...importRoutes(ctx),
    ...ledgerRoutes(ctx),
    ...summaryRoutes(ctx),
    ...overviewRoutes(ctx),
    ...usageRoutes(ctx),
    ...runRoutes(ctx),
    ...streamRoutes(ctx),
    ...keyRoutes(ctx),
    ...auditRoutes(ctx),
    ...webhookRoutes(ctx),
    ...requestRoutes(ctx),
    ...entranceRoutes(ctx),
    ...sessionRoutes(ctx),
    ...organisationRoutes(ctx),
    ...peopleRoutes(ctx),
    ...instanceRoutes(ctx),
    ...problemPages,
  ];
  const all = [...routes, ...docsRoutes(routes)];
  return [...all, ...referenceRoutes(all)];
}

export function makeApp(ctx: Context, whenAnswered?: WhenAnswered): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", false);
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.use(enter(ctx));
  if (whenAnswered) app.use(afterwards(whenAnswered));
  const routes = routesOf(ctx);
  const wrongKeys = new WrongKeys(ctx);
  for (const route of routes) {
    const { method, path, needs, handle } = route;
    const name = (req: Request, res: Response, next: () => void): void => {
      const visit = visitOf(res);
      visit.route = path;
      if (req.params.id !== undefined) visit.subjectId = idIn(req.params.id.toString());
      next();
    };
    const guard =
      needs === "nothing" ? [] : [wrongKeys.hold, requireCaller(ctx, needs), wrongKeys.count];
    const watched = announceChanges(ctx, route);
    app[method](path, name, ...guard, ...limitCalls(ctx, route), ...watched, handle);
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    app.all(path, otherMethod(routes, path));
  }
  app.use(serveConsole());
  const paths = [...new Set(routes.map(({ path }) => path))];
  app.use((req) => {
    if (req.method === "TRACE") throw notAllowed("GET, HEAD, POST, OPTIONS");
    const meant = nearPath(req.path, paths);
    throw new Problem("NOT_FOUND", meant && `There is no such path. Did you mean ${meant}?`);
  });
  app.use(lastWord(ctx.log));
  return app;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const keyId = /^[0-9A-Za-z]{22}$/;

/** What else stands in a path is nobody's name. */
function idIn(text: string): string | null {
  if (uuid.test(text)) return text.toLowerCase();
  return keyId.test(text) ? text : null;
}

/** Told of each answered request of somebody known, when it is over. */
export type WhenAnswered = (req: Request, res: Response, caller: Caller) => void;

function afterwards(whenAnswered: WhenAnswered): RequestHandler {
  return (req, res, next) => {
    res.once("close", () => {
      const caller = knownCallerOf(res);
      if (caller) whenAnswered(req, res, caller);
    });
    next();
  };
}

function otherMethod(routes: readonly Route[], path: string) {
  const there = routes.filter((route) => route.path === path).map(({ method }) => method);
  const allow: string[] = there.map((method) => method.toUpperCase());
  if (there.includes("get")) allow.push("HEAD");
  const allowed = [...allow, "OPTIONS"].join(", ");
  return (req: Request, res: Response): void => {
    visitOf(res).route = path;
    if (req.method !== "OPTIONS") throw notAllowed(allowed);
    sendNothing(res, ["Allow", allowed]);
  };
}

function notAllowed(allowed: string): Problem {
  return new Problem("METHOD_NOT_ALLOWED", undefined, { headers: ["Allow", allowed] });
}
