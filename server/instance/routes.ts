import type { Request, Response } from "express";
import { instanceChain } from "../audit/instance-chain.ts";
import { noteReplay } from "../audit/note-replay.ts";
import { record } from "../audit/record.ts";
import { entryBy } from "../auth/entry-by.ts";
import { callerOf, sessionOf } from "../auth/require-caller.ts";
import { assert } from "../base/assert.ts";
import { describeConfig, environment } from "../base/config.ts";
import { readVersion } from "../base/version.ts";
import type { Context } from "../context.ts";
import type { Page } from "../db/page.ts";
import { transact, type Tx } from "../db/transact.ts";
import { readBody } from "../http/body.ts";
import { pageQuery, readPage, sendList } from "../http/list.ts";
import { readPathId } from "../http/path-id.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { nothing } from "../http/shapes.ts";
import { visitOf } from "../http/visit.ts";
import { readBacklog } from "../outbox/backlog.ts";
import { listParked, replayParked } from "../outbox/parked.ts";
import { reopen, suspend } from "../tenants/suspend.ts";
import { lookAround } from "./look.ts";
import { listOrganisations, readOrganisation } from "./store.ts";
import {
  healthView,
  instanceView,
  organisationView,
  organisationsView,
  parkedView,
  replayBody,
  replayedView,
  settingsView,
  suspendBody,
  viewOfHealth,
  viewOfOrganisation,
  viewOfParked,
  viewOfSettings,
  type InstanceView,
} from "./wire.ts";

/** What only the instance operator sees: nothing of it is any tenant's business. */
export function instanceRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/instance",
      needs: "instance:read",
      about: {
        summary: "Show what this server is set to do",
        answers: { 200: instanceView },
      },
      handle(req, res) {
        readQuery(req, []);
        sendJson(res, 200, JSON.stringify(viewOf(ctx)));
      },
    },
    {
      method: "get",
      path: "/v1/instance/organisations",
      needs: "instance:read",
      about: {
        summary: "List all organisations",
        query: pageQuery,
        answers: { 200: organisationsView },
      },
      handle: (req, res) => list(ctx, req, res),
    },
    ...suspendRoutes(ctx),
    ...healthRoutes(ctx),
    ...parkedRoutes(ctx),
  ];
}

function healthRoutes(ctx: Context): readonly Route[] {
  const build = { version: readVersion(), startedAt: new Date() };
  return [
    {
      method: "get",
      path: "/v1/instance/health",
      needs: "instance:read",
      about: {
        summary: "Show how the installation does",
        says: "Line by line and in words: database, Redis, copies, workers, outbox, proof, indexes, disk.",
        answers: { 200: healthView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const view = viewOfHealth(await lookAround(ctx), build);
        sendJson(res, 200, JSON.stringify(view));
      },
    },
    {
      method: "get",
      path: "/v1/instance/settings",
      needs: "instance:read",
      about: {
        summary: "Show the settings of this server",
        says: "What is in force and where it comes from, as `zerorace config` shows it. Secrets are masked.",
        answers: { 200: settingsView },
      },
      handle(req, res) {
        readQuery(req, []);
        const shown = describeConfig(ctx.config, environment());
        sendJson(res, 200, JSON.stringify(viewOfSettings(shown)));
      },
    },
  ];
}

const parkedShown = 100;

function parkedRoutes({ db }: Context): readonly Route[] {
  return [
    {
      method: "get",
      path: "/v1/instance/parked-events",
      needs: "instance:read",
      about: {
        summary: "List the parked events",
        says: "Those that could not be told, however often it was tried, with the reason.",
        answers: { 200: parkedView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const [parked, backlog] = await Promise.all([listParked(db, parkedShown), readBacklog(db)]);
        const view = { data: parked.map(viewOfParked), total: backlog.parked };
        sendJson(res, 200, JSON.stringify(view));
      },
    },
    {
      method: "post",
      path: "/v1/instance/parked-events/replay",
      needs: "instance:write",
      about: {
        summary: "Have parked events told again",
        says: "One or all: they stand in the outbox as if they had just happened. One that was replayed before counts as none.",
        body: replayBody,
        answers: { 200: replayedView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const { eventId } = await readBody(req, res, replayBody);
        const object = { kind: "parked_events", id: eventId ?? "all" };
        const entry = entryBy(res, { action: "parked_events.replay", object });
        const noteOfTenants = noteReplay(entry.actor, eventId);
        const note = async (tx: Tx, byTenant: ReadonlyMap<string, number>): Promise<void> => {
          await noteOfTenants(tx, byTenant);
          const count = [...byTenant.values()].reduce((sum, one) => sum + one, 0);
          await record(tx, { ...entry, tenantId: instanceChain, after: { count } });
        };
        const replayed = await replayParked(db, { eventId, note });
        sendJson(res, 200, JSON.stringify({ replayed }));
      },
    },
  ];
}

function suspendRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/instance/organisations/:id/suspend",
      needs: "instance:write",
      about: {
        summary: "Suspend an organisation",
        says:
          "Its keys and its people are refused with `ORGANISATION_SUSPENDED`, at once here and within a second " +
          "on other servers; what was under way is decided. Nothing is deleted. Again, it replaces the reason.",
        body: suspendBody,
        answers: { 200: organisationView },
        problems: ["UNKNOWN_ORGANISATION", "OWN_ORGANISATION"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const { reason } = await readBody(req, res, suspendBody);
        const organisationId = readPathId(req, "UNKNOWN_ORGANISATION");
        const { organisationId: ownId } = sessionOf(res);
        await suspend(ctx.db, { organisationId, ownId, reason }, onBehalf(res));
        await sendChanged(ctx, res, organisationId);
      },
    },
    {
      method: "post",
      path: "/v1/instance/organisations/:id/reopen",
      needs: "instance:write",
      about: {
        summary: "Reopen an organisation",
        says: "Keys and sessions that were not ended meanwhile work again.",
        body: nothing,
        answers: { 200: organisationView },
        problems: ["UNKNOWN_ORGANISATION"],
      },
      async handle(req, res) {
        readQuery(req, []);
        await readBody(req, res, nothing);
        const organisationId = readPathId(req, "UNKNOWN_ORGANISATION");
        await reopen(ctx.db, organisationId, onBehalf(res));
        await sendChanged(ctx, res, organisationId);
      },
    },
  ];
}

async function sendChanged(ctx: Context, res: Response, id: string): Promise<void> {
  ctx.keyring.forget();
  ctx.sessions.forget();
  const read = { readOnly: true };
  const found = await transact(ctx.db, "read_organisation", (tx) => readOrganisation(tx, id), read);
  assert(found, "an organisation is never deleted");
  sendJson(res, 200, JSON.stringify(viewOfOrganisation(found)));
}

function onBehalf(res: Response) {
  const { ip, requestId } = visitOf(res);
  return { actor: callerOf(res).actor, ip, requestId };
}

function viewOf({ config, db }: Context): InstanceView {
  return { runFaults: config.runFaults === "1", regions: db.regions.all.map(({ name }) => name) };
}

async function list({ db }: Context, req: Request, res: Response): Promise<void> {
  const read = (page: Page) =>
    transact(db, "list_organisations", (tx) => listOrganisations(tx, page), { readOnly: true });
  const idOf = ({ organisationId }: { organisationId: string }): string => organisationId;
  await sendList(res, readPage(req), read, { idOf, shape: viewOfOrganisation });
}
