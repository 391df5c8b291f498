import type { Request, Response } from "express";
import type { OnBehalf } from "../auth/keys.ts";
import { callerOf, sessionOf } from "../auth/require-caller.ts";
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { readPathId } from "../http/path-id.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { nothing } from "../http/shapes.ts";
import { sendJson } from "../http/send.ts";
import { visitOf } from "../http/visit.ts";
import { changeRole, endSessionsOf, listMembers, removePerson, showMember } from "./members.ts";
import { invite, listInvitations, makeRecovery, revokeInvitation } from "./pass-on.ts";
import {
  founderBody,
  invitationBody,
  invitationsView,
  memberView,
  newInvitationView,
  peopleView,
  personView,
  recoveryBody,
  recoveryView,
  roleBody,
  rolesView,
  signedOutView,
  viewOfInvitation,
  viewOfMember,
  viewOfNewInvitation,
  viewOfPerson,
  viewOfRecovery,
  viewOfRoles,
} from "./wire.ts";

export function peopleRoutes(ctx: Context): readonly Route[] {
  return [
    ...lookRoutes(ctx),
    ...memberRoutes(ctx),
    signOutRoute(ctx),
    ...invitationRoutes(ctx),
    ...otherLinkRoutes(ctx),
  ];
}

function lookRoutes({ db, config }: Context): readonly Route[] {
  const { sessionIdleMinutes: idle } = config;
  return [
    {
      method: "get",
      path: "/v1/people",
      needs: "people:read",
      about: { summary: "List the people of the organisation", answers: { 200: peopleView } },
      async handle(req, res) {
        readQuery(req, []);
        const people = await listMembers(db, sessionOf(res).organisationId, idle);
        sendJson(res, 200, JSON.stringify({ data: people.map(viewOfMember) }));
      },
    },
    {
      method: "get",
      path: "/v1/people/:id",
      needs: "people:read",
      about: {
        summary: "Show a person",
        answers: { 200: memberView },
        problems: ["UNKNOWN_PERSON"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const personId = readPathId(req, "UNKNOWN_PERSON");
        const member = await showMember(db, personId, sessionOf(res), idle);
        sendJson(res, 200, JSON.stringify(viewOfMember(member)));
      },
    },
    {
      method: "get",
      path: "/v1/roles",
      needs: "session:own",
      about: {
        summary: "List what each role may do",
        says: "The scopes of each, as requests are held against them.",
        answers: { 200: rolesView },
      },
      handle(req, res) {
        readQuery(req, []);
        sendJson(res, 200, JSON.stringify(viewOfRoles()));
      },
    },
  ];
}

function memberRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/people/:id/role",
      needs: "people:write",
      about: {
        summary: "Give a person another role",
        body: roleBody,
        answers: { 200: personView },
        problems: ["UNKNOWN_PERSON", "LAST_OWNER"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const { role } = await readBody(req, res, roleBody);
        const personId = readPathId(req, "UNKNOWN_PERSON");
        const change = { personId, role, reach: sessionOf(res) };
        const person = await changeRole(ctx.db, change, onBehalf(res));
        ctx.sessions.forget();
        sendJson(res, 200, JSON.stringify(viewOfPerson(person)));
      },
    },
    {
      method: "post",
      path: "/v1/people/:id/remove",
      needs: "people:write",
      about: {
        summary: "Remove a person",
        says: "Ends the account and its sessions. The audit log goes on naming who it was.",
        body: nothing,
        answers: { 200: personView },
        problems: ["UNKNOWN_PERSON", "LAST_OWNER"],
      },
      async handle(req, res) {
        readQuery(req, []);
        await readBody(req, res, nothing);
        const personId = readPathId(req, "UNKNOWN_PERSON");
        const person = await removePerson(
          ctx.db,
          { personId, reach: sessionOf(res) },
          onBehalf(res),
        );
        ctx.sessions.forget();
        sendJson(res, 200, JSON.stringify(viewOfPerson(person)));
      },
    },
  ];
}

function signOutRoute(ctx: Context): Route {
  return {
    method: "post",
    path: "/v1/people/:id/sign-out",
    needs: "people:write",
    about: {
      summary: "Sign a person out",
      says: "Ends all sessions of the person. The password stays.",
      body: nothing,
      answers: { 200: signedOutView },
      problems: ["UNKNOWN_PERSON"],
    },
    async handle(req, res) {
      readQuery(req, []);
      await readBody(req, res, nothing);
      const personId = readPathId(req, "UNKNOWN_PERSON");
      const change = { personId, reach: sessionOf(res) };
      const ended = await endSessionsOf(ctx.db, change, onBehalf(res));
      ctx.sessions.forget();
      sendJson(res, 200, JSON.stringify({ ended }));
    },
  };
}

function invitationRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/invitations",
      needs: "people:write",
      about: {
        summary: "Invite somebody",
        says: "Answers with a link to pass on. A newer one for the same address ends the older.",
        body: invitationBody,
        answers: { 201: newInvitationView },
        problems: ["EMAIL_TAKEN"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const { email, role, expiresInHours: hours } = await readBody(req, res, invitationBody);
        const invitation = { into: sessionOf(res), email, role, hours };
        const made = await invite(ctx.db, invitation, onBehalf(res));
        sendJson(res, 201, JSON.stringify(viewOfNewInvitation(made, baseOf(ctx))));
      },
    },
    {
      method: "get",
      path: "/v1/invitations",
      needs: "people:read",
      about: { summary: "List the open invitations", answers: { 200: invitationsView } },
      async handle(req, res) {
        readQuery(req, []);
        const open = await listInvitations(ctx.db, sessionOf(res).organisationId);
        sendJson(res, 200, JSON.stringify({ data: open.map(viewOfInvitation) }));
      },
    },
    {
      method: "post",
      path: "/v1/invitations/:id/revoke",
      needs: "people:write",
      about: {
        summary: "Revoke an invitation",
        body: nothing,
        answers: { 200: nothing },
        problems: ["UNKNOWN_INVITATION"],
      },
      handle: (req, res) => revoke(ctx, req, res),
    },
  ];
}

function otherLinkRoutes(ctx: Context): readonly Route[] {
  return [
    {
      method: "post",
      path: "/v1/recoveries",
      needs: "people:write",
      about: {
        summary: "Make a link for a person to set a new password",
        says: "To pass on. Whoever runs the server gets one from its command line only.",
        body: recoveryBody,
        answers: { 201: recoveryView },
        problems: ["UNKNOWN_PERSON"],
      },
      async handle(req, res) {
        readQuery(req, []);
        const { personId } = await readBody(req, res, recoveryBody);
        const about = { personId, reach: sessionOf(res) };
        const made = await makeRecovery(ctx.db, about, onBehalf(res));
        sendJson(res, 201, JSON.stringify(viewOfRecovery(made, baseOf(ctx))));
      },
    },
    {
      method: "post",
      path: "/v1/instance/invitations",
      needs: "instance:write",
      about: {
        summary: "Invite somebody to found an organisation",
        says: "Answers with a link to pass on: who opens it names the organisation, and is its owner.",
        body: founderBody,
        answers: { 201: newInvitationView },
      },
      async handle(req, res) {
        readQuery(req, []);
        const { email } = await readBody(req, res, founderBody);
        const founder = { into: undefined, email, role: "owner" } as const;
        const made = await invite(ctx.db, founder, onBehalf(res));
        sendJson(res, 201, JSON.stringify(viewOfNewInvitation(made, baseOf(ctx))));
      },
    },
  ];
}

async function revoke({ db }: Context, req: Request, res: Response): Promise<void> {
  readQuery(req, []);
  await readBody(req, res, nothing);
  const linkId = readPathId(req, "UNKNOWN_INVITATION");
  await revokeInvitation(db, linkId, sessionOf(res), onBehalf(res));
  sendJson(res, 200, "{}");
}

function onBehalf(res: Response): OnBehalf {
  const { ip, requestId } = visitOf(res);
  return { actor: callerOf(res).actor, ip, requestId };
}

/** A page knows where it was loaded from; without the setting nobody else does. */
function baseOf({ config }: Context): string {
  return config.publicUrl ?? "";
}
