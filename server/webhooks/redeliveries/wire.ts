import { z } from "zod";
import { rfc3339 } from "../../http/cursor.ts";
import { count, id, listOf, moment, time } from "../../http/shapes.ts";
import { redeliveryStates, rowsMax, type Redelivery } from "./store.ts";

/** The bodies and answers of /v1/webhook-redeliveries. */

export const redeliverBody = z
  .strictObject({
    since: moment.meta({ description: "Deliveries that were made due from then on." }),
    delivered: z
      .boolean("must be true or false")
      .optional()
      .meta({ default: false, description: "True: also what was delivered already." }),
  })
  .meta({ id: "NewWebhookRedelivery", examples: [{ since: "2026-11-20T15:47:00Z" }] });

export const redeliveryView = z
  .object({
    id,
    webhookId: id,
    since: time,
    delivered: z.boolean(),
    state: z.enum(redeliveryStates).meta({
      description:
        "`running`: a worker goes on with it. `stopped`: by hand; what is due stays due.",
    }),
    total: count.meta({ description: "How many deliveries there were since then, of any state." }),
    seen: count.meta({ description: "How many of them were looked at." }),
    redelivered: count.meta({ description: "How many of those were made due again." }),
    secondsLeft: count.nullable().meta({
      description:
        "How long looking at the rest will take at the pace so far. Null: nobody can tell yet, or it has ended.",
    }),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .meta({
    id: "WebhookRedelivery",
    description: "Events that are sent again, all since a moment.",
  });

export const redeliveryList = listOf("WebhookRedeliveryList", redeliveryView);

export type RedeliveryView = z.output<typeof redeliveryView>;

export function viewOfRedelivery(redelivery: Redelivery): RedeliveryView {
  const { redeliveryId, endpointId, since, createdAt, endedAt } = redelivery;
  const { delivered, state, total, seen, redelivered } = redelivery;
  return {
    id: redeliveryId,
    webhookId: endpointId,
    since: rfc3339(since),
    delivered,
    state,
    total,
    seen,
    redelivered,
    secondsLeft: secondsLeft(redelivery),
    createdAt: rfc3339(createdAt),
    endedAt: endedAt === null ? null : rfc3339(endedAt),
  };
}

/** The first piece is done by the request itself and tells nothing of the worker's pace. */
export function secondsLeft({
  state,
  total,
  seen,
  secondsAtWork,
}: Pick<Redelivery, "state" | "total" | "seen" | "secondsAtWork">): number | null {
  if (state !== "running" || seen <= rowsMax || secondsAtWork <= 0) return null;
  return Math.max(0, Math.ceil(((total - seen) * secondsAtWork) / (seen - rowsMax)));
}
