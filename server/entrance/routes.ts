import { sessionView } from "../auth/wire.ts";
import { readWayIn, sendEntry, visitorOf } from "../auth/way-in.ts";
import type { Context } from "../context.ts";
import { readQuery } from "../http/query.ts";
import type { Route } from "../http/route.ts";
import { sendJson } from "../http/send.ts";
import { claim } from "./claim.ts";
import { lookAtLink } from "./look-at-link.ts";
import { recover } from "./recover.ts";
import { signUp } from "./sign-up.ts";
import {
  claimBody,
  entranceView,
  linkBody,
  linkView,
  recoveryUseBody,
  signUpBody,
  viewOfLink,
  type EntranceView,
} from "./wire.ts";

const signsIn = "Answers with the new session, and sets its cookie.";

export function entranceRoutes(ctx: Context): readonly Route[] {
  return [
    aboutVisitors(ctx),
    aboutLink(ctx),
    {
      method: "post",
      path: "/v1/claim",
      needs: "nothing",
      limit: "sign-in",
      about: {
        summary: "Claim this instance",
        says: `With the token of the claim link, once: makes an organisation, its owner and instance operator. ${signsIn}`,
        body: claimBody,
        answers: { 201: sessionView },
        problems: ["LINK_NOT_VALID", "ALREADY_CLAIMED", "EMAIL_TAKEN", "CROSS_SITE_REQUEST"],
      },
      async handle(req, res) {
        const body = await readWayIn(req, res, claimBody);
        await sendEntry(ctx, res, 201, await claim(ctx, body, visitorOf(ctx, req, res)));
      },
    },
    {
      method: "post",
      path: "/v1/sign-up",
      needs: "nothing",
      limit: "sign-in",
      about: {
        summary: "Make an account",
        says: `By the token of an invitation, or without one where ZERORACE_SIGN_UP is open. ${signsIn}`,
        body: signUpBody,
        answers: { 201: sessionView },
        problems: [
          "SIGN_UP_CLOSED",
          "LINK_NOT_VALID",
          "EMAIL_TAKEN",
          "RATE_LIMITED",
          "CROSS_SITE_REQUEST",
        ],
      },
      async handle(req, res) {
        const body = await readWayIn(req, res, signUpBody);
        await sendEntry(ctx, res, 201, await signUp(ctx, body, visitorOf(ctx, req, res)));
      },
    },
    {
      method: "post",
      path: "/v1/recoveries/use",
      needs: "nothing",
      limit: "sign-in",
      about: {
        summary: "Set a new password by a link",
        says: `Ends all sessions of the person. ${signsIn}`,
        body: recoveryUseBody,
        answers: { 200: sessionView },
        problems: ["LINK_NOT_VALID", "CROSS_SITE_REQUEST"],
      },
      async handle(req, res) {
        const body = await readWayIn(req, res, recoveryUseBody);
        await sendEntry(ctx, res, 200, await recover(ctx, body, visitorOf(ctx, req, res)));
      },
    },
  ];
}

/** Before somebody types what a link that is over would not take. */
function aboutLink(ctx: Context): Route {
  return {
    method: "post",
    path: "/v1/links/look",
    needs: "nothing",
    about: {
      summary: "Show what a link is for",
      says: "Of the link to claim, to join or to set a new password whose token is sent. It stays unused.",
      body: linkBody,
      answers: { 200: linkView },
      problems: ["LINK_NOT_VALID", "ALREADY_CLAIMED", "CROSS_SITE_REQUEST"],
    },
    async handle(req, res) {
      const { token } = await readWayIn(req, res, linkBody);
      sendJson(res, 200, JSON.stringify(viewOfLink(await lookAtLink(ctx.db, token))));
    },
  };
}

/** What somebody may know who has not signed in. */
function aboutVisitors({ config }: Context): Route {
  return {
    method: "get",
    path: "/v1/entrance",
    needs: "nothing",
    about: {
      summary: "Show who may make an account",
      says: "For whoever has none yet.",
      answers: { 200: entranceView },
    },
    handle(req, res) {
      readQuery(req, []);
      const { signUp } = config;
      sendJson(res, 200, JSON.stringify({ signUp } satisfies EntranceView));
    },
  };
}
