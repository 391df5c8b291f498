import { pageQuery } from "../http/list.ts";
import type { About } from "../http/route.ts";
import { nothing } from "../http/shapes.ts";
import * as wire from "./wire.ts";

const unknown = ["UNKNOWN_WEBHOOK"] as const;

export const aboutKinds: About = {
  summary: "List the kinds of events",
  says: "What a webhook can hear of, each with a body as it would be sent.",
  answers: { 200: wire.kindsView },
};

export const aboutCreate: About = {
  summary: "Create a webhook",
  says: "Signed as in [Standard Webhooks](https://www.standardwebhooks.com). It hears of what happens from now on. `secret` stands in the first answer and nowhere else. 20 for a tenant at most.",
  body: wire.endpointBody,
  key: "required",
  answers: { 201: wire.madeView },
  problems: ["VALIDATION_FAILED", "TOO_MANY_WEBHOOKS", "KEY_REUSED"],
};

export const aboutList: About = {
  summary: "List webhooks",
  query: pageQuery,
  answers: { 200: wire.endpointList },
};

export const aboutShow: About = {
  summary: "Get a webhook",
  answers: { 200: wire.endpointView },
  problems: unknown,
};

export const aboutChange: About = {
  summary: "Change a webhook",
  body: wire.changeBody,
  answers: { 200: wire.endpointView },
  problems: [...unknown, "VALIDATION_FAILED"],
};

export const aboutEnable: About = {
  summary: "Enable a webhook",
  says: "What it was owed when it was disabled is due as its schedule says; that, and what happened since, can be redelivered at once.",
  body: nothing,
  answers: { 200: wire.endpointView },
  problems: unknown,
};

export const aboutDisable: About = {
  summary: "Disable a webhook",
  says: "What happens meanwhile is kept as `skipped`, for 30 days.",
  body: nothing,
  answers: { 200: wire.endpointView },
  problems: unknown,
};

export const aboutRotate: About = {
  summary: "Rotate the secret of a webhook",
  says: "Both secrets sign until the overlap is over. The new one stands in the first answer and nowhere else.",
  body: wire.rotateBody,
  key: "required",
  answers: { 200: wire.madeView },
  problems: [...unknown, "KEY_REUSED"],
};

export const aboutExpire: About = {
  summary: "Expire the old secret of a webhook",
  says: "From the next attempt on only the new secret signs. Without an old one nothing changes.",
  body: nothing,
  answers: { 200: wire.endpointView },
  problems: unknown,
};

export const aboutTest: About = {
  summary: "Test a webhook",
  says: "A `webhook.test` event is due at once; what came of it stands in the delivery.",
  body: nothing,
  key: "required",
  answers: { 201: wire.deliveryView },
  problems: [...unknown, "WEBHOOK_DISABLED", "KEY_REUSED"],
};

export const aboutDelete: About = {
  summary: "Delete a webhook",
  says: "What it was told stays on record for 30 days.",
  answers: { 200: wire.endpointView },
  problems: unknown,
};

export const aboutDeliveries: About = {
  summary: "List deliveries of a webhook",
  says: "Those of the last 30 days. A filter may give a short page, or an empty one: go on while there is a `nextCursor`.",
  query: wire.deliveriesQuery,
  answers: { 200: wire.deliveryList },
  problems: [...unknown, "VALIDATION_FAILED", "BAD_CURSOR"],
};

export const aboutOfPurchase: About = {
  summary: "List deliveries of a purchase",
  says: "What the webhooks that there are were told about it in the last 30 days, newest first.",
  query: wire.ofPurchaseQuery,
  answers: { 200: wire.deliveriesOfPurchase },
  problems: ["VALIDATION_FAILED", "UNKNOWN_PURCHASE"],
};

export const aboutDelivery: About = {
  summary: "Get a delivery",
  says: "With its body and the attempts that were made.",
  answers: { 200: wire.wholeDeliveryView },
  problems: ["UNKNOWN_DELIVERY"],
};

export const aboutRedeliver: About = {
  summary: "Redeliver an event",
  says: "Due at once, from the beginning of the schedule, whatever came of it before.",
  body: nothing,
  answers: { 200: wire.deliveryView },
  problems: ["UNKNOWN_DELIVERY", "UNKNOWN_WEBHOOK", "WEBHOOK_DISABLED"],
};
