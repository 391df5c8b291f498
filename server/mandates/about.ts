import { ofBound } from "../http/openapi-problems.ts";
import { mandateBody, rulesBody } from "../http/new-mandate.ts";
import type { About } from "../http/route.ts";
import { nothing } from "../http/shapes.ts";
import * as wire from "./wire.ts";

export const aboutCreate: About = {
  summary: "Create a mandate",
  says: "An absent rule forbids nothing, an empty list allows nothing.",
  body: mandateBody,
  key: "required",
  answers: { 201: wire.wholeMandateView },
  problems: [...ofBound, "UNKNOWN_MERCHANT", "UNKNOWN_ITEM"],
};

export const aboutList: About = {
  summary: "List mandates",
  says: "Each with where its money is.",
  query: wire.listQuery,
  answers: { 200: wire.mandateList },
  problems: ["KEY_NOT_FOR_MANDATE"],
};

export const aboutShow: About = {
  summary: "Get a mandate",
  says: "With what is left by the cap and by each limit.",
  answers: { 200: wire.wholeMandateView },
  problems: ["KEY_NOT_FOR_MANDATE", "UNKNOWN_MANDATE"],
};

export const aboutConstraints: About = {
  summary: "List a mandate's constraints",
  says:
    "All that a sale is held against, in the order in which it is: the first that forbids it is the " +
    "reason of the decline. With what is used of each limit now.",
  answers: { 200: wire.constraintList },
  problems: ["KEY_NOT_FOR_MANDATE", "UNKNOWN_MANDATE"],
};

/** A change is answered with the mandate as it is after it. */
const change = (summary: string, says: string, body: About["body"] = nothing): About => ({
  summary,
  says,
  body,
  key: "optional",
  answers: { 200: wire.wholeMandateView },
  problems: [...ofBound, "UNKNOWN_MANDATE", "MANDATE_REVOKED", "BUSY"],
});

export const aboutPause = change(
  "Pause a mandate",
  "Once this is answered nothing is bought under it; holds can be captured still.",
);

export const aboutActivate = change("Activate a mandate", "Ends a pause.");

export const aboutRevoke = change(
  "Revoke a mandate",
  "For good. Holds can be captured still, unless they are released with it.",
  wire.revokeBody,
);

export const aboutCap: About = {
  ...change("Set a mandate's cap", "Higher or lower, not below what is spent.", wire.capBody),
  problems: [...ofBound, "UNKNOWN_MANDATE", "MANDATE_REVOKED", "CAP_BELOW_SPENT", "BUSY"],
};

export const aboutTopUp: About = {
  ...change("Top up a mandate", "Adds to the cap, once for its key.", wire.topUpBody),
  key: "required",
};

export const aboutReshard = change(
  "Reshard a mandate",
  "Deals its money over more slices, or over fewer.",
  wire.reshardBody,
);

export const aboutRules: About = {
  ...change(
    "Set a mandate's rules",
    "All of them anew: one that is not named is none from now on. What was spent counts under a new limit.",
    rulesBody,
  ),
  problems: [
    ...ofBound,
    "UNKNOWN_MANDATE",
    "UNKNOWN_MERCHANT",
    "UNKNOWN_ITEM",
    "MANDATE_REVOKED",
    "BUSY",
  ],
};
