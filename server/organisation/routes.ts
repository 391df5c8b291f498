import { callerOf, sessionOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import { readOrganisation, renameOrganisation } from "../tenants/rename.ts";
import { ownOrganisationView, renameBody, viewOfOwn } from "./wire.ts";

export function organisationRoutes(ctx: Context): readonly Route[] {
  const { db, config } = ctx;
  return [
    {
      method: "get",
      path: "/v1/organisation",
      needs: "session:own",
      about: {
        summary: "Show one's organisation",
        says: "With the limits that it has here, and how long what is kept.",
        answers: { 200: ownOrganisationView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const found = await readOrganisation(db, sessionOf(res).organisationId);
        sendJson(res, 200, JSON.stringify(viewOfOwn(found, config)));
      },
    },
    {
      method: "post",
      path: "/v1/organisation/name",
      needs: "people:write",
      about: {
        summary: "Rename one's organisation",
        body: renameBody,
        answers: { 200: ownOrganisationView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const { name } = await readBody(req, res, renameBody);
        const { ip, requestId } = visitOf(res);
        const by = { actor: callerOf(res).actor, ip, requestId };
        const { organisationId } = sessionOf(res);
        const renamed = await renameOrganisation(db, organisationId, name, by);
        ctx.sessions.forget();
        sendJson(res, 200, JSON.stringify(viewOfOwn(renamed, config)));
      },
    },
  ];
}
