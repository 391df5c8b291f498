import {
  captured,
  declined,
  declinedOnPurchase,
  extended,
  held,
  released,
} from "../http/answer-views.ts";
import { ofAsk, ofBound } from "../http/openapi-problems.ts";
import type { About } from "../http/route.ts";
import { captureBody, extendBody, holdBody, releaseBody } from "./wire.ts";

const key = "in header or body";
const problems = [...ofAsk, ...ofBound, "UNKNOWN_MERCHANT", "UNKNOWN_PURCHASE"] as const;

export const aboutHold: About = {
  summary: "Create a hold",
  says: "The claim and the debit of a commit, kept until `expiresAt`; then it gives itself back.",
  body: holdBody,
  key,
  answers: { 201: held, 200: declined },
  problems: [
    ...ofAsk,
    ...ofBound,
    "UNKNOWN_MERCHANT",
    "UNKNOWN_ITEM",
    "UNKNOWN_MANDATE",
    "AMOUNT_MISMATCH",
    "CURRENCY_MISMATCH",
  ],
};

export const aboutCapture: About = {
  summary: "Capture a hold",
  says: "Settles it, whole or in part, once; the rest returns. Also after a pause or a revoke.",
  body: captureBody,
  key,
  answers: { 201: captured, 200: declinedOnPurchase },
  problems,
};

export const aboutExtend: About = {
  summary: "Extend a hold",
  says: "Moves its end to `holdSeconds` from now, and never to before.",
  body: extendBody,
  key,
  answers: { 201: extended, 200: declinedOnPurchase },
  problems,
};

export const aboutRelease: About = {
  summary: "Release a hold",
  says: "Gives units and money back before the hold ends by itself.",
  body: releaseBody,
  key,
  answers: { 201: released, 200: declinedOnPurchase },
  problems,
};
