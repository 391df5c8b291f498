import { z } from "zod";
import { rfc3339 } from "../http/cursor.ts";
import { pageQuery } from "../http/list.ts";
import { id, listOf, moment, time, uuid, whole, words } from "../http/shapes.ts";
import { deliveryStates, type Attempt, type Delivery } from "./deliveries.ts";
import type { Endpoint } from "./endpoints.ts";
import { fromColumn, kinds, sampleOf, says, testKind } from "./kinds.ts";

/** The bodies and answers of /v1/webhooks. */

const url = z
  .string("must be a string")
  .max(2_000, "must have 2000 characters at most")
  .meta({ description: "Where the events go: HTTPS, to a public address, on port 443 or 8443." });

const wanted = z
  .array(z.enum(kinds, `must be one of ${kinds.join(", ")}`), "must be a list")
  .min(1, "must name at least one kind")
  .max(kinds.length, "must name each kind once")
  .meta({ description: "The kinds of events to hear of; all of them when it is left out." });

const description = words(200).meta({ description: "For people: whose it is, what it does." });

const fields = { url, events: wanted.optional(), description: description.optional() };

export const endpointBody = z.strictObject(fields).meta({
  id: "NewWebhook",
  examples: [{ url: "https://shop.example.com/hooks", events: ["purchase.committed"] }],
});

export const changeBody = z
  .strictObject({
    url: url.optional(),
    events: wanted.nullable().optional(),
    description: description.nullable().optional(),
  })
  .meta({
    id: "WebhookChange",
    description:
      "What is left out stays as it is; `events: null` is all of them, `description: null` none.",
    examples: [{ events: ["purchase.committed", "purchase.refunded"] }],
  });

const overlapMax = 604_800;
export const overlapDefault = 86_400;

export const rotateBody = z
  .strictObject({
    overlapSeconds: whole(0, overlapMax).optional().meta({
      default: overlapDefault,
      description: "For how long the secret of before goes on signing beside the new one.",
    }),
  })
  .meta({ id: "WebhookRotation", examples: [{ overlapSeconds: overlapDefault }] });

const listed = [...kinds, testKind] as const;

export const deliveriesQuery = pageQuery.extend({
  state: z.enum(deliveryStates, `must be one of ${deliveryStates.join(", ")}`).optional(),
  event: z.enum(listed, `must be one of ${listed.join(", ")}`).optional(),
  from: moment.optional().meta({ description: "Due from this moment on." }),
  to: moment.optional().meta({ description: "Due before this moment." }),
});

export const ofPurchaseQuery = z.object({
  purchaseId: uuid.meta({ description: "The purchase that the events are about." }),
});

const standings = ["delivered", "pending", "retrying", "failed", "skipped"] as const;
export type Standing = (typeof standings)[number];

const standingOf = new Map(standings.map((word) => [word.charAt(0), word]));

export const endpointView = z
  .object({
    id,
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()).nullable().meta({ description: "Null: all kinds." }),
    state: z.enum(["enabled", "disabled"]),
    disabledReason: z.enum(["by_hand", "gone", "failing"]).nullable().meta({
      description:
        "`gone`: it answered 410. `failing`: no delivery succeeded for days. Null while it is enabled.",
    }),
    failingSince: time
      .nullable()
      .meta({ description: "The first failure since the last success." }),
    oldSecretUntil: time.nullable().meta({
      description: "Until then the secret of before signs, too; null when it does not.",
    }),
    recent: z.array(z.enum(standings)).meta({
      description:
        "How its last 30 deliveries stand, newest first. `retrying`: the last attempt failed, and another is to come.",
    }),
    createdAt: time,
  })
  .meta({ id: "Webhook", description: "Where events are sent." });

export const madeView = endpointView
  .extend({
    secret: z.string().optional().meta({
      description: "What deliveries are signed with: in the first answer, and nowhere else.",
    }),
  })
  .meta({ id: "MadeWebhook" });

export const endpointList = listOf("WebhookList", endpointView);

export type EndpointView = z.output<typeof endpointView>;

export function viewOfEndpoint(endpoint: Endpoint): EndpointView {
  const { endpointId, state, disabledReason, failingSince, oldSecretUntil } = endpoint;
  return {
    id: endpointId,
    url: endpoint.url,
    description: endpoint.description,
    events: fromColumn(endpoint.kinds)?.slice() ?? null,
    state,
    disabledReason,
    failingSince: failingSince === null ? null : rfc3339(failingSince),
    oldSecretUntil: oldSecretUntil === null ? null : rfc3339(oldSecretUntil),
    recent: endpoint.recent.split("").flatMap((letter) => standingOf.get(letter) ?? []),
    createdAt: rfc3339(endpoint.createdAt),
  };
}

const deliveryFields = {
  id,
  webhookId: id,
  eventId: id.meta({ description: "The `webhook-id` header: the same in every attempt." }),
  event: z.string(),
  state: z.enum(deliveryStates).meta({
    description:
      "`pending`: it is due, or will be. `failed`: it is not tried again. `skipped`: it happened while the webhook was disabled.",
  }),
  attempts: z.int(),
  nextAttemptAt: time.nullable(),
  deliveredAt: time.nullable(),
  lastStatus: z.int().nullable(),
  lastFault: z.string().nullable().meta({ description: "Why the last attempt got no status." }),
  lastMs: z.int().nullable(),
  lastAnswer: z
    .string()
    .nullable()
    .meta({ description: "How the receiver's last answer began: 120 characters at most." }),
  createdAt: time,
};

export const deliveryView = z
  .object(deliveryFields)
  .meta({ id: "WebhookDelivery", description: "An event that is owed to a webhook." });

const attemptView = z.object({
  attempt: z.int(),
  at: time,
  status: z.int().nullable(),
  fault: z.string().nullable(),
  ms: z.int(),
  answer: z.string().meta({ description: "How the receiver's answer began." }),
  request: z
    .object({ url: z.string(), headers: z.record(z.string(), z.string()) })
    .nullable()
    .meta({ description: "As it was sent, with `payload` as its body; null when nothing was." }),
});

export const wholeDeliveryView = z
  .object({
    ...deliveryFields,
    payload: z.string().meta({ description: "The body, byte for byte as it is signed." }),
    log: z
      .array(attemptView)
      .meta({ description: "The attempts, the last one first; 100 at most." }),
  })
  .meta({ id: "WholeWebhookDelivery" });

export const deliveryList = listOf("WebhookDeliveryList", deliveryView);

export type DeliveryView = z.output<typeof deliveryView>;

export const deliveriesOfPurchase = z
  .object({ data: z.array(deliveryView).meta({ description: "Newest first; 200 at most." }) })
  .meta({ id: "DeliveriesOfPurchase" });

export type DeliveriesOfPurchase = z.output<typeof deliveriesOfPurchase>;

const orNull = (at: string | null): string | null => (at === null ? null : rfc3339(at));

export function viewOfDelivery(delivery: Delivery): z.output<typeof deliveryView> {
  const { deliveryId, endpointId, eventId, state, attempts, lastStatus, lastFault } = delivery;
  return {
    id: deliveryId,
    webhookId: endpointId,
    eventId,
    event: delivery.kind,
    state,
    attempts,
    nextAttemptAt: orNull(delivery.dueAt),
    deliveredAt: orNull(delivery.deliveredAt),
    lastStatus,
    lastFault,
    lastMs: delivery.lastMs,
    lastAnswer: delivery.lastAnswer,
    createdAt: rfc3339(delivery.createdAt),
  };
}

export type WholeDeliveryView = z.output<typeof wholeDeliveryView>;
export type AttemptView = z.output<typeof attemptView>;
export type KindsView = z.output<typeof kindsView>;
export type MadeView = z.output<typeof madeView>;

export function wholeViewOf(
  delivery: Delivery,
  attempts: readonly Attempt[],
): z.output<typeof wholeDeliveryView> {
  const log = attempts.map(({ at, sentTo, sentHeaders, ...one }) => ({
    ...one,
    at: rfc3339(at),
    request:
      sentTo === null || sentHeaders === null
        ? null
        : { url: sentTo, headers: JSON.parse(sentHeaders) as Record<string, string> },
  }));
  return { ...viewOfDelivery(delivery), payload: delivery.payload, log };
}

export const kindsView = z
  .object({
    data: z.array(
      z.object({
        event: z.string(),
        says: z.string(),
        sample: z.string().meta({ description: "A body as it would be sent." }),
      }),
    ),
  })
  .meta({ id: "WebhookEvents" });

export function viewOfKinds(): z.output<typeof kindsView> {
  const [eventId, at] = ["019aa0f5-1d55-7a10-8c22-91d4c6e7f055", "2026-11-20T15:47:00.512Z"];
  const test = { event: testKind, says: "Sent when it is asked for." } as const;
  const all = [...kinds.map((event) => ({ event, says: says[event] })), test];
  const data = all.map((one) => ({ ...one, sample: sampleOf(one.event, eventId, at) }));
  return { data };
}
